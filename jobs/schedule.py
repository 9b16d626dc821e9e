"""What the clock asks for, once a second.

Every decision is a conditional UPDATE, so that two clocks at once are as good as one.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from config import chores
from connectors.errors import ConfigError
from jobs import lifecycle, running, services, tasks
from jobs.lifecycle import Ending
from jobs.models import CatchUp, Job, Run, Status
from jobs.timing import next_start

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200
# A start that is later than this was missed, not only a bit slow.
LATE = timedelta(seconds=60)
CLEAN_EVERY = 60.0
WORKER_LOST = "The worker was lost while it worked on this"


def tick(now: datetime | None = None) -> None:
    """Do every chore once."""
    chores.do(CHORES, now)


def take_back_lost_parts(now: datetime) -> None:
    """Queue again what a dead worker had, or give it up after so many attempts."""
    for part in lifecycle.find_lost(now):
        log.warning("Part %s lost its worker %s:%s", part.uuid, part.worker_host, part.worker_pid)
        queued = lifecycle.retry_part(
            part,
            Ending(),
            code="worker_lost",
            message=WORKER_LOST,
            pause=0,
            where=Q(lease_expires_at__lt=now),
        )
        tasks.ring(queued)


def start_due_jobs(now: datetime) -> None:
    """Start what its schedule asks for; starts that were missed come as one late run at most."""
    due = Job.objects.alive().filter(is_active=True, next_run_at__lte=now)
    for job in due.select_related("project", "source", "destination")[:MOST_AT_ONCE]:
        start_due_job(job, now)


def start_due_job(job: Job, now: datetime) -> Run | None:
    """Start one job and set its next start; None if another clock did, or its policy says no."""
    planned = job.next_run_at
    assert planned is not None
    with transaction.atomic():
        mine = Job.objects.alive().filter(pk=job.pk, is_active=True, next_run_at=planned)
        if mine.update(next_run_at=_next(job, now)) != 1:
            return None
        if job.catch_up == CatchUp.NONE and now - planned > LATE:
            return None
        return services.start_scheduled_run(job=job)


def _next(job: Job, now: datetime) -> datetime | None:
    try:
        return next_start(job, after=now)
    except ConfigError as error:
        # It was judged when it was saved; a zone may have gone from the system since.
        log.warning("Job %s is scheduled no more: %s", job.uuid, error.message)
        return None


def promote_waiting_runs(_now: datetime) -> None:
    """Queue runs whose turn has come, where the end of the run before them was not followed up."""
    waiting = Run.objects.filter(status=Status.CREATED, job__isnull=False)
    for job in Job.objects.filter(pk__in=waiting.values("job"))[:MOST_AT_ONCE]:
        tasks.ring(lifecycle.promote(job))


def ring_again(now: datetime) -> None:
    """Ring for parts that are to be tried again, and for those whose bell nobody heard."""
    tasks.ring(lifecycle.take_due_bells(now))


def clean(_now: datetime) -> None:
    """Remove the scratch folders of dead attempts."""
    running.clean()


def sweep(now: datetime) -> None:
    """Remove for good the file jobs that were deleted."""
    services.filejobs.sweep(now)


CHORES: tuple[chores.Chore, ...] = (
    take_back_lost_parts,
    start_due_jobs,
    promote_waiting_runs,
    ring_again,
    chores.Seldom(clean, seconds=CLEAN_EVERY),
    chores.Seldom(sweep, seconds=CLEAN_EVERY),
)
