"""Whether rows fit the columns of a MySQL table that is there, and how they get into them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.growing import check_rows
from connectors.sql.mysql import types as kinds
from connectors.sql.mysql.catalog import Kept
from connectors.sql.mysql.types import Reading, digits_of, dtype_of
from connectors.sql.mysql.writing import held as held_as

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Plan:
    """SQL types of the columns that a table lacks, and wider ones for some of its own."""

    added: Mapping[str, str] = field(default_factory=dict)
    widened: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether the table changes at all."""
        return bool(self.added or self.widened)


def check_target(
    schema: Mapping[str, "pl.DataType"],
    columns: Mapping[str, Kept],
    table: str,
    instants: str,
    *,
    evolve: bool = False,
) -> Plan:
    """Return how the columns of an existing table must grow for these rows: not at all, mostly.

    Refuses rows that they cannot hold exactly, with `evolve` those for which no type is wide enough.
    """
    _require_writable(schema, columns, table)
    given = {name.lower(): dtype for name, dtype in schema.items()}
    growth = check_rows(
        {name: _normal(dtype) for name, dtype in schema.items()},
        {
            name: _within(kept)
            if evolve and kept.field.type == kinds.INT24
            else _accepts(kept, given.get(name.lower()), instants)
            for name, kept in columns.items()
        },
        evolve=evolve,
        required=[name for name, kept in columns.items() if kept.is_required],
        is_case_sensitive=False,
        table=table,
    )
    if not evolve:
        return Plan()
    added = {name: held_as(name, schema[name], instants=instants) for name in growth.added}
    finer = {name: _finer(kept, given.get(name.lower())) for name, kept in columns.items()}
    widened = {name: kind for name, kind in finer.items() if kind is not None}
    for name, dtype in growth.widened.items():
        widened[name] = held_as(name, dtype, instants=instants).removesuffix(" NULL")
    return Plan(added, widened)


def _require_writable(
    schema: Mapping[str, "pl.DataType"], columns: Mapping[str, Kept], table: str
) -> None:
    known = {name.lower(): kept for name, kept in columns.items()}
    for name in schema:
        kept = known.get(name.lower())
        if kept is not None and kept.is_computed:
            raise ConfigError(f"{table} computes column {name!r} itself; drop it from the rows")
        if kept is not None and kept.type.startswith(("float(", "double(")):
            raise ConfigError(
                f"Column {name!r} of {table} is declared as {kept.type} and would round the rows "
                "in silence; widen its type, or replace the table"
            )


def _within(kept: Kept) -> "pl.DataType":
    """Return the whole numbers that three bytes hold for sure."""
    import polars as pl

    return pl.UInt16() if kept.field.is_unsigned else pl.Int16()


def _finer(kept: Kept, given: "pl.DataType | None") -> str | None:
    """Return the type with all digits of a second that the rows may have, None where it has them."""
    import polars as pl

    found = re.fullmatch(r"(datetime|timestamp|time)(?:\((\d)\))?", kept.type)
    if found is None or not isinstance(given, (pl.Datetime, pl.Time, pl.Duration)):
        return None
    wanted = 3 if getattr(given, "time_unit", "us") == "ms" else 6
    return f"{found[1].upper()}({wanted})" if int(found[2] or 0) < wanted else None


def _normal(dtype: "pl.DataType") -> "pl.DataType":
    """Return a type as MySQL would give it back; every batch is looked at for lost digits."""
    import polars as pl

    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", None if dtype.time_zone is None else "UTC")
    if isinstance(dtype, pl.Duration):
        return pl.Duration("us")
    if dtype.is_nested():
        return pl.String()
    return pl.Float32() if dtype == pl.Float16() else dtype


def _accepts(kept: Kept, given: "pl.DataType | None", instants: str) -> "pl.DataType":
    """Return the type that a column holds; the given one where MySQL holds that as well."""
    import polars as pl

    held = dtype_of(kept.field, Reading(tinyint1="integer"))
    if given is None:
        return held
    given, kind = _normal(given), kept.field.type
    if given == pl.Boolean() and kind in (*kinds.WIDTHS, kinds.BIT):
        return held if kind in (kinds.FLOAT, kinds.DOUBLE, kinds.YEAR) else given
    if kind == kinds.TIME and isinstance(given, (pl.Time, pl.Duration)):
        return given
    if kind == kinds.DATETIME and instants == "datetime" and isinstance(given, pl.Datetime):
        return given
    if kind == kinds.DECIMAL and (size := _digits(given)):
        precision, scale = digits_of(kept.field)
        return given if size[0] <= precision - scale and size[1] <= scale else held
    return pl.UInt64() if held == pl.Boolean() else held


def _digits(dtype: "pl.DataType") -> tuple[int, int] | None:
    """Return how many digits stand before and after the point, None where it is no exact number."""
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return dtype.precision - dtype.scale, dtype.scale
    if not dtype.is_integer():
        return None
    bits = int(str(dtype).removeprefix("U").removeprefix("Int")) - dtype.is_signed_integer()
    return len(str(2**bits)), 0


def moved(column: str, kept: Kept | None) -> str:
    """Return the expression that moves a staged column (quoted name) into its target column."""
    if kept is not None and kept.field.type == kinds.GEOMETRY:
        return f"ST_GeomFromWKB({column})"
    return column
