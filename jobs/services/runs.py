"""What can be done with runs: to start one, to stop it, to try it again."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import User
from config.api.errors import Conflict
from connectors import sealing
from connectors.errors import ConfigError
from jobs import lifecycle, tasks
from jobs.compiling import compile_clear, compile_job, with_wishes
from jobs.models import Job, Overlap, PartStatus, Run, RunKind, Status, Trigger
from jobs.plan import Load, Part

CHANGED = "The job has changed since this run; start a new run"
UNENDED = (Status.CREATED, Status.QUEUED, Status.RUNNING, Status.CANCELLING)


def start_run(*, job: Job, by: User | None = None, trigger: Trigger = Trigger.MANUAL) -> Run:
    """Queue a run of a job; it waits while an earlier one goes on. ConfigError if it cannot run.

    What a schedule starts is no person's deed, and is written down as a run alone.
    """
    plan = compile_job(job)
    with transaction.atomic():
        is_busy = hold(job)
        run, parts = lifecycle.open_run(
            project=job.project,
            plan=with_wishes(plan),
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
        if hold(job) and _is_skipped(job):
            return None
        try:
            return start_run(job=job, trigger=Trigger.SCHEDULER)
        except ConfigError as error:
            return lifecycle.open_failed_run(job=job, trigger=Trigger.SCHEDULER, error=error)


def hold(job: Job) -> bool:
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
    """Try again what failed of a run; what was committed stays.

    Conflict if nothing failed, or if the job would load it in another way by now.
    """
    with transaction.atomic():
        if run.job is not None and hold(run.job):
            raise Conflict("Another run of this job goes on; wait for its end or cancel it")
        _demand_unchanged(run)
        parts = lifecycle.revive(run.pk)
        if parts is None:
            raise Conflict("Only a run that failed or was cancelled can be tried again")
        audit.record("run.retried", by=by, target=run, project=run.project)
        transaction.on_commit(lambda: tasks.ring(parts))
    run.refresh_from_db()
    return run


def _demand_unchanged(run: Run) -> None:
    """Raise Conflict where what would be tried again is not what the job does now."""
    again = list(run.parts.exclude(status=PartStatus.SUCCEEDED).values_list("position", flat=True))
    if run.job is None or not again:
        return
    try:
        plan = compile_job(run.job)
        streams = [part["id"] for part in run.plan["parts"]]
        now = compile_clear(plan, streams) if run.kind == RunKind.CLEAR else plan
    except ConfigError as error:
        raise Conflict(f"{CHANGED}: {error.message}") from error
    known = {part.id: _bare(part.model_dump(mode="json")) for part in now.parts}
    for stored in (run.plan["parts"][position] for position in again):
        if known.get(stored["id"]) != _bare(stored):
            raise Conflict(CHANGED)


def _bare(stored: Mapping[str, Any]) -> Part:
    """Return a part without what is wished, its secrets laid open: sealed twice they differ."""
    part = Part.model_validate(sealing.unseal(stored))
    steps = (
        step.model_copy(update={"epoch": 0, "wish": None}) if isinstance(step, Load) else step
        for step in part.steps
    )
    return part.model_copy(update={"steps": tuple(steps)})
