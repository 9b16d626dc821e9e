"""Schedules: when work starts next, read from each dialect that a client may speak.

`classic`: five fields, or six with seconds first. `orc`: six or seven fields (seconds first, a year
last), Sunday is 1, day of month AND day of week must both fit; five fields are classic. `olake`:
`45-minutes`, `hourly`, `@every 1h30m`, or five to seven fields. All know `@hourly` … `@yearly` and
`@manual`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from croniter import CroniterBadDateError, croniter

from connectors.errors import ConfigError
from jobs import walltime
from jobs.cron_fields import CLASSIC_WEEKDAY, ORC_WEEKDAY, Field, read_fields

MANUAL = "@manual"
SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
# Leap days fall on each weekday within forty years.
FAR_ENOUGH_YEARS = 50


class Schedule(ABC):
    """When work starts; `text` says it in its dialect and means the same when it is read again."""

    text: str

    @abstractmethod
    def next_after(
        self, moment: datetime, zone: tzinfo, *, start: datetime | None = None
    ) -> datetime | None:
        """Return the first start strictly after a moment, in UTC; None if there is none.

        `zone` is where the clock hangs that cron fields and days are read from; intervals are
        counted from `start`, or from the moment itself where it is not given.
        """


@dataclass(frozen=True)
class Manual(Schedule):
    """Work that only a person starts."""

    text: str = MANUAL

    def next_after(
        self,
        moment: datetime,
        zone: tzinfo,
        *,
        start: datetime | None = None,
    ) -> datetime | None:
        """Return nothing."""
        return None


@dataclass(frozen=True)
class Every(Schedule):
    """Work that starts again and again after the same time: seconds, days or months."""

    text: str
    seconds: int = 0
    days: int = 0
    months: int = 0

    def next_after(
        self, moment: datetime, zone: tzinfo, *, start: datetime | None = None
    ) -> datetime | None:
        """Return the first start after the moment on the grid that begins at `start`."""
        anchor = (moment if start is None else start).astimezone(zone)
        if self.seconds:
            step = timedelta(seconds=self.seconds)
            passed = (moment.astimezone(UTC) - anchor.astimezone(UTC)) // step
            return anchor.astimezone(UTC) + max(passed + 1, 1) * step
        return walltime.next_calendar_step(anchor, moment, days=self.days, months=self.months)


@dataclass(frozen=True)
class Cron(Schedule):
    """Work that starts when the clock on the wall shows fitting numbers."""

    text: str
    # What croniter reads: seconds first, Sunday is 0. It knows no year after 2099, so years are ours.
    expression: str
    years: frozenset[int] | None
    is_either_day: bool
    is_every_hour: bool

    def next_after(
        self,
        moment: datetime,
        zone: tzinfo,
        *,
        start: datetime | None = None,
    ) -> datetime | None:
        """Return the first fitting moment; a skipped hour counts once, so does a doubled one.

        Schedules of every hour follow the time that really passes instead.
        """
        search = walltime.next_elapsed if self.is_every_hour else walltime.next_shown
        return search(moment, zone, self._next_shown)

    def _next_shown(self, shown: datetime) -> datetime | None:
        """Return what a clock shows at the next start, after what it shows now."""
        while True:
            found = self._search(shown)
            if found is None or self.years is None or found.year in self.years:
                return found
            later = [year for year in self.years if year > found.year]
            if not later:
                return None
            shown = datetime(min(later), 1, 1) - walltime.SECOND  # noqa: DTZ001 - a shown time

    def _search(self, shown: datetime) -> datetime | None:
        search = croniter(
            self.expression,
            shown,
            ret_type=datetime,
            day_or=self.is_either_day,
            second_at_beginning=True,
            max_years_between_matches=FAR_ENOUGH_YEARS,
        )
        try:
            found: datetime = search.get_next()
        except (CroniterBadDateError, OverflowError):
            return None
        return found


# --- Dialects ----------------------------------------------------------------------------------

FIVE = "minute, hour, day of month, month, day of week"
SIX = f"second, {FIVE}"
SEVEN = f"{SIX}, year"
WORDS = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
}
INTERVAL = re.compile(r"(\d{1,6})-(minute|hour|day|week|month|year)s?")
# What the echo of an interval says for each unit.
LETTERS = {"minute": "m", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}
DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
CALENDAR = re.compile(r"(\d{1,6})(d|w|mo|y)")


def parse(text: str, dialect: str) -> Schedule:
    """Return the schedule that a text means in `classic`, `orc` or `olake`.

    Raises ConfigError that names the part at fault and what would be right.
    """
    if dialect not in DIALECTS:
        raise ConfigError(f"Unknown dialect {dialect!r}; known: {', '.join(DIALECTS)}")
    return DIALECTS[dialect](" ".join(text.split()))


def _classic(text: str) -> Schedule:
    if text in ("", "manual", MANUAL):
        return Manual()
    meaning = SHORTHANDS.get(text, text)
    _refuse_unknown_shorthand(meaning)
    counts = {5: FIVE, 6: SIX}
    return _cron(text, counts, CLASSIC_WEEKDAY, is_either_day=True, meaning=meaning)


def _orc(text: str) -> Schedule:
    if not text:
        raise ConfigError(f"The schedule is empty; use {MANUAL}", field="schedule")
    if text == MANUAL or text in SHORTHANDS or len(text.split()) == 5:
        return _classic(text)
    _refuse_unknown_shorthand(text)
    return _cron(text, {5: FIVE, 6: SIX, 7: SEVEN}, ORC_WEEKDAY, is_either_day=False)


def _olake(text: str) -> Schedule:
    text = text.lower()
    if interval := INTERVAL.fullmatch(text):
        return _every(f"{interval[1]}{LETTERS[interval[2]]}", text)
    if text.startswith("@every "):
        return _every(text.removeprefix("@every "), text)
    if text in WORDS:
        return _classic(WORDS[text])
    if len(text.split()) == 7:
        return _cron(text, {7: SEVEN}, CLASSIC_WEEKDAY, is_either_day=True)
    return _classic(text)


def _cron(
    text: str,
    counts: Mapping[int, str],
    weekday: Field,
    *,
    is_either_day: bool,
    meaning: str | None = None,
) -> Cron:
    """Read a cron expression; a shorthand has a `meaning` other than its text."""
    found = read_fields(meaning or text, counts, weekday, is_either_day=is_either_day)
    return Cron(text, found.expression, found.years, is_either_day, found.is_every_hour)


def _every(period: str, text: str) -> Every:
    """Read `45m`, `1h30m`, `90s`, or a calendar's `2d`, `1w`, `3mo`, `1y`."""
    seconds = days = months = 0
    if calendar := CALENDAR.fullmatch(period):
        count, unit = int(calendar[1]), calendar[2]
        days = count * {"d": 1, "w": 7}.get(unit, 0)
        months = count * {"mo": 1, "y": 12}.get(unit, 0)
    elif duration := DURATION.fullmatch(period):
        hours, minutes, rest = (int(number or 0) for number in duration.groups())
        seconds = hours * 3600 + minutes * 60 + rest
    if not seconds + days + months or days > 36_600 or months > 1_200:
        raise ConfigError(
            f"{text!r} is no interval between a second and a century; write 45-minutes or "
            "@every 1h30m",
            field="schedule",
        )
    return Every(f"@every {period}", seconds, days, months)


def _refuse_unknown_shorthand(text: str) -> None:
    if text.startswith("@"):
        known = ", ".join([*SHORTHANDS, MANUAL])
        raise ConfigError(f"Unknown shorthand {text!r}; known: {known}", field="schedule")


DIALECTS: Mapping[str, Callable[[str], Schedule]] = {
    "classic": _classic,
    "orc": _orc,
    "olake": _olake,
}
