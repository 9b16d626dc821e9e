"""The overview that the admin opens with: what runs, what failed, what comes next, who works.

Every question is answered from an index and for so many rows at most, however long the tables are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from config.administration.showing import badge, moment, number, row_link, took
from jobs.models import Job, Part, PartStatus, Run, Status

RECENT = timedelta(hours=24)
MOST_COUNTED = 10_000
MOST_SHOWN = 8
MOST_LEASES = 500

# Name, tone, statuses, and whether only the last day counts.
TILES = (
    ("waiting", "plain", (Status.CREATED, Status.QUEUED), False),
    ("running", "busy", (Status.RUNNING, Status.CANCELLING), False),
    ("succeeded", "good", (Status.SUCCEEDED,), True),
    ("partial", "warn", (Status.PARTIAL,), True),
    ("failed", "bad", (Status.FAILED,), True),
    ("cancelled", "plain", (Status.CANCELLED,), True),
)


@dataclass(frozen=True)
class Tile:
    """A number with the list behind it."""

    name: str
    tone: str
    count: str
    address: str


@dataclass(frozen=True)
class Panel:
    """A small table with the list behind it; rows of cells, or what to say where there is none."""

    title: str
    headers: tuple[str, ...]
    rows: list[tuple[SafeString | str, ...]]
    nothing: str
    address: str = ""


def with_overview(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the admin's first page with the overview in it."""
    now = timezone.now()
    panels = [running_now(), failed_last(), coming_next(), at_work(now)]
    return {**context, "title": "Overview", "tiles": tiles(now), "panels": panels}


def tiles(now: datetime) -> list[Tile]:
    """Return how many runs stand where: the last day's, and all that have not ended."""
    return [
        Tile(
            name, tone, _count(statuses, since=now - RECENT if is_recent else None), _list(statuses)
        )
        for name, tone, statuses, is_recent in TILES
    ]


def running_now() -> Panel:
    """Return the runs that workers are at."""
    runs = newest((Status.RUNNING, Status.CANCELLING))
    rows = [
        (
            row_link(run, _name(run)),
            badge(run.status, run.get_status_display()),
            took(run.started_at, None),
            number(run.rows),
        )
        for run in runs
    ]
    headers = ("Run", "Status", "For", "Rows")
    return Panel("Running now", headers, rows, "Nothing runs.", _list((Status.RUNNING,)))


def failed_last() -> Panel:
    """Return the runs that failed last, with the beginning of their errors."""
    runs = newest((Status.FAILED, Status.PARTIAL))
    rows = [
        (
            row_link(run, _name(run)),
            badge(run.status, run.get_status_display()),
            _first_line(run.error_message),
            moment(run.created_at),
        )
        for run in runs
    ]
    headers = ("Run", "Status", "Why", "Created")
    return Panel("Failed last", headers, rows, "Nothing has failed.", _list((Status.FAILED,)))


def coming_next() -> Panel:
    """Return the jobs that their schedules start next."""
    due = Job.objects.alive().filter(is_active=True, next_run_at__isnull=False)
    jobs = due.defer("config").order_by("next_run_at")[:MOST_SHOWN]
    rows = [(row_link(job), job.schedule, moment(job.next_run_at)) for job in jobs]
    address = reverse("admin:jobs_job_changelist") + "?is_active__exact=1"
    return Panel(
        "Coming next", ("Job", "Schedule", "Starts"), rows, "No job has a schedule.", address
    )


def at_work(now: datetime) -> Panel:
    """Return the worker processes that hold parts, each with its last sign of life."""
    leases = (
        # By the runs, of which few are running and an index knows which.
        Part.objects.filter(run__status__in=(Status.RUNNING, Status.CANCELLING))
        .filter(status=PartStatus.RUNNING)
        .order_by()
        .values_list("worker_host", "worker_pid", "lease_expires_at")[:MOST_LEASES]
    )
    hosts: dict[str, list[datetime | None]] = {}
    for host, _pid, expires_at in leases:
        hosts.setdefault(host, []).append(expires_at)
    rows = [(host, str(len(ends)), _signs(ends, now)) for host, ends in sorted(hosts.items())]
    address = reverse("admin:jobs_part_changelist") + "?status__exact=running"
    return Panel(
        "Workers at work", ("Host", "Parts", "Leases"), rows, "No worker holds a part.", address
    )


def newest(statuses: Iterable[str]) -> list[Run]:
    """Return the newest runs that stand at one of these, by one walk of the index for each."""
    found = [
        run
        for status in statuses
        for run in Run.objects.filter(status=status)
        .select_related("job")
        .defer("plan", "job__config")
        .order_by("-created_at")[:MOST_SHOWN]
    ]
    return sorted(found, key=lambda run: run.created_at, reverse=True)[:MOST_SHOWN]


def _count(statuses: Iterable[str], *, since: datetime | None) -> str:
    runs = Run.objects.filter(status__in=statuses).order_by()
    if since is not None:
        runs = runs.filter(created_at__gte=since)
    count = runs.values_list("pk")[: MOST_COUNTED + 1].count()
    return f"> {MOST_COUNTED:,}" if count > MOST_COUNTED else number(count)


def _signs(ends: list[datetime | None], now: datetime) -> SafeString:
    lost = sum(end is None or end < now for end in ends)
    return badge(f"{lost} run out", tone="bad") if lost else badge("alive", tone="good")


def _list(statuses: Iterable[str]) -> str:
    first = next(iter(statuses))
    return reverse("admin:jobs_run_changelist") + f"?status__exact={first}"


def _name(run: Run) -> str:
    return run.job.name if run.job else str(run)


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:160] or "–"
