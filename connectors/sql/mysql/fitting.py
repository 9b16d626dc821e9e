"""Whether rows fit the columns of a MySQL table that is there, and how they get into them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.columns import check_columns
from connectors.sql.mysql import types as kinds
from connectors.sql.mysql.catalog import Kept
from connectors.sql.mysql.types import Reading, digits_of, dtype_of

if TYPE_CHECKING:
    import polars as pl


def check_target(
    schema: Mapping[str, "pl.DataType"], columns: Mapping[str, Kept], table: str, instants: str
) -> None:
    """Refuse rows that the columns of an existing table cannot hold exactly."""
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
    given = {name.lower(): dtype for name, dtype in schema.items()}
    check_columns(
        {name: _normal(dtype) for name, dtype in schema.items()},
        {name: _accepts(kept, given.get(name.lower()), instants) for name, kept in columns.items()},
        required=[name for name, kept in columns.items() if kept.is_required],
        is_case_sensitive=False,
        table=table,
    )


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
