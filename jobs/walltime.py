"""Moments and what clocks on walls show: the days on which an hour is skipped or comes twice.

A *shown* time is a datetime without a zone; a moment is one with a zone.
"""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

# From what a clock shows to what it shows at the next start; None if there is none.
NextShown = Callable[[datetime], datetime | None]

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def next_shown(moment: datetime, zone: tzinfo, following: NextShown) -> datetime | None:
    """Return the first moment after `moment` at which the clock shows a following time.

    A time that is skipped stands for the moment at which the clock jumps; one that comes twice
    stands for the first time that it comes.
    """
    shown = following(_showing(moment, zone))
    while shown is not None:
        found = first_moment(shown, zone)
        if found > moment:
            return found
        shown = following(shown)
    return None


def next_elapsed(moment: datetime, zone: tzinfo, following: NextShown) -> datetime | None:
    """Return the first moment after `moment` at which the clock really shows a following time.

    A time that is skipped does not come; one that comes twice comes twice.
    """
    since = moment.astimezone(UTC).replace(microsecond=0)
    offset = _offset(since, zone)
    while True:
        shown = following((since + offset).replace(tzinfo=None))
        if shown is None:
            return None
        found = shown.replace(tzinfo=UTC) - offset
        jump = _first_jump(since + SECOND, found, zone, offset)
        if jump is None:
            return found
        # The clock was changed before it came to that time: look again from there.
        since, offset = jump - SECOND, _offset(jump, zone)


def first_moment(shown: datetime, zone: tzinfo) -> datetime:
    """Return the first moment, in UTC, at which a clock shows this time or jumps over it."""
    before = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _showing(before, zone) == shown:
        return before
    after = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    earlier, later = min(before, after), max(before, after)
    return _jump_between(earlier, later, zone)


def next_calendar_step(
    anchor: datetime, moment: datetime, *, days: int, months: int
) -> datetime | None:
    """Return the first moment after `moment` that lies whole steps of days or months after `anchor`.

    The clock of the anchor's zone shows the same time at each; a day that a month lacks is its
    last one. None beyond the end of the calendar.
    """
    zone = anchor.tzinfo
    assert zone is not None
    shown = anchor.replace(tzinfo=None, microsecond=0, fold=0)
    passed = moment.astimezone(zone).replace(tzinfo=None) - shown
    # Begin a little early, because months differ in length.
    count = max(passed.days // (days or 31 * months) - 1, 1) if passed.days > 0 else 1
    while True:
        try:
            stepped = _stepped(shown, days=days * count, months=months * count)
            found = first_moment(stepped, zone)
        except (OverflowError, ValueError):
            return None
        if found > moment:
            return found
        count += 1


def _stepped(shown: datetime, *, days: int, months: int) -> datetime:
    if days:
        return shown + timedelta(days=days)
    year, month = divmod(shown.year * 12 + shown.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    day = date(year, month + 1, min(shown.day, last))
    return datetime.combine(day, shown.time())


def _showing(moment: datetime, zone: tzinfo) -> datetime:
    """Return what the clock shows, in whole seconds."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _first_jump(
    earliest: datetime, latest: datetime, zone: tzinfo, offset: timedelta
) -> datetime | None:
    """Return the first second in between at which the offset is another one."""
    if _offset(earliest, zone) != offset:
        return earliest
    while earliest < latest:
        # No zone changes its offset twice within a day.
        probe = min(earliest + DAY, latest)
        if _offset(probe, zone) != offset:
            return _jump_between(earliest, probe, zone)
        earliest = probe
    return None


def _jump_between(earlier: datetime, later: datetime, zone: tzinfo) -> datetime:
    """Return the first second of the new offset, where there is one change in between."""
    old = _offset(earlier, zone)
    while later - earlier > SECOND:
        middle = earlier + timedelta(seconds=(later - earlier) // SECOND // 2)
        earlier, later = (middle, later) if _offset(middle, zone) == old else (earlier, middle)
    return later
