"""Values of parameters, as plain JSON and as Python has them.

Text, numbers, truth and null are themselves; what JSON has no word for is said as
`{"type": "date", "value": "2026-01-31"}`. A list stands for several values, as in `IN (:ids)`.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from connectors.sql.pushing import moment_text

Scalar = str | int | float | bool | Decimal | dt.date | None
Value = Scalar | tuple[Scalar, ...]
MOST_VALUES = 10_000
_WHOLE = 2**63


def encoded(value: Value) -> Any:
    """Return a value as plain JSON."""
    if isinstance(value, tuple):
        return [encoded(item) for item in value]
    if isinstance(value, dt.datetime):
        return {"type": "datetime", "value": value.isoformat()}
    if isinstance(value, dt.date):
        return {"type": "date", "value": value.isoformat()}
    return {"type": "number", "value": str(value)} if isinstance(value, Decimal) else value


def decoded(given: Any) -> Value:
    """Return the value that plain JSON means; ValueError says what it may be."""
    if isinstance(given, list | tuple):
        if not 1 <= len(given) <= MOST_VALUES:
            raise ValueError(f"a list has 1 to {MOST_VALUES:,} values, not {len(given):,}")
        return tuple(_scalar(item) for item in given)
    return _scalar(given)


def _scalar(given: Any) -> Scalar:
    if isinstance(given, Mapping):
        return _typed(given)
    if isinstance(given, str):
        return _text(given)
    if isinstance(given, bool) or given is None:
        return given
    if isinstance(given, int) and -_WHOLE <= given < _WHOLE:
        return given
    if isinstance(given, float) and isfinite(given):
        return given
    raise ValueError("a value is text, a number of at most 64 bits, true, false, null or a list")


def _text(given: str) -> str:
    try:
        given.encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds no halves of characters") from None
    if "\0" in given:
        raise ValueError("a text holds no NUL character")
    return given


def _typed(given: Mapping[str, Any]) -> Scalar:
    kind, text = given.get("type"), given.get("value")
    if not isinstance(text, str) or len(given) != 2:
        raise ValueError('write it as {"type": "date", "value": "2026-01-31"}')
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind == "datetime":
        return dt.datetime.fromisoformat(text)
    if kind == "number":
        return _decimal(text)
    raise ValueError(f"unknown type {kind!r}; known: date, datetime, number")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None
    if not number.is_finite() or len(number.as_tuple().digits) > 38 or abs(number.adjusted()) > 38:
        raise ValueError(f"{text!r} is no number of at most 38 digits")
    return number


def moment(value: dt.date) -> str:
    """Return a date or time as databases write it, with its zone, which is UTC, if it has one."""
    text = moment_text(value)
    return f"{text}+00:00" if isinstance(value, dt.datetime) and value.tzinfo else text
