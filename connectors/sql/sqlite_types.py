"""SQLite's declared types and Polars' types: how exact values are kept in five storage classes.

SQLite keeps numbers of 64 bits, text and bytes. What is none of these is kept as text or as a whole
number under a declared type that says what it means, and comes back as what it was: decimals and
wide integers as text (SQLite's own DECIMAL makes floats of them), dates, times and timestamps as
ISO 8601 text that SQLite's date functions understand, durations as a number of their unit.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from connectors.errors import ConfigError, DataError

if TYPE_CHECKING:
    import polars as pl

# No declared type may hold the letters INT, FLOA, DOUB, REAL, CHAR or BLOB by accident: SQLite
# looks for them to choose how it stores the column.
_WIDE = {"UInt64": "UNSIGNED64_TEXT", "Int128": "SIGNED128_TEXT", "UInt128": "UNSIGNED128_TEXT"}
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
_MOMENTS = {"ms": "TIMESTAMP_MS", "us": "TIMESTAMP", "ns": "TIMESTAMP_NS"}
_FORMATS = {"ms": "%Y-%m-%d %H:%M:%S%.3f", "us": "%Y-%m-%d %H:%M:%S%.6f"}
_NANOSECONDS = "%Y-%m-%d %H:%M:%S%.9f"
Unit = Literal["ns", "us", "ms"]


def declared(name: str, dtype: "pl.DataType") -> str:
    """Return the type that a column of `dtype` is declared with; ConfigError where there is none."""
    import polars as pl

    base = dtype.base_type().__name__
    if base in _WIDE or base in _PLAIN:
        return _WIDE.get(base) or _PLAIN[base]
    if dtype.is_integer():
        return "INTEGER"
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL_TEXT({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Duration):
        return f"INTERVAL_{dtype.time_unit.upper()}"
    if isinstance(dtype, pl.Datetime):
        zone = "" if dtype.time_zone is None else " WITH TIME ZONE"
        return _MOMENTS[dtype.time_unit] + zone
    raise ConfigError(
        f"Column {name!r} is {dtype}, which SQLite cannot hold; turn it into JSON text or columns "
        "of its own in a step before"
    )


@dataclass(frozen=True)
class Meaning:
    """What a declared type promises: a Polars type, the storage class, and how to see the promise.

    `test` is an SQL condition on `{c}` that holds where a value really is of the type.
    """

    dtype: "pl.DataType"
    storage: str
    test: str


_DAY = "{c} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'"
_REAL_DAY = "date(substr({c}, 1, 10), '+0 days') = substr({c}, 1, 10)"


def _clock(start: int, digits: int, end: str = "") -> str:
    """Return the condition that `HH:MM:SS` and up to `digits` more stand from `start` on."""
    rest = f"substr({{c}}, {start + 8}, length({{c}}) - {start + 7 + len(end)})"
    tail = f" AND substr({{c}}, -{len(end)}) = '{end}'" if end else ""
    return (
        f"substr({{c}}, {start}, 8) GLOB '[0-2][0-9]:[0-5][0-9]:[0-5][0-9]' "
        f"AND substr({{c}}, {start}, 2) < '24'{tail} AND ({rest} = '' OR "
        f"({rest} GLOB '.[0-9]*' AND substr({rest}, 2) NOT GLOB '*[^0-9]*' "
        f"AND length({rest}) <= {digits + 1}))"
    )


def meaning(declared_type: str) -> Meaning | None:
    """Return what a declared type promises beyond SQLite's own classes, None where nothing."""
    import polars as pl

    kind = declared_type.upper().strip()
    if kind in ("BOOLEAN", "BOOL"):
        return Meaning(pl.Boolean(), "integer", "{c} IN (0, 1)")
    if kind == "DATE":
        return Meaning(pl.Date(), "text", f"{_DAY} AND length({{c}}) = 10 AND {_REAL_DAY}")
    if kind == "TIME":
        return Meaning(pl.Time(), "text", _clock(1, 9))
    wide = {text: dtype for dtype, text in _WIDE.items()}
    if kind in wide:
        test = "ltrim({c}, '-') NOT GLOB '*[^0-9]*' AND ltrim({c}, '-') <> ''"
        return Meaning(getattr(pl, wide[kind])(), "text", test)
    if kind.startswith("INTERVAL_"):
        unit = kind.removeprefix("INTERVAL_").lower()
        return (
            Meaning(pl.Duration(cast("Unit", unit)), "integer", "true")
            if unit in _MOMENTS
            else None
        )
    return _decimal(kind) or _moment(kind)


def _decimal(kind: str) -> Meaning | None:
    import polars as pl

    found = re.fullmatch(r"DECIMAL_TEXT\((\d+),(\d+)\)", kind)
    if found is None:
        return None
    precision, scale = int(found[1]), int(found[2])
    point = f"substr({{c}}, -{scale + 1}, 1) = '.' AND " if scale else ""
    digits = "replace(ltrim({c}, '-'), '.', '')"
    test = f"{point}{digits} NOT GLOB '*[^0-9]*' AND length({digits}) BETWEEN 1 AND {precision + 1}"
    return Meaning(pl.Decimal(precision, scale), "text", test)


def _moment(kind: str) -> Meaning | None:
    import polars as pl

    plain = kind.removesuffix(" WITH TIME ZONE").replace("TIMESTAMPTZ", "TIMESTAMP")
    is_zoned = plain != kind
    units = {text: unit for unit, text in _MOMENTS.items()} | {"DATETIME": "us"}
    if plain not in units:
        return None
    unit = cast("Unit", units[plain])
    digits = {"ms": 3, "us": 6, "ns": 9}[unit]
    clock = _clock(12, digits, "+00:00" if is_zoned else "")
    test = f"{_DAY} AND {_REAL_DAY} AND substr({{c}}, 11, 1) = ' ' AND {clock}"
    return Meaning(pl.Datetime(unit, "UTC" if is_zoned else None), "text", test)


def affinity(declared_type: str) -> str:
    """Return how SQLite stores a column of this declared type, by its own rules."""
    kind = declared_type.upper()
    rules = (
        ("INT", "integer"),
        ("CHAR|CLOB|TEXT", "text"),
        ("BLOB", "blob"),
        ("REAL|FLOA|DOUB", "real"),
    )
    if not kind:
        return "none"
    return next((name for letters, name in rules if re.search(letters, kind)), "numeric")


def held(declared_type: str, given: "pl.DataType") -> "pl.DataType":
    """Return what a column of this declared type holds, in the terms of the rows that are `given`.

    Columns without a type hold whatever SQLite has a class for, NUMERIC ones hold numbers.
    """
    import polars as pl

    promised = meaning(declared_type)
    if promised is not None:
        return promised.dtype
    kind = affinity(declared_type)
    own = {"integer": pl.Int64(), "text": pl.String(), "blob": pl.Binary(), "real": pl.Float64()}
    is_number = given in (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)
    is_number = is_number or given.is_float()
    if kind == "numeric":
        return given if is_number else pl.Int64()
    if kind == "none":
        return given if is_number or given in (pl.String, pl.Binary) else pl.String()
    return own[kind]


def encoded(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Return the frame as SQLite keeps it: numbers of 64 bits, text and bytes.

    Raises DataError for NaN and for years outside of 1 to 9999, which SQLite cannot keep.
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
        return series.cast(pl.Float64)
    if dtype in (pl.Date, pl.Datetime, pl.Time):
        return _moments(series)
    if dtype.base_type().__name__ in _WIDE or isinstance(
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
