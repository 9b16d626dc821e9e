"""One form for equal values, whatever reader gave them: never by way of a float or a rounding."""

import datetime as dt
import json
import re
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

TRUTH = {True: True, False: False, "true": True, "false": False}
DAY = 86_400 * 10**9
UNITS = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}
MOMENT = re.compile(r"([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d:.*?))?( BC| \(BC\))?")
CLOCK = re.compile(r"([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)?")
ISO = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?")
DAYS = re.compile(r"(?:(-?\d+) days? ?)?(.*)")


class Nanoseconds(int):
    """A moment that is counted already."""


def canon(value: Any, dtype: Any) -> Any:
    """Return what is equal for equal values of a type; raise TypeError for what is not of it."""
    if value is None:
        return None
    dtype = dtype() if isinstance(dtype, type) else dtype
    rules: list[tuple[bool, Callable[[Any], Any]]] = [
        (dtype.is_nested(), lambda one: _nested(one, dtype)),
        (dtype == pl.Boolean, TRUTH.__getitem__),
        (dtype.is_integer(), _integer),
        (isinstance(dtype, pl.Decimal), _decimal),
        (dtype == pl.Float64, lambda one: struct.pack("<d", _float(one))),
        (dtype == pl.Float32, lambda one: struct.pack("<f", _float(one))),
        (dtype.is_temporal(), lambda one: moment(one, dtype)),
        (
            dtype == pl.Binary,
            lambda one: bytes.fromhex(one) if isinstance(one, str) else bytes(one),
        ),
        (True, _text),
    ]
    return next(rule for applies, rule in rules if applies)(value)


def moment(value: Any, dtype: Any) -> int:
    """Return days of a date, nanoseconds of everything else."""
    if isinstance(value, int):
        is_counted = isinstance(value, Nanoseconds) or dtype == pl.Date
        return int(value) if is_counted else value * UNITS[getattr(dtype, "time_unit", "ns")]
    if isinstance(value, dt.timedelta):
        return (value // dt.timedelta(microseconds=1)) * 1000
    text = value if isinstance(value, str) else value.isoformat()
    if isinstance(dtype, (pl.Duration, pl.Time)):
        return _duration(text) if isinstance(dtype, pl.Duration) else _clock(text)
    days, clock = _day(text)
    if isinstance(dtype, pl.Date) and clock:
        raise TypeError(f"{text!r} is no date")
    return days if isinstance(dtype, pl.Date) else days * DAY + (_clock(clock) if clock else 0)


def _day(text: str) -> tuple[int, str]:
    found = MOMENT.fullmatch(text.strip())
    if found is None:
        raise TypeError(f"{text!r} is no date")
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    year = 1 - year if found[5] else year
    return _days_of(year, month, day), found[4] or ""


def _days_of(year: int, month: int, day: int) -> int:
    """Count days from 1970-01-01 in the calendar of today, carried back to all years."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _clock(text: str) -> int:
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise TypeError(f"{text!r} is no time")
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4])
    whole = seconds * 10**9 + int((found[5] or "").ljust(9, "0"))
    zone = found[6] or ""
    offset = 0
    if zone not in ("", "Z"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        offset = -offset if zone[0] == "-" else offset
    return (-whole if found[1] == "-" else whole) - offset * 10**9


def _duration(text: str) -> int:
    if found := ISO.fullmatch(text):
        days, hours, minutes, seconds = (int(found[at] or 0) for at in (2, 3, 4, 5))
        whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        size = whole * 10**9 + int((found[6] or "").ljust(9, "0"))
        return -size if found[1] else size
    found = DAYS.fullmatch(text)
    assert found is not None
    clock = _clock(found[2]) if found[2] else 0
    return int(found[1] or 0) * 86_400 * 10**9 + clock


def _integer(value: Any) -> int:
    if isinstance(value, float) or (isinstance(value, Decimal) and value != int(value)):
        raise TypeError(f"{value!r} is no whole number")
    return int(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float")
    return Decimal(value)


def _float(value: Any) -> float:
    number = float(value)
    return abs(number) if number != number else number  # noqa: PLR0124 (NaN has many forms)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _nested(value: Any, dtype: Any) -> Any:
    if isinstance(value, str):
        value = json.loads(value, parse_float=Decimal)
    if isinstance(dtype, pl.Map):
        pairs = value.items() if isinstance(value, Mapping) else [_pair(one) for one in value]
        return sorted((canon(key, dtype.key), canon(held, dtype.value)) for key, held in pairs)
    if isinstance(dtype, pl.Struct):
        names = [field.name for field in dtype.fields]
        if set(value) != set(names):
            raise TypeError(f"{value!r} has not the fields {names}")
        return {field.name: canon(value[field.name], field.dtype) for field in dtype.fields}
    return [canon(one, dtype.inner) for one in value]


def _pair(one: Any) -> tuple[Any, Any]:
    return (one["key"], one["value"]) if isinstance(one, Mapping) else one
