"""What can be done with task jobs, and with any job: to say it, to change it, to take it away."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Project, User
from jobs import lifecycle
from jobs.cron import MANUAL
from jobs.definitions import stored_tasks
from jobs.models import Job, Kind, Run
from jobs.services.runs import UNENDED
from jobs.timing import next_start


def create_job(
    *,
    project: Project,
    by: User,
    name: str,
    tasks: Sequence[Mapping[str, Any]],
    dialect: str,
    schedule: str = MANUAL,
    **fields: Any,
) -> Job:
    """Store a task job; ConfigError names the field that is wrong.

    `fields`: description, is_active, time_zone, overlap, catch_up, max_attempts.
    """
    job = Job(project=project, created_by=by, kind=Kind.TASKS, name=name, dialect=dialect, **fields)
    job.schedule = schedule
    job.next_run_at = next_start(job, after=timezone.now())
    job.config = {"tasks": stored_tasks(tasks, before=[], project_id=project.pk)}
    with transaction.atomic():
        job.save(force_insert=True)
        audit.record("job.created", by=by, target=job, project=project)
    return job


def update_job(
    *, job: Job, by: User, tasks: Sequence[Mapping[str, Any]] | None = None, **fields: Any
) -> Job:
    """Change a job; what is not given stays as it is. Runs that go on keep their plan."""
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).select_related("project").get(pk=job.pk)
        was_timed, before = _timing(job), {name: getattr(job, name) for name in fields}
        changed = [name for name, value in fields.items() if value != before[name]]
        for field, value in fields.items():
            setattr(job, field, value)
        if _timing(job) != was_timed:
            job.next_run_at = next_start(job, after=timezone.now())
        if tasks is not None and _takes(job, tasks):
            changed.append("tasks")
        job.save()
        if changed:
            # Their names alone: a value may hold a secret.
            audit.record(
                "job.changed", by=by, target=job, project=job.project, fields=sorted(changed)
            )
    return job


def _takes(job: Job, tasks: Sequence[Mapping[str, Any]]) -> bool:
    """Give a job its tasks; returns whether they are others than before."""
    before = job.config.get("tasks", [])
    sealed = stored_tasks(tasks, before=before, project_id=job.project_id)
    job.config = {**job.config, "tasks": sealed}
    return bool(sealed != before)


def _timing(job: Job) -> tuple[object, ...]:
    return (job.schedule, job.dialect, job.time_zone, job.is_active)


def delete_job(*, job: Job, by: User) -> None:
    """Take a job away: it starts no more, and what goes on is cancelled. Its runs stay readable."""
    now = timezone.now()
    with transaction.atomic():
        gone = Job.objects.filter(pk=job.pk, deleted_at=None).update(
            deleted_at=now, updated_at=now, is_active=False, next_run_at=None
        )
        if gone:
            audit.record("job.deleted", by=by, target=job, project=job.project)
    # The waiting ones first, so that none of them is promoted in between.
    unended = Run.objects.filter(job=job, status__in=UNENDED).order_by("-pk")
    for run_id in unended.values_list("pk", flat=True):
        lifecycle.cancel(run_id)
