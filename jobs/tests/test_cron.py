"""Schedules in every dialect, by example."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import ConfigError
from jobs.cron import parse

BERLIN = ZoneInfo("Europe/Berlin")


def moment(text: str, zone=UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def starts(text: str, dialect: str, since: str, *, zone=UTC, count: int = 3) -> list[str]:
    """Return the next starts after a time that is shown in the zone, as shown there."""
    schedule, after = parse(text, dialect), moment(since, zone)
    found = []
    for _ in range(count):
        after = schedule.next_after(after, zone)
        if after is None:
            break
        found.append(after.astimezone(zone).isoformat(timespec="minutes"))
    return [text.removesuffix("+00:00") for text in found]


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        # 2026-01-01 is a Thursday.
        ("*/15 * * * *", "classic", ["2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"]),
        ("0 0 * * 1", "classic", ["2026-01-05T00:00", "2026-01-12T00:00", "2026-01-19T00:00"]),
        ("0 0 * * 7", "classic", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
        (
            "0 0 * * fri-sun",
            "classic",
            ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"],
        ),
        ("0 0 13 * 5", "classic", ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00"]),
        ("30 0 9 * * *", "classic", ["2026-01-01T09:00", "2026-01-02T09:00", "2026-01-03T09:00"]),
        ("0 0 9 * * *", "orc", ["2026-01-01T09:00", "2026-01-02T09:00", "2026-01-03T09:00"]),
        ("0 0 4 * * 1", "orc", ["2026-01-04T04:00", "2026-01-11T04:00", "2026-01-18T04:00"]),
        ("0 0 4 * * 7", "orc", ["2026-01-03T04:00", "2026-01-10T04:00", "2026-01-17T04:00"]),
        ("0 0 4 ? * MON", "orc", ["2026-01-05T04:00", "2026-01-12T04:00", "2026-01-19T04:00"]),
        ("0 0 0 13 * 6", "orc", ["2026-02-13T00:00", "2026-03-13T00:00", "2026-11-13T00:00"]),
        ("0 0 0 1 1 * 2027-2028", "orc", ["2027-01-01T00:00", "2028-01-01T00:00"]),
        ("0 0 0 1 1 * 2025", "orc", []),
        ("0 0 0 29 2 * 2099", "orc", []),
        ("0 0 0 1 1 * 2100", "orc", ["2100-01-01T00:00"]),
        ("0 */6 * * *", "orc", ["2026-01-01T06:00", "2026-01-01T12:00", "2026-01-01T18:00"]),
        ("0 0 * * 1", "orc", ["2026-01-05T00:00", "2026-01-12T00:00", "2026-01-19T00:00"]),
        ("@hourly", "orc", ["2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00"]),
        ("@daily", "orc", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
        ("@weekly", "orc", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
        ("@monthly", "orc", ["2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00"]),
        ("@yearly", "orc", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]),
        ("hourly", "olake", ["2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00"]),
        ("Weekly", "olake", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
        ("0 0 9 * * 1 2027", "olake", ["2027-01-04T09:00", "2027-01-11T09:00", "2027-01-18T09:00"]),
        ("45-minutes", "olake", ["2026-01-01T00:45", "2026-01-01T01:30", "2026-01-01T02:15"]),
        ("1-minute", "olake", ["2026-01-01T00:01", "2026-01-01T00:02", "2026-01-01T00:03"]),
        ("7-hours", "olake", ["2026-01-01T07:00", "2026-01-01T14:00", "2026-01-01T21:00"]),
        ("2-days", "olake", ["2026-01-03T00:00", "2026-01-05T00:00", "2026-01-07T00:00"]),
        ("3-weeks", "olake", ["2026-01-22T00:00", "2026-02-12T00:00", "2026-03-05T00:00"]),
        ("5-months", "olake", ["2026-06-01T00:00", "2026-11-01T00:00", "2027-04-01T00:00"]),
        ("1-years", "olake", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]),
        ("@every 1h30m", "olake", ["2026-01-01T01:30", "2026-01-01T03:00", "2026-01-01T04:30"]),
    ],
)
def test_work_starts_when_its_schedule_says(text, dialect, expected):
    assert starts(text, dialect, "2026-01-01T00:00:00") == expected


def test_seconds_come_first_and_the_start_is_strictly_later():
    schedule = parse("15,45 * * * * *", "orc")
    at = moment("2026-01-01T00:00:15")
    assert schedule.next_after(at, UTC) == moment("2026-01-01T00:00:45")
    assert schedule.next_after(at - timedelta(microseconds=1), UTC) == at
    assert schedule.next_after(at + timedelta(microseconds=1), UTC) == moment("2026-01-01T00:00:45")


@pytest.mark.parametrize(
    ("text", "dialect", "fault"),
    [
        ("61 * * * *", "classic", "minute 61 is not in 0-59"),
        ("0 24 * * *", "classic", "hour 24 is not in 0-23"),
        ("0 0 0 * *", "classic", "day of month 0 is not in 1-31"),
        ("0 0 1 13 *", "classic", "month 13 is not in 1-12"),
        ("0 0 * * 8", "classic", r"day of week 8 is not in 0-7 \(Sunday is 0 or 7\)"),
        ("60 0 0 * * *", "classic", "second 60 is not in 0-59"),
        ("0 0 4 * * 0", "orc", r"day of week 0 is not in 1-7 \(Sunday is 1\)"),
        ("0 0 4 * * 8", "orc", r"day of week 8 is not in 1-7"),
        ("0 0 0 1 1 * 1969", "orc", "year 1969 is not in 1970-2100"),
        ("0 0 4 * * FUNDAY", "orc", "day of week 'FUNDAY' is not a number in 1-7 or a name.*SUN"),
        ("0 0 1 JANUARY *", "classic", "month 'JANUARY' is not a number in 1-12 or a name.*JAN"),
        ("x * * * *", "classic", "minute 'x' is not a number in 0-59"),
        ("-1 * * * *", "classic", "minute '' is not a number"),
        ("1,,2 * * * *", "classic", "minute '' is not a number"),
        ("1.5 * * * *", "classic", r"minute '1\.5' is not a number"),
        ("\u0661 * * * *", "classic", "is not a number"),
        ("20-10 * * * *", "classic", "minute '20-10' runs backwards; write two ranges"),
        ("*/0 * * * *", "classic", "minute step '0' is not in 1-59"),
        ("*/90 * * * *", "classic", "minute step '90' is not in 1-59"),
        ("*/ * * * *", "classic", "minute step '' is not in 1-59"),
        ("? * * * *", "classic", r"minute '\?' is not a number"),
        ("0 0 L * *", "classic", "day of month 'L' is not a number"),
        ("0 0 * * 1#2", "classic", "day of week '1#2' is not a number"),
        ("0 0 30 2 *", "classic", "day of month 30 never comes in FEB"),
        ("0 0 0 31 4,6 2", "orc", "day of month 31 never comes in APR, JUN"),
        ("* * * *", "classic", "has 4 fields, and there can be 5: minute.*6: second"),
        ("0 0 0 1 1 * 2027", "classic", "has 7 fields"),
        ("* * * * * * * *", "orc", "has 8 fields.*7: .*year"),
        ("", "orc", "is empty; use @manual"),
        ("manual", "orc", "has 1 fields"),
        ("@reboot", "orc", "Unknown shorthand '@reboot'; known: @hourly.*@manual"),
        ("@every 45m", "orc", "Unknown shorthand"),
        ("0-minutes", "olake", "no interval between a second and a century; write 45-minutes"),
        ("5-fortnights", "olake", "has 1 fields"),
        ("@every ", "olake", "no interval|Unknown shorthand"),
        ("@every 5x", "olake", "no interval"),
        ("200-years", "olake", "no interval"),
        ("nonsense", "olake", "has 1 fields"),
    ],
)
def test_a_wrong_schedule_is_refused_with_the_part_at_fault(text, dialect, fault):
    with pytest.raises(ConfigError, match=fault) as caught:
        parse(text, dialect)
    assert caught.value.field == "schedule"


def test_an_unknown_dialect_is_refused():
    with pytest.raises(ConfigError, match="Unknown dialect 'quartz'; known: classic, orc, olake"):
        parse("* * * * *", "quartz")


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("@manual", "orc"),
        ("@manual", "classic"),
        ("", "classic"),
        ("", "olake"),
        ("manual", "olake"),
    ],
)
def test_manual_work_is_never_started_by_the_clock(text, dialect):
    schedule = parse(text, dialect)
    assert schedule.text == "@manual"
    assert schedule.next_after(moment("2026-01-01T00:00:00"), UTC) is None


@pytest.mark.parametrize(
    ("text", "dialect", "echo"),
    [
        ("  0   0 9 * *  * ", "orc", "0 0 9 * * *"),
        ("@daily", "orc", "@daily"),
        ("0 0 4 ? * MON", "orc", "0 0 4 ? * MON"),
        ("daily", "olake", "0 0 * * *"),
        ("45-minutes", "olake", "@every 45m"),
        ("2-days", "olake", "@every 2d"),
        ("1-week", "olake", "@every 1w"),
        ("3-months", "olake", "@every 3mo"),
        ("1-years", "olake", "@every 1y"),
        ("@every 1h30m", "olake", "@every 1h30m"),
    ],
)
def test_a_schedule_is_echoed_so_that_it_means_the_same_when_read_again(text, dialect, echo):
    schedule = parse(text, dialect)
    assert schedule.text == echo
    assert parse(echo, dialect) == schedule


def test_intervals_keep_the_grid_of_their_start():
    begun, late = moment("2026-01-31T10:07:00"), moment("2026-03-15T12:00:20")
    expected = {
        "45-minutes": "2026-03-15T12:22:00",
        "7-hours": "2026-03-15T14:07:00",
        "1-days": "2026-03-16T10:07:00",
        "2-weeks": "2026-03-28T10:07:00",
        "1-months": "2026-03-31T10:07:00",
        "1-years": "2027-01-31T10:07:00",
    }
    for text, start in expected.items():
        assert parse(text, "olake").next_after(late, UTC, start=begun) == moment(start), text
    short = parse("1-months", "olake").next_after(begun, UTC, start=begun)
    assert short == moment("2026-02-28T10:07:00"), "a day that a month lacks is its last one"


# --- Days on which the clock is changed: Berlin skips 02:00-03:00 on 2026-03-29 and has
# --- 02:00-03:00 twice on 2026-10-25.


@pytest.mark.parametrize(
    ("text", "since", "expected"),
    [
        # A skipped time runs once, at the moment of the jump.
        ("30 2 * * *", "2026-03-28T12:00:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]),
        (
            "*/10 2 * * *",
            "2026-03-29T00:00:00",
            ["2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00"],
        ),
        (
            "0 2,3 * * *",
            "2026-03-29T00:00:00",
            ["2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00"],
        ),
        # A doubled time runs once, the first time.
        ("30 2 * * *", "2026-10-24T12:00:00", ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
        (
            "30 1-3 * * *",
            "2026-10-25T02:00:00",
            ["2026-10-25T02:30+02:00", "2026-10-25T03:30+01:00"],
        ),
        # What runs every hour follows the time that passes.
        ("0 * * * *", "2026-03-29T01:00:00", ["2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"]),
        ("30 * * * *", "2026-03-29T01:30:00", ["2026-03-29T03:30+02:00", "2026-03-29T04:30+02:00"]),
        ("0 * * * *", "2026-10-25T02:00:00", ["2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"]),
        ("@daily", "2026-03-28T12:00:00", ["2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"]),
    ],
)
def test_a_clock_that_is_changed_loses_no_start_and_doubles_none(text, since, expected):
    assert starts(text, "classic", since, zone=BERLIN, count=2) == expected


def test_in_the_second_of_two_equal_hours_nothing_starts_again():
    second = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)
    found = parse("30 2 * * *", "classic").next_after(second, BERLIN)
    assert found == datetime(2026, 10, 26, 2, 30, tzinfo=BERLIN)


def test_a_day_that_a_zone_skipped_altogether_runs_once_at_its_end():
    """Samoa crossed the date line: after 2011-12-29 came 2011-12-31."""
    apia = ZoneInfo("Pacific/Apia")
    found = starts("0 12 30 12 *", "classic", "2011-12-29T00:00:00", zone=apia, count=1)
    assert found == ["2011-12-31T00:00+14:00"]


def test_days_of_an_interval_begin_when_the_clock_shows_the_same_time():
    found = starts("1-days", "olake", "2026-03-28T09:00:00", zone=BERLIN, count=2)
    assert found == ["2026-03-29T09:00+02:00", "2026-03-30T09:00+02:00"]
    found = starts("24-hours", "olake", "2026-03-28T09:00:00", zone=BERLIN, count=2)
    assert found == ["2026-03-29T10:00+02:00", "2026-03-30T10:00+02:00"]
