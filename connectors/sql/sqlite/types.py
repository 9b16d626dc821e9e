"""SQLite's declared types and Polars' types: how exact values are kept in five storage classes.

SQLite keeps numbers of 64 bits, text and bytes. What is none of these is kept as text or as a whole
number under a declared type that says what it means, and comes back as what it was: decimals and
wide integers as text (SQLite's own DECIMAL makes floats of them), dates, times and timestamps as
ISO 8601 text that SQLite's date functions understand, durations as a number of their unit.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, DataError

if TYPE_CHECKING:
    import polars as pl

# No declared type may hold the letters INT, FLOA, DOUB, REAL, CHAR or BLOB by accident: SQLite
# looks for them to choose how it stores the column.
WIDE = {"UInt64": "UNSIGNED64_TEXT", "Int128": "SIGNED128_TEXT", "UInt128": "UNSIGNED128_TEXT"}
_PLAIN = {
    "Boolean": "BOOLEAN",
    "Date": "DATE",
    "Time": "TIME",
    "Float16": "REAL",
    "Float32": "REAL",
    "Float64": "REAL",
    "String": "TEXT",
    "Categorical": "TEXT",
    "Enum": "TEXT",
    "Null": "TEXT",
    "Binary": "BLOB",
}
MOMENTS = {"ms": "TIMESTAMP_MS", "us": "TIMESTAMP", "ns": "TIMESTAMP_NS"}
_FORMATS = {"ms": "%Y-%m-%d %H:%M:%S%.3f", "us": "%Y-%m-%d %H:%M:%S%.6f"}
_NANOSECONDS = "%Y-%m-%d %H:%M:%S%.9f"


def declared(name: str, dtype: "pl.DataType") -> str:
    """Return the type that a column of `dtype` is declared with; ConfigError where there is none."""
    import polars as pl

    base = dtype.base_type().__name__
    if base in WIDE or base in _PLAIN:
        return WIDE.get(base) or _PLAIN[base]
    if dtype.is_integer():
        return "INTEGER"
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL_TEXT({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Duration):
        return f"INTERVAL_{dtype.time_unit.upper()}"
    if isinstance(dtype, pl.Datetime):
        zone = "" if dtype.time_zone is None else " WITH TIME ZONE"
        return MOMENTS[dtype.time_unit] + zone
    raise ConfigError(
        f"Column {name!r} is {dtype}, which SQLite cannot hold; turn it into JSON text or columns "
        "of its own in a step before"
    )


def written_as(
    schema: Mapping[str, "pl.DataType"], held: Mapping[str, "pl.DataType"]
) -> dict[str, "pl.DataType"]:
    """Return what rows are cast to, so that numbers and moments of a column are spelled alike."""
    import polars as pl

    folded = {name.lower(): dtype for name, dtype in held.items()}
    found = {name: folded.get(name.lower(), dtype) for name, dtype in schema.items()}
    return {
        name: dtype
        for name, dtype in found.items()
        if isinstance(dtype, (pl.Decimal, pl.Datetime))
        and dtype != schema[name]
        and schema[name] != pl.Null()
    }


def encoded(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Return the frame as SQLite keeps it: numbers of 64 bits, text and bytes.

    Raises DataError for NaN, for -0.0 and for years outside of 1 to 9999, which SQLite cannot keep.
    """
    return frame.with_columns(_encoded(frame.get_column(name)) for name in frame.columns)


def _encoded(series: "pl.Series") -> "pl.Series":
    import polars as pl

    dtype = series.dtype
    if dtype.is_float():
        if series.is_nan().any():
            raise DataError(
                f"Column {series.name!r} holds NaN, which SQLite would keep as NULL; replace it in "
                "a step before"
            )
        if ((series == 0) & (1 / series < 0)).any():
            raise DataError(
                f"Column {series.name!r} holds -0.0, which SQLite would keep as 0.0; replace it in "
                "a step before, or name the column in `text_columns`"
            )
        return series.cast(pl.Float64)
    if dtype in (pl.Date, pl.Datetime, pl.Time):
        return _moments(series)
    if dtype.base_type().__name__ in WIDE or isinstance(
        dtype, (pl.Decimal, pl.Categorical, pl.Enum)
    ):
        return series.cast(pl.String)
    if isinstance(dtype, pl.Duration):
        return series.to_physical()
    return series.cast(pl.Int8) if dtype == pl.Boolean else series


def _moments(series: "pl.Series") -> "pl.Series":
    """Return dates and times as text."""
    import polars as pl

    dtype = series.dtype
    if dtype == pl.Time:
        has_nanoseconds = (series.to_physical() % 1000 != 0).any()
        return series.dt.to_string("%H:%M:%S%.9f" if has_nanoseconds else "%H:%M:%S%.6f")
    if not series.dt.year().is_between(1, 9999).all():
        raise DataError(
            f"Column {series.name!r} holds a year outside of 1 to 9999, which SQLite cannot keep "
            "as a date; cast it to text in a step before"
        )
    if not isinstance(dtype, pl.Datetime):
        return series.dt.to_string("%Y-%m-%d")
    form = _FORMATS.get(dtype.time_unit, _NANOSECONDS)
    if dtype.time_zone is None:
        return series.dt.to_string(form)
    plain = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return plain.dt.to_string(form) + "+00:00"


def decoded(series: "pl.Series", dtype: "pl.DataType") -> "pl.Series":
    """Return a series of numbers, text or bytes as the type that it was kept for."""
    import polars as pl

    if series.dtype == dtype:
        return series
    if isinstance(dtype, pl.Date):
        return series.str.to_date("%Y-%m-%d")
    if isinstance(dtype, pl.Time):
        return series.str.to_time("%H:%M:%S%.f")
    if isinstance(dtype, pl.Datetime):
        plain = series.str.strip_suffix("+00:00") if dtype.time_zone else series
        moments = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit=dtype.time_unit)
        return moments.dt.replace_time_zone(dtype.time_zone) if dtype.time_zone else moments
    return series.cast(dtype)
