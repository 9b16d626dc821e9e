"""Schedules against slow references that look at every second or minute, for random expressions."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigError
from jobs.cron import parse

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# The machine may be busy; that is no finding.
patient = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def fields(draw, least: int, greatest: int):
    """Return the text of a field and the set of numbers that it means."""
    kind = draw(st.sampled_from(["*", "*/n", "a", "a,b", "a-b", "a-b/n", "a/n"]))
    first, second = sorted(draw(st.tuples(*[st.integers(least, greatest)] * 2)))
    step = draw(st.integers(1, max(greatest - least, 1)))
    return {
        "*": ("*", set(range(least, greatest + 1))),
        "*/n": (f"*/{step}", set(range(least, greatest + 1, step))),
        "a": (f"{first}", {first}),
        "a,b": (f"{second},{first}", {first, second}),
        "a-b": (f"{first}-{second}", set(range(first, second + 1))),
        "a-b/n": (f"{first}-{second}/{step}", set(range(first, second + 1, step))),
        "a/n": (f"{first}/{step}", set(range(first, greatest + 1, step))),
    }[kind]


@st.composite
def weekdays(draw, first: int, last: int):
    """Return a day-of-week field, by number or name, and its days with Sunday as 0."""
    text, numbers = draw(fields(first, last))
    if draw(st.booleans()) and text.isdigit():
        text = NAMES[(int(text) - first) % 7]
    return text, {(number - first) % 7 for number in numbers}


@st.composite
def expressions(draw, dialect: str):
    """Return an expression, the sets of its fields, and whether either kind of day is enough."""
    minute, hour = draw(fields(0, 59)), draw(fields(0, 23))
    day, month = draw(fields(1, 31)), draw(fields(1, 12))
    is_orc = dialect == "orc"
    weekday = draw(weekdays(1, 7) if is_orc else weekdays(0, 7))
    chosen = [minute, hour, day, month, weekday]
    if is_orc or draw(st.booleans()):
        chosen.insert(0, draw(fields(0, 59)))
        sets = [numbers for _, numbers in chosen]
    else:
        sets = [{0}, *(numbers for _, numbers in chosen)]
    restricted = sets[3] != set(range(1, 32)) and sets[5] != set(range(7))
    return " ".join(text for text, _ in chosen), sets, restricted and not is_orc


def fits(shown: datetime, sets: list[set[int]], *, is_either: bool) -> bool:
    second, minute, hour, day, month, weekday = sets
    days = [shown.day in day, shown.isoweekday() % 7 in weekday]
    return (
        shown.second in second
        and shown.minute in minute
        and shown.hour in hour
        and shown.month in month
        and (any(days) if is_either else all(days))
    )


def slow_next(shown: datetime, sets: list[set[int]], *, is_either: bool) -> datetime | None:
    """Look at day after day, hour after hour, and so on, for forty years."""
    day = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(366 * 40):
        if fits(
            day.replace(second=min(sets[0]), minute=min(sets[1]), hour=min(sets[2])),
            sets,
            is_either=is_either,
        ):
            for hour in sorted(sets[2]):
                for minute in sorted(sets[1]):
                    for second in sorted(sets[0]):
                        found = day.replace(hour=hour, minute=minute, second=second)
                        if found > shown:
                            return found
        day += timedelta(days=1)
    return None


moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1))
dialects = st.sampled_from(["classic", "orc"])


@patient
@given(st.data(), dialects, moments)
def test_the_next_start_is_the_one_that_a_slow_search_finds(data, dialect, shown):
    text, sets, is_either = data.draw(expressions(dialect))
    expected = slow_next(shown, sets, is_either=is_either)
    try:
        schedule = parse(text, dialect)
    except ConfigError:
        assert expected is None, text
        return
    found = schedule.next_after(shown.replace(tzinfo=UTC), UTC)
    assert found == (None if expected is None else expected.replace(tzinfo=UTC)), text


@patient
@given(st.data(), dialects, moments, st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]))
def test_starts_are_strictly_later_and_come_in_order(data, dialect, shown, zone_name):
    text, _, _ = data.draw(expressions(dialect))
    zone, moment = ZoneInfo(zone_name), shown.replace(tzinfo=UTC)
    try:
        schedule = parse(text, dialect)
    except ConfigError:
        assume(False)
    first = schedule.next_after(moment, zone)
    assume(first is not None)
    assert first > moment
    assert schedule.next_after(first - timedelta(microseconds=1), zone) == first
    assert schedule.next_after(moment + (first - moment) / 2, zone) == first


def shown_in(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def slow_starts(begin: datetime, minutes: int, zone: ZoneInfo, sets, *, is_either: bool):
    """Return the starts within so many minutes, by looking at what the clock shows at each."""
    all_shown = [(begin + MINUTE * n, shown_in(begin + MINUTE * n, zone)) for n in range(minutes)]
    if sets[2] == set(range(24)):
        return [at for at, shown in all_shown if fits(shown, sets, is_either=is_either)]
    found, latest = [], all_shown[0][1]
    for at, shown in all_shown[1:]:
        # Every time that the clock passes or jumps over for the first time.
        passed = []
        while latest < shown:
            latest += MINUTE
            passed.append(latest)
        if any(fits(time, sets, is_either=is_either) for time in passed):
            found.append(at)
    return found


@patient
@given(
    minute=fields(0, 59),
    hour=fields(0, 23),
    weekday=weekdays(0, 7),
    offset=st.integers(0, 60 * 30),
    changed=st.sampled_from(
        [
            ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
            ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
            ("America/St_Johns", datetime(2026, 11, 1, 0, tzinfo=UTC)),
            ("Australia/Lord_Howe", datetime(2026, 4, 4, 3, tzinfo=UTC)),
            ("Australia/Lord_Howe", datetime(2026, 10, 3, 3, tzinfo=UTC)),
            ("America/Havana", datetime(2026, 11, 1, 0, tzinfo=UTC)),
            ("Africa/Cairo", datetime(2026, 10, 29, 12, tzinfo=UTC)),
        ]
    ),
)
def test_on_days_when_the_clock_is_changed_a_slow_search_finds_the_same_starts(
    minute, hour, weekday, offset, changed
):
    zone, begin = ZoneInfo(changed[0]), changed[1]
    sets = [{0}, minute[1], hour[1], set(range(1, 32)), set(range(1, 13)), weekday[1]]
    schedule = parse(f"{minute[0]} {hour[0]} * * {weekday[0]}", "classic")
    starts = slow_starts(begin, 60 * 48, zone, sets, is_either=False)
    moment = begin + MINUTE * offset
    expected = next((start for start in starts if start > moment), None)
    found = schedule.next_after(moment, zone)
    if expected is None:
        assert found is None or found > begin + MINUTE * (60 * 48 - 1)
    else:
        assert found == expected


@patient
@given(st.text(max_size=30) | st.text("0123456789*/-,? @LWSUNMOevryhdaily", max_size=30))
def test_whatever_is_written_is_a_schedule_or_a_named_fault(text):
    for dialect in ("classic", "orc", "olake"):
        try:
            schedule = parse(text, dialect)
        except ConfigError:
            continue
        assert parse(schedule.text, dialect) == schedule
        schedule.next_after(datetime(2026, 1, 1, tzinfo=UTC), UTC)


@patient
@given(
    moments,
    moments,
    st.sampled_from(["45-minutes", "7-hours", "3-days", "2-weeks", "5-months", "1-years"]),
    st.sampled_from(["UTC", "Europe/Berlin"]),
)
def test_an_interval_starts_on_its_grid_and_soon_enough(start, moment, text, zone_name):
    zone, schedule = ZoneInfo(zone_name), parse(text, "olake")
    begun, now = start.replace(tzinfo=UTC), moment.replace(tzinfo=UTC)
    assume(begun < now)
    found = schedule.next_after(now, zone, start=begun)
    assert found > now
    longest = {"m": 0.04, "h": 0.3, "d": 3.1, "w": 14.1, "o": 154, "y": 367}
    letter = text.partition("-")[2][0] if "months" not in text else "o"
    assert found - now <= timedelta(days=longest[letter])
    assert schedule.next_after(found - timedelta(microseconds=1), zone, start=begun) == found
