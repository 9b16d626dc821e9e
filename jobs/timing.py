"""When a job starts next, by its schedule and its time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.errors import ConfigError
from jobs import cron
from jobs.models import Job


def next_start(job: Job, *, after: datetime) -> datetime | None:
    """Return the first start after a moment; None if it is started by hand or paused.

    ConfigError names `schedule` or `time_zone`, whether the job is paused or not.
    """
    zone = _zone(job.time_zone)
    schedule = cron.parse(job.schedule, job.dialect)
    # Intervals are counted from the day the job was made, so that no late start shifts the next.
    return schedule.next_after(after, zone, start=job.created_at) if job.is_active else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            f"Unknown time zone {name!r}; use a name such as Europe/Berlin or UTC",
            field="time_zone",
        ) from None
