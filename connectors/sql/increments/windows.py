"""How far a read looks back: a duration for dates and timestamps, a number for numbers."""

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation

Window = timedelta | Decimal

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d{1,9}[wdhms])+")
_LONGEST = timedelta(days=3_650_000)


def window_of(text: str) -> Window | None:
    """Return what `2h`, `1d12h` or `1000` mean, None for nothing; ValueError for anything else."""
    plain = "".join(text.lower().split())
    if _DURATION.fullmatch(plain):
        parts = re.findall(r"(\d+)([wdhms])", plain)
        length = timedelta(seconds=sum(int(count) * _SECONDS[unit] for count, unit in parts))
        return min(length, _LONGEST) or None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ValueError(
            f"{text!r} is no window to look back; give a duration such as 30m, 2h, 7d or 1d12h, or "
            "a number where the cursor is one"
        )
    return number or None
