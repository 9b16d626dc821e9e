"""How each PostgreSQL type is read: what Polars gets, and the SQL that brings it there unharmed.

DuckDB's scanner reads the common types from the binary protocol. What it would change (numerics
without a precision, padded text, zones of a time, intervals with months …) the server itself turns
into text, or into a decimal that holds every value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.sql.names import quoted
from connectors.sql.postgres.errors import spoiled_text, unsaid

if TYPE_CHECKING:
    import polars as pl

NUMERIC, NUMERIC_ARRAY, MONEY, OID, TIME = 1700, 1231, 790, 26, 1083
# Types whose cast to text says something else than the server prints: char(n) loses its padding,
# inet gains a length. Their own output functions do not.
BPCHAR, INET = 1042, 869
_PRINTED = {BPCHAR: "bpcharout", INET: "inet_out"}
# Times of all kinds, where a type modifier says how many digits of a second are kept.
ROUNDED = {1083, 1114, 1184, 1186, 1266}
# int2vector and oidvector call themselves arrays, but cannot be cast as such.
_VECTORS = {22, 30}
_EPOCH_BC = -210_866_803_200_000_000  # 4713 BC in microseconds, where PostgreSQL's time begins
_EPOCH_BC_DAYS = -2_440_588
# Polars knows no dates from the year 262143 on; infinity is far beyond.
_END_DAYS = 95_026_237
_END = _END_DAYS * 86_400 * 10**6


@dataclass(frozen=True)
class Column:
    """One column as it is read: `sql` is an expression over the quoted name; `oid` is its type's.

    `guard` is an SQL condition that holds for values which would be spoiled on the way.
    """

    name: str
    oid: int
    typmod: int
    dtype: "pl.DataType"
    sql: str
    guard: str | None = None
    is_ordered: bool = False  # sorts the same way here and there, so it can be a cursor


def read_as(name: str, oid: int, typmod: int, *, is_array: bool) -> Column:
    """Return how a column of this type is read; `is_array` counts for types that we do not know."""
    import polars as pl

    at = quoted(name)
    natives = _natives()
    if oid in natives:
        dtype, is_ordered = natives[oid]
        # Polars would turn the end of the day into its beginning.
        guard = f"{at} = '24:00'" if oid == TIME else None
        return Column(name, oid, typmod, dtype, at, guard, is_ordered=is_ordered)
    if oid in (NUMERIC, NUMERIC_ARRAY) and (decimal := _decimal(typmod)):
        return _numeric(name, oid, typmod, decimal)
    if oid in _ARRAYS:
        guard = f"'24:00' = ANY ({at})" if _ARRAYS[oid] == TIME else None
        return Column(name, oid, typmod, pl.List(natives[_ARRAYS[oid]][0]), at, guard)
    return _read_through(name, oid, typmod, is_array=is_array)


def _read_through(name: str, oid: int, typmod: int, *, is_array: bool) -> Column:
    """Return how a column is read that the server has to bring into another form first."""
    import polars as pl

    at = quoted(name)
    if oid in _PRINTED:
        sql = f"pg_catalog.textin(pg_catalog.{_PRINTED[oid]}({at}))"
        return Column(name, oid, typmod, pl.String(), sql, is_ordered=oid == BPCHAR)
    if oid == MONEY:
        return Column(name, oid, typmod, pl.Decimal(23, 4), f"{at}::numeric(23,4)")
    if oid == OID:
        return Column(name, oid, typmod, pl.Int64(), f"{at}::int8", is_ordered=True)
    if is_array and oid not in _VECTORS:
        # By way of one text, for the same reason.
        return Column(name, oid, typmod, pl.List(pl.String()), f"{at}::text::text[]")
    return Column(name, oid, typmod, pl.String(), f"{at}::text")


def wanted_sql(columns: Sequence[Column]) -> str:
    """Return the list of a SELECT; its names are numbers, for DuckDB ignores upper and lower case."""
    return ", ".join(f'{column.sql} AS "c{number}"' for number, column in enumerate(columns))


def guarded_sql(columns: Iterable[Column]) -> str:
    """Return a condition that is always true, or ends the query where a value would be spoiled."""
    guarded = [column for column in columns if column.guard]
    if not guarded:
        return "true"
    cases = " ".join(
        f"WHEN {column.guard} THEN "
        # Not a constant, which the planner would work out (and fail on) beforehand.
        f"({_literal(spoiled_text(_midnight_or_nan(column), column.name))} || "
        f"{quoted(column.name)}::text)::int4 IS NULL"
        for column in guarded
    )
    any_of = " OR ".join(str(column.guard) for column in guarded)
    return f"(({any_of}) IS NOT TRUE OR CASE {cases} END)"


def _midnight_or_nan(column: Column) -> str:
    """Return what the guard of a column keeps out."""
    return "NaN" if column.oid in (NUMERIC, NUMERIC_ARRAY) else "24:00"


def named(frame: "pl.DataFrame", columns: Sequence[Column]) -> "pl.DataFrame":
    """Return a batch of the scanner under the names of its columns, all values verified."""
    import polars as pl

    frame.columns = [column.name for column in columns]
    verify(frame)
    schema = pl.Schema({column.name: column.dtype for column in columns})
    return frame if frame.schema == schema else frame.cast(schema)


def verify(frame: "pl.DataFrame") -> None:
    """Raise DataError where a date or time is infinite or beyond what Polars can say."""
    import polars as pl

    for series in frame.iter_columns():
        dtype, values = series.dtype, series
        if isinstance(dtype, pl.List):
            values = series.explode()
            dtype = values.dtype
        if not isinstance(dtype, (pl.Date, pl.Datetime)):
            continue
        physical = values.to_physical()
        low, high = physical.min(), physical.max()
        if low is not None and not _is_said(dtype, int(low), int(high)):  # type: ignore[arg-type]
            raise unsaid("infinity, or a time that is too far away", series.name)


def _is_said(dtype: "pl.DataType", low: int, high: int) -> bool:
    """Whether all values between these physical ones mean the same in PostgreSQL."""
    import polars as pl

    if isinstance(dtype, pl.Date):
        return low >= _EPOCH_BC_DAYS and high < _END_DAYS
    # What lies far beyond wraps around; it comes out below the beginning of time.
    factor = {"ms": 1000, "us": 1}.get(getattr(dtype, "time_unit", ""), 0)
    return low * factor >= _EPOCH_BC and high * factor < _END


def _natives() -> Mapping[int, tuple["pl.DataType", bool]]:
    """Map types that come through as they are to Polars types, and whether they make a cursor."""
    import polars as pl

    return {
        16: (pl.Boolean(), False),
        17: (pl.Binary(), False),
        20: (pl.Int64(), True),
        21: (pl.Int16(), True),
        23: (pl.Int32(), True),
        25: (pl.String(), True),
        700: (pl.Float32(), False),
        701: (pl.Float64(), False),
        1043: (pl.String(), True),
        1082: (pl.Date(), True),
        1083: (pl.Time(), False),
        1114: (pl.Datetime("us"), True),
        1184: (pl.Datetime("us", "UTC"), True),
        2950: (pl.String(), True),
    }


# Arrays whose elements come through as they are, by the type of the element.
_ARRAYS = {
    1000: 16,
    1005: 21,
    1007: 23,
    1016: 20,
    1009: 25,
    1015: 1043,
    1021: 700,
    1022: 701,
    1115: 1114,
    1182: 1082,
    1183: 1083,
    1185: 1184,
    2951: 2950,
}


def declared(typmod: int) -> tuple[int, int]:
    """Return precision and scale (perhaps a negative one) of a numeric's type modifier."""
    scale = (typmod - 4) & 0x7FF
    return (typmod - 4) >> 16 & 0xFFFF, (scale ^ 1024) - 1024


def _decimal(typmod: int) -> tuple[int, int, bool] | None:
    """Return precision, scale and whether PostgreSQL declares just them; None beyond 38 digits."""
    if typmod < 0:
        return None
    precision, scale = declared(typmod)
    # numeric(5,-2) counts in hundreds, numeric(3,5) in hundred-thousandths.
    wide, fine = max(precision - min(scale, 0), scale), max(scale, 0)
    return (wide, fine, wide == precision and fine == scale) if wide <= 38 else None


def _numeric(name: str, oid: int, typmod: int, decimal: tuple[int, int, bool]) -> Column:
    import polars as pl

    precision, scale, is_plain = decimal
    dtype: pl.DataType = pl.Decimal(precision, scale)
    at, suffix, guard = quoted(name), "", f"{quoted(name)} = 'NaN'"
    if oid == NUMERIC_ARRAY:
        dtype, suffix, guard = pl.List(dtype), "[]", f"'NaN' = ANY ({at})"
    sql = at if is_plain else f"{at}::numeric({precision},{scale}){suffix}"
    # The scanner would read NaN as 0.
    return Column(name, oid, typmod, dtype, sql, guard, is_ordered=oid == NUMERIC)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
