"""The fields of cron expressions: what each dialect allows in them, and what they mean.

Numbers are kept as croniter counts them: Sunday is 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.errors import ConfigError

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
LONGEST_MONTH = dict.fromkeys(range(1, 13), 31) | {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


@dataclass(frozen=True)
class Field:
    """One field of a cron expression; `shift` leads to croniter's numbers."""

    name: str
    least: int
    greatest: int
    names: Mapping[str, int]
    shift: int = 0
    hint: str = ""

    def read(self, text: str) -> frozenset[int]:
        """Return the numbers that a field allows, as croniter counts them."""
        if text == "?" and "day" in self.name:
            text = "*"
        allowed = {number for piece in text.split(",") for number in self._piece(piece)}
        if self.shift == 0 and self.greatest == 7:
            allowed = {number % 7 for number in allowed}
        return frozenset(number + self.shift for number in allowed)

    @property
    def everything(self) -> frozenset[int]:
        """Return all numbers, as croniter counts them."""
        return self.read("*")

    def _piece(self, piece: str) -> range:
        span, slash, step_text = piece.partition("/")
        step = self._step(step_text) if slash else 1
        if span == "*":
            return range(self.least, self.greatest + 1, step)
        first_text, dash, last_text = span.partition("-")
        first = self._number(first_text)
        if not dash:
            return range(first, (self.greatest if slash else first) + 1, step)
        last = self._number(last_text)
        if last == 0 and self.greatest == 7 and first > 0:
            last = 7
        if last < first:
            raise self._fault(f"{span!r} runs backwards; write two ranges with a comma")
        return range(first, last + 1, step)

    def _number(self, text: str) -> int:
        if text.upper() in self.names:
            return self.names[text.upper()]
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            names = f" or a name such as {next(iter(self.names))}" if self.names else ""
            raise self._fault(f"{text!r} is not a number in {self._span}{names}{self.hint}")
        if not self.least <= int(text) <= self.greatest:
            raise self._fault(f"{text} is not in {self._span}{self.hint}")
        return int(text)

    def _step(self, text: str) -> int:
        size = self.greatest - self.least
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= max(size, 1)):
            raise self._fault(f"step {text!r} is not in 1-{size}")
        return int(text)

    @property
    def _span(self) -> str:
        return f"{self.least}-{self.greatest}"

    def _fault(self, text: str) -> ConfigError:
        return ConfigError(f"{self.name} {text}", field="schedule")


def _weekdays(first: int) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(WEEKDAYS, first)}


SECOND, MINUTE, HOUR = (
    Field("second", 0, 59, {}),
    Field("minute", 0, 59, {}),
    Field("hour", 0, 23, {}),
)
DAY = Field("day of month", 1, 31, {})
MONTH = Field("month", 1, 12, {name: number for number, name in enumerate(MONTHS, 1)})
CLASSIC_WEEKDAY = Field("day of week", 0, 7, _weekdays(0), 0, " (Sunday is 0 or 7)")
ORC_WEEKDAY = Field("day of week", 1, 7, _weekdays(1), -1, " (Sunday is 1)")
YEAR = Field("year", 1970, 2100, {})


@dataclass(frozen=True)
class Fields:
    """A cron expression that was read: six fields for croniter, years, and if every hour fits."""

    expression: str
    years: frozenset[int] | None
    is_every_hour: bool


def read_fields(
    text: str, counts: Mapping[int, str], weekday: Field, *, is_either_day: bool
) -> Fields:
    """Read five fields, six with seconds first, or seven with a year last, as `counts` allows.

    Raises ConfigError that names the field at fault, and refuses days that never come.
    """
    texts = text.split()
    if len(texts) not in counts:
        known = "; ".join(f"{count}: {meaning}" for count, meaning in counts.items())
        raise ConfigError(
            f"{text!r} has {len(texts)} fields, and there can be {known}", field="schedule"
        )
    fields = [SECOND, MINUTE, HOUR, DAY, MONTH, weekday, YEAR]
    present = fields[1:6] if len(texts) == 5 else fields[: len(texts)]
    sets = {field.name: field.read(piece) for field, piece in zip(present, texts, strict=True)}
    sets.setdefault("second", frozenset({0}))
    _refuse_impossible_day(sets, weekday, is_either_day=is_either_day)
    shown = " ".join(_shown(field, sets[field.name]) for field in fields[:6])
    return Fields(shown, sets.get("year"), is_every_hour=sets["hour"] == HOUR.everything)


def _shown(field: Field, numbers: frozenset[int]) -> str:
    return "*" if numbers == field.everything else ",".join(map(str, sorted(numbers)))


def _refuse_impossible_day(
    sets: Mapping[str, frozenset[int]], weekday: Field, *, is_either_day: bool
) -> None:
    can_weekday_help = is_either_day and sets["day of week"] != weekday.everything
    longest = max(LONGEST_MONTH[month] for month in sets["month"])
    if min(sets["day of month"]) > longest and not can_weekday_help:
        months = ", ".join(MONTHS[month - 1] for month in sorted(sets["month"]))
        raise ConfigError(
            f"day of month {min(sets['day of month'])} never comes in {months}", field="schedule"
        )
