"""What can be done with sync jobs: to say what moves from where to where, and to change it."""

from copy import copy
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Project, User
from config.api.errors import Conflict
from connectors.errors import ConfigError
from connectors.models import Connection, ConnectionRole
from jobs.compiling import demand_streams
from jobs.models import Job, Kind
from jobs.services.edits import StreamEdit, apply_edits, plan_edits
from jobs.services.sharing import demand_own_tables
from jobs.timing import next_start

DIALECT = "olake"
TAKEN = "This name is taken in the project"
# What says which rows go where.
MOVING = {"source", "destination", "config"}
ENDS = {
    "source": (ConnectionRole.SOURCE, "source_id"),
    "destination": (ConnectionRole.DESTINATION, "dest_id"),
}


def create_sync_job(*, project: Project, by: User, **fields: Any) -> Job:
    """Store a sync job; ConfigError names the field that is wrong, Conflict the name.

    `fields`: name, source and destination (numbers), config, schedule, is_active.
    """
    job = Job(project=project, created_by=by, updated_by=by, kind=Kind.SYNC, dialect=DIALECT)
    _take(job, fields)
    job.next_run_at = next_start(job, after=timezone.now())
    with transaction.atomic():
        _save(job)
        audit.record("job.created", by=by, target=job, project=project)
    return job


def update_sync_job(*, job: Job, by: User, **fields: Any) -> Job:
    """Change a sync job; what is not given stays as it is. A run that goes on keeps its plan.

    What the change needs of a stream, such as that it is loaded anew, the next run does.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).select_related("project").get(pk=job.pk)
        was_timed, before = (job.schedule, job.is_active), copy(job)
        changed = _take(job, fields)
        if (job.schedule, job.is_active) != was_timed:
            job.next_run_at = next_start(job, after=timezone.now())
        job.updated_by = by
        _save(job)
        if MOVING & set(changed) or (MOVING & set(fields) and _can_run(job)):
            # Whoever saves it unchanged confirms what a change of its ends asks for.
            apply_edits(job=job, edits=plan_edits(before=before, after=job))
        if changed:
            audit.record("job.changed", by=by, target=job, project=job.project, fields=changed)
    return job


def plan_sync_job(*, job: Job, **fields: Any) -> list[StreamEdit]:
    """Return what a change would do to each stream, and change nothing; it is judged as if saved."""
    before = copy(job)
    _take(job, fields)
    return plan_edits(before=before, after=job, is_saved=bool(MOVING & set(fields)))


def _take(job: Job, fields: dict[str, Any]) -> list[str]:
    """Give a job these fields, and judge the whole; returns the names of those that are others."""
    given = {
        name: _end(name, value, project_id=job.project_id) if name in ENDS else value
        for name, value in fields.items()
    }
    changed = [name for name, value in given.items() if _known(job, name) != value]
    for name, value in given.items():
        setattr(job, name, value)
    if MOVING & set(changed):
        demand_streams(job)
        demand_own_tables(job)
    return sorted(changed)


def _can_run(job: Job) -> bool:
    """Return whether a job can run as it stands; one that cannot may be saved unchanged."""
    try:
        demand_streams(job)
    except ConfigError:
        return False
    return True


def _known(job: Job, name: str) -> Any:
    """Return what a job has there; None for an end that a new one has not yet."""
    return getattr(job, name) if name not in ENDS or getattr(job, f"{name}_id") else None


def _end(name: str, number: int, *, project_id: int) -> Connection:
    role, field = ENDS[name]
    found = Connection.objects.alive().filter(
        pk=number, project=project_id, role__in=(role, ConnectionRole.BOTH)
    )
    connection = found.first()
    if connection is None:
        raise ConfigError(f"There is no {name} with this number in the project", field=field)
    return connection


def _save(job: Job) -> None:
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
