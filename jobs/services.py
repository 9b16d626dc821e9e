"""What can be done with jobs and runs; one function for each verb."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Project, User
from config.api.errors import Conflict
from connectors.errors import ConfigError
from jobs import lifecycle, tasks
from jobs.compiling import compile_job
from jobs.cron import MANUAL
from jobs.definitions import stored_tasks
from jobs.models import Job, Kind, Overlap, Run, Status, Trigger
from jobs.timing import next_start

UNENDED = (Status.CREATED, Status.QUEUED, Status.RUNNING, Status.CANCELLING)


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


def start_run(*, job: Job, by: User | None = None, trigger: Trigger = Trigger.MANUAL) -> Run:
    """Queue a run of a job; it waits while an earlier one goes on. ConfigError if it cannot run.

    What a schedule starts is no person's deed, and is written down as a run alone.
    """
    plan = compile_job(job)
    with transaction.atomic():
        is_busy = _hold(job)
        run, parts = lifecycle.open_run(
            project=job.project,
            plan=plan,
            job=job,
            trigger=trigger,
            by=by,
            max_attempts=job.max_attempts or settings.RUN_MAX_ATTEMPTS,
            must_wait=is_busy,
        )
        if trigger == Trigger.MANUAL:
            audit.record("run.started", by=by, target=run, project=job.project, job=str(job.uuid))
        transaction.on_commit(lambda: tasks.ring(parts))
    return run


def start_scheduled_run(*, job: Job) -> Run | None:
    """Queue the run that a schedule asks for; None where its overlap policy says otherwise.

    What keeps the job from running is told by a run that failed at once.
    """
    with transaction.atomic():
        if _hold(job) and _is_skipped(job):
            return None
        try:
            return start_run(job=job, trigger=Trigger.SCHEDULER)
        except ConfigError as error:
            return lifecycle.open_failed_run(job=job, trigger=Trigger.SCHEDULER, error=error)


def _hold(job: Job) -> bool:
    """Lock the job's row until the transaction ends; returns whether a run of it has not ended."""
    Job.objects.select_for_update().only("pk").get(pk=job.pk)
    return Run.objects.filter(job=job, status__in=UNENDED).exists()


def _is_skipped(job: Job) -> bool:
    """Return whether a busy job starts no further run: one at most waits for its turn."""
    is_waiting = Run.objects.filter(job=job, status=Status.CREATED).exists()
    return job.overlap == Overlap.SKIP or is_waiting


def cancel_run(*, run: Run, by: User) -> Run:
    """Stop a run, at once or at the next batch of rows; Conflict if it has ended."""
    with transaction.atomic():
        if not lifecycle.cancel(run.pk):
            raise Conflict("The run has ended already")
        audit.record("run.cancelled", by=by, target=run, project=run.project)
    run.refresh_from_db()
    if run.is_ended and run.job is not None:
        tasks.ring(lifecycle.promote(run.job))
    return run


def retry_run(*, run: Run, by: User) -> Run:
    """Try again what failed of a run; what was committed stays. Conflict if nothing failed."""
    with transaction.atomic():
        if run.job is not None and _hold(run.job):
            raise Conflict("Another run of this job goes on; wait for its end or cancel it")
        parts = lifecycle.revive(run.pk)
        if parts is None:
            raise Conflict("Only a run that failed or was cancelled can be tried again")
        audit.record("run.retried", by=by, target=run, project=run.project)
        transaction.on_commit(lambda: tasks.ring(parts))
    run.refresh_from_db()
    return run
