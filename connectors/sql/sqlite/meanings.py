"""What a SQLite column's declared type promises, and how to see whether its values keep it."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from connectors.sql.sqlite.types import MOMENTS, WIDE

if TYPE_CHECKING:
    import polars as pl

Unit = Literal["ns", "us", "ms"]


@dataclass(frozen=True)
class Meaning:
    """What a declared type promises: a Polars type, a storage class, and how to see the promise.

    `test` is an SQL condition on `{c}` that holds where a value really is of the type. Every value
    is tested, so the forms that Millrace writes are told by one GLOB, and others by a second look.
    """

    dtype: "pl.DataType"
    storage: str
    test: str


_D = "[0-9]"
_DAY = f"{_D * 4}-{_D}{_D}-{_D}{_D}"
_CLOCK = f"[0-2]{_D}:[0-5]{_D}:[0-5]{_D}"
# SQLite's own function moves the days that a month lacks into the next one.
_REAL_DAY = "date(substr({c}, 1, 10), '+0 days') = substr({c}, 1, 10)"
_DIGITS = {"ms": 3, "us": 6, "ns": 9}


def meaning(declared_type: str) -> Meaning | None:
    """Return what a declared type promises beyond SQLite's own classes, None where nothing."""
    import polars as pl

    kind = declared_type.upper().strip()
    if kind in ("BOOLEAN", "BOOL"):
        return Meaning(pl.Boolean(), "integer", "{c} IN (0, 1)")
    if kind == "DATE":
        return Meaning(pl.Date(), "text", f"{{c}} GLOB '{_DAY}' AND {_REAL_DAY}")
    if kind == "TIME":
        return Meaning(pl.Time(), "text", f"substr({{c}}, 1, 2) < '24' AND ({_form(_CLOCK, 9)})")
    wide = {text: dtype for dtype, text in WIDE.items()}
    if kind in wide:
        return Meaning(getattr(pl, wide[kind])(), "text", _number(0, 39))
    return _decimal(kind) or _moment(kind) or _interval(kind)


def _number(scale: int, precision: int) -> str:
    """Return the condition of a decimal number with exactly `scale` digits behind its point."""
    end, letters = (f".{_D * scale}", ".0-9") if scale else ("", "0-9")
    return (
        f"{{c}} GLOB '*{_D}{end}' AND {{c}} NOT GLOB '*[^{letters}-]*' AND {{c}} NOT GLOB '?*-*' "
        f"AND {{c}} NOT GLOB '*.*.*' AND length({{c}}) <= {precision + 3}"
    )


def _form(pattern: str, digits: int, end: str = "") -> str:
    """Return the condition that a clock's pattern and at most `digits` behind its point match."""
    written = f"{{c}} GLOB '{pattern}.{_D * min(digits, 6)}{end}'"
    # Whatever stands between the seconds and the end.
    start = 9 + 11 * pattern.startswith(_DAY)
    rest = f"substr({{c}}, {start}, length({{c}}) - {start - 1 + len(end)})"
    return (
        f"CASE WHEN {written} THEN 1 ELSE {{c}} GLOB '{pattern}*{end}' AND ({rest} = '' OR "
        f"({rest} GLOB '.{_D}*' AND substr({rest}, 2) NOT GLOB '*[^0-9]*' "
        f"AND length({rest}) <= {digits + 1})) END"
    )


def _decimal(kind: str) -> Meaning | None:
    import polars as pl

    found = re.fullmatch(r"DECIMAL_TEXT\((\d+),(\d+)\)", kind)
    if found is None:
        return None
    precision, scale = int(found[1]), int(found[2])
    return Meaning(pl.Decimal(precision, scale), "text", _number(scale, precision))


def _moment(kind: str) -> Meaning | None:
    import polars as pl

    plain = kind.removesuffix(" WITH TIME ZONE").replace("TIMESTAMPTZ", "TIMESTAMP")
    is_zoned = plain != kind
    units = {text: unit for unit, text in MOMENTS.items()} | {"DATETIME": "us"}
    if plain not in units:
        return None
    unit = cast("Unit", units[plain])
    form = _form(f"{_DAY} {_CLOCK}", _DIGITS[unit], "+00:00" if is_zoned else "")
    test = f"{_REAL_DAY} AND substr({{c}}, 12, 2) < '24' AND ({form})"
    return Meaning(pl.Datetime(unit, "UTC" if is_zoned else None), "text", test)


def _interval(kind: str) -> Meaning | None:
    import polars as pl

    unit = kind.removeprefix("INTERVAL_").lower()
    if unit not in MOMENTS or unit == kind.lower():
        return None
    return Meaning(pl.Duration(cast("Unit", unit)), "integer", "true")


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
