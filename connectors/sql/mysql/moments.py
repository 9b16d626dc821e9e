"""Dates and times of the binary protocol, many at a time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.mysql.types import Column

Ints = np.ndarray[Any, np.dtype[Any]]
_LENGTHS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Return days since 1970, and which of the dates a calendar has.

    MySQL knows days and months of number 0, and with ALLOW_INVALID_DATES the 30th of February.
    """
    year, month, day = year.astype(np.int64), month.astype(np.int64), day.astype(np.int64)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    is_month = (month >= 1) & (month <= 12)
    length = _LENGTHS[np.where(is_month, month, 0)] - ((month == 2) & ~is_leap)
    is_real = is_month & (day >= 1) & (day <= length)
    # Years that begin with March end with the day that is not always there.
    shifted, since = year - (month <= 2), (month + 9) % 12
    before = shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400
    return before + (since * 306 + 5) // 10 + day - 1 - 719_468, is_real


def microseconds(hour: Ints, minute: Ints, second: Ints, micro: Ints) -> Ints:
    """Return the microseconds since midnight."""
    seconds = (hour.astype(np.int64) * 60 + minute) * 60 + second
    return seconds * 1_000_000 + micro


def durations(sign: Ints, day: Ints, clock: Sequence[Ints]) -> Ints:
    """Return times, which may be negative and longer than a day, in microseconds."""
    length = day.astype(np.int64) * 86_400_000_000 + microseconds(*clock)
    return np.where(sign == 1, -length, length)


def texts(
    column: "Column", date: tuple[Ints, Ints, Ints], clock: Sequence[Ints], valid: Ints | None
) -> "pl.Series":
    """Return dates as the server would print them, those that no calendar has included."""
    import polars as pl

    from connectors.sql.mysql.types import DATE

    names = ("y", "m", "d", "h", "i", "s", "f")
    parts = pl.DataFrame(
        {name: part.astype(np.int64) for name, part in zip(names, (*date, *clock), strict=True)}
    )

    def padded(name: str, width: int) -> "pl.Expr":
        return pl.col(name).cast(pl.String).str.zfill(width)

    text = pl.format("{}-{}-{}", padded("y", 4), padded("m", 2), padded("d", 2))
    if column.field.type != DATE:
        text = pl.format("{} {}:{}:{}", text, padded("h", 2), padded("i", 2), padded("s", 2))
        if column.field.scale:
            digits = padded("f", 6).str.head(column.field.scale)
            text = pl.format("{}.{}", text, digits)
    found = parts.select(text.alias(column.name)).to_series()
    if valid is None:
        return found
    return found.to_frame().select(pl.when(pl.Series(valid)).then(pl.col(column.name))).to_series()
