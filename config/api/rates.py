"""Rates as settings write them: `60/min`, `10/15min`, `0` for no limit."""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import ImproperlyConfigured

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
FORM = re.compile(r"(?P<number>[0-9]{1,9})/(?P<times>[1-9][0-9]{0,5})?(?P<unit>s|min|h|d)")


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds."""

    number: int
    seconds: int


@lru_cache
def read(text: str) -> Rate | None:
    """Return the rate, or None for no limit; a ValueError says what a rate looks like."""
    text = text.replace(" ", "")
    if text in ("", "0"):
        return None
    found = FORM.fullmatch(text)
    if found is None:
        raise ValueError("a rate is a number and a time, such as 60/min, 10/15min, 5/s or 100/h")
    seconds = int(found["times"] or 1) * UNITS[found["unit"]]
    number = int(found["number"])
    return Rate(number, seconds) if number else None


def checked(name: str, text: str) -> str:
    """Return the text of a setting if it is a rate; else ImproperlyConfigured says what is wrong."""
    try:
        read(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={text!r}: {error}; 0 means no limit.") from error
    return text
