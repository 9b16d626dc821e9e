"""Whether rows fit the columns of a PostgreSQL table that is there, and how they get into them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.columns import fits
from connectors.sql.growing import Growth, check_rows, wider
from connectors.sql.postgres.catalog import Kept
from connectors.sql.postgres.types import MONEY, NUMERIC, ROUNDED, Column, declared
from connectors.sql.postgres.writing import carried, held, inner, is_json

if TYPE_CHECKING:
    import polars as pl

_INTERVAL = 1186
_MICROSECONDS = 6
# Decimals with more are read as text.
_DIGITS = 38
# text, varchar, char(n) and arrays of the first two
_TEXTS = {25, 1043, 1042, 1009, 1015}
_JSON = ("json", "jsonb")


def check_target(
    schema: Mapping[str, "pl.DataType"],
    columns: Mapping[str, Kept],
    table: str,
    *,
    evolve: bool = False,
) -> Growth:
    """Return how the columns of an existing table must grow for these rows: not at all, mostly.

    Refuses rows that they cannot hold exactly, with `evolve` those for which no type is wide enough.
    """
    finer: dict[str, pl.DataType] = {}
    for name in schema:
        if name not in columns:
            continue
        if not columns[name].is_writable:
            raise ConfigError(f"{table} computes column {name!r} itself; drop it from the rows")
        if _rounds(columns[name].column, schema[name]):
            found = _finer(columns[name].column, schema[name]) if evolve else None
            if found is None:
                raise ConfigError(
                    f"Column {name!r} of {table} is declared with fewer digits than the rows may "
                    "bring and would round them in silence; widen its type, or replace the table"
                )
            finer[name] = found
    growth = check_rows(
        {name: _normal(dtype) for name, dtype in schema.items()},
        {
            name: finer.get(name) or _accepts(kept, schema.get(name))
            for name, kept in columns.items()
        },
        evolve=evolve,
        required=[name for name, kept in columns.items() if kept.is_required],
        table=table,
    )
    return Growth(growth.added, {**growth.widened, **finer})


def _finer(column: Column, given: "pl.DataType") -> "pl.DataType | None":
    """Return the type with room for all digits of both sides, None where there is none."""
    import polars as pl

    if column.oid == NUMERIC:
        precision, scale = declared(column.typmod)
        is_plain = 0 <= scale <= precision <= _DIGITS
        return wider(pl.Decimal(precision, scale), given) if is_plain else None
    given = _normal(given)
    if column.oid == _INTERVAL and isinstance(given, pl.Duration):
        return given
    return column.dtype if given.is_temporal() and fits(given, column.dtype) else None


def _normal(dtype: "pl.DataType") -> "pl.DataType":
    """Return a type as PostgreSQL would give it back, as far as its fit is concerned."""
    import polars as pl

    if isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns":
        # Every batch is looked at: nanoseconds end the load.
        return pl.Datetime("us", dtype.time_zone)
    if isinstance(dtype, pl.Array):
        return pl.List(_normal(inner(dtype)))
    return pl.List(_normal(inner(dtype))) if isinstance(dtype, pl.List) else dtype


def _accepts(kept: Kept, given: "pl.DataType | None") -> "pl.DataType":
    """Return the type that a column holds; the given one where PostgreSQL holds that as well."""
    import polars as pl

    column, dtype = kept.column, kept.column.dtype
    if given is None:
        return dtype
    given = _normal(given)
    if column.oid == NUMERIC and (size := _digits(given)):
        precision, scale = declared(column.typmod) if column.typmod >= 0 else (1000, 500)
        return given if size[0] <= precision - scale else dtype
    if column.oid == _INTERVAL and isinstance(given, pl.Duration):
        return given
    if column.oid == MONEY:
        return pl.Decimal(19, 2)
    if kept.type_name in _JSON and is_json(given):
        return given
    return dtype


def _digits(dtype: "pl.DataType") -> tuple[int, int] | None:
    """Return how many digits stand before and after the point, None where it is no exact number."""
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return dtype.precision - dtype.scale, dtype.scale
    if not dtype.is_integer():
        return None
    bits = int(str(dtype).removeprefix("U").removeprefix("Int")) - dtype.is_signed_integer()
    return len(str(2**bits)), 0


def _rounds(column: Column, given: "pl.DataType") -> bool:
    """Whether a column keeps fewer digits than the rows bring, and would not say a word."""
    import polars as pl

    if column.typmod < 0:
        return False
    if column.oid == NUMERIC:
        size = _digits(given)
        return given == pl.String() if size is None else size[1] > declared(column.typmod)[1]
    return column.oid in ROUNDED and column.typmod != _MICROSECONDS


def moved(name: str, kept: Kept | None, dtype: "pl.DataType") -> str:
    """Return the expression that moves a staged column (quoted name) into its target column."""
    import polars as pl

    if kept is None:
        return name
    if is_json(dtype):
        return f"{name}::{kept.type_name}"
    if carried(dtype, "") == "text":
        return f"{name}::numeric"
    if isinstance(dtype, (pl.List, pl.Array)) and held("", dtype).startswith("numeric"):
        return f"{name}::{kept.type_name}"
    texts = (pl.String, pl.Categorical, pl.Enum, pl.List(pl.String), pl.Array)
    is_text = dtype in texts and kept.column.dtype in (pl.String(), pl.List(pl.String()))
    # What is read as text is written as text: uuid, json, inet, enums, intervals …
    if dtype == pl.Null or (is_text and kept.column.oid not in _TEXTS):
        return f"{name}::{kept.type_name}"
    return name
