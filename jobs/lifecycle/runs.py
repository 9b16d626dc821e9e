"""Runs as a whole: opened, promoted, cancelled, retried, and ended when their parts have."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from connectors.errors import ConfigError
from jobs.lifecycle.events import Line, append, fit, totals
from jobs.lifecycle.moving import changing, move
from jobs.lifecycle.ringing import rung
from jobs.models import EventKind, Job, Part, PartStatus, Run, RunKind, Status, Trigger
from jobs.plan import Part as PlannedPart
from jobs.plan import Plan

UNENDED = (PartStatus.CREATED, PartStatus.QUEUED, PartStatus.RUNNING)
WORDS = {
    Status.CREATED: "The run waits for the one before it",
    Status.QUEUED: "The run is queued",
    Status.CANCELLING: "The run is being cancelled",
    Status.SUCCEEDED: "The run succeeded",
    Status.PARTIAL: "The run succeeded in part",
    Status.FAILED: "The run failed",
    Status.CANCELLED: "The run was cancelled",
}
FAILED_STATUS = (Status.FAILED, Status.PARTIAL)


def open_run(
    *,
    project: Project,
    plan: Plan,
    job: Job | None,
    trigger: Trigger,
    by: User | None,
    max_attempts: int,
    must_wait: bool = False,
    kind: RunKind = RunKind.LOAD,
) -> tuple[Run, list[int]]:
    """Store a run and its parts, queued unless it must wait; returns the parts that are queued."""
    now = timezone.now()
    status = Status.CREATED if must_wait else Status.QUEUED
    run = Run.objects.create(
        project=project,
        job=job,
        kind=kind,
        plan=plan.model_dump(mode="json"),
        trigger=trigger,
        started_by=by,
        max_attempts=max_attempts,
        status=status,
        queued_at=None if must_wait else now,
        last_seq=0,
    )
    parts = Part.objects.bulk_create(
        Part(
            run=run,
            position=position,
            key=part.id,
            name=part.name,
            **({} if must_wait or (plan.is_ordered and position) else _queued(now)),
        )
        for position, part in enumerate(plan.parts)
    )
    append(run, [_told(run)])
    return run, [part.pk for part in parts if part.status == PartStatus.QUEUED]


def open_failed_run(*, job: Job, trigger: Trigger, error: ConfigError) -> Run:
    """Store a run that could not begin, so that somebody sees why."""
    now = timezone.now()
    run = Run.objects.create(
        project=job.project,
        job=job,
        plan={"parts": [], "is_ordered": True},
        trigger=trigger,
        status=Status.FAILED,
        error_code=error.code,
        error_message=fit(error.message),
        finished_at=now,
    )
    append(run, [_told(run, run.error_message, level="error")])
    return run


def add_parts(run: Run, parts: Sequence[PlannedPart]) -> list[int]:
    """Let parts join a run that goes on, whose row is held; returns those that are queued now.

    Parts that it has already are left out, so that asking twice is the same as asking once.
    """
    known = {part["id"] for part in run.plan["parts"]}
    fresh = [part for part in parts if part.id not in known]
    if run.status != Status.RUNNING or not fresh:
        return []
    now, first = timezone.now(), len(run.plan["parts"])
    run.plan["parts"] += [part.model_dump(mode="json") for part in fresh]
    Run.objects.filter(pk=run.pk).update(plan=run.plan)
    made = Part.objects.bulk_create(
        Part(run=run, position=position, key=part.id, name=part.name, **_queued(now))
        for position, part in enumerate(fresh, first)
    )
    return [part.pk for part in made]


def _queued(now: datetime) -> dict[str, Any]:
    return {"status": PartStatus.QUEUED, **rung(now)}


def _told(run: Run, message: str = "", *, level: str = "info") -> Line:
    data = {"status": run.status, "rows": run.rows, "bytes": run.bytes}
    text = message or WORDS[Status(run.status)]
    return Line(text, kind=EventKind.STATUS, level=level, data=data)


def promote(job: Job) -> list[int]:
    """Queue the oldest waiting run of a job that has none active; returns its queued parts."""
    waiting = Run.objects.filter(job=job, status=Status.CREATED).order_by("pk")
    if not waiting.exists():
        return []
    with transaction.atomic():
        # Whoever starts a run of this job holds the same row.
        Job.objects.select_for_update().get(pk=job.pk)
        first = waiting.first()
        if first is None or Run.objects.filter(job=job).active().exists():
            return []
        return _queue(first, timezone.now(), attempt=first.attempt)


def _queue(run: Run, now: datetime, *, attempt: int) -> list[int]:
    """Queue a run that was opened or ended, and the parts of it that may begin."""
    cleared = {
        "cancel_requested_at": None,
        "finished_at": None,
        "error_code": "",
        "error_message": "",
    }
    if not move(run, Status.QUEUED, queued_at=now, attempt=attempt, **cleared):
        return []
    append(run, [_told(run)])
    waiting = list(run.parts.filter(status=PartStatus.CREATED).order_by("position"))
    if run.plan["is_ordered"]:
        waiting = waiting[:1]
    return [part.pk for part in waiting if move(part, PartStatus.QUEUED, **rung(now))]


def cancel(run_id: int) -> bool:
    """Stop a run: at once what waits, at its next sign of life what a worker has.

    False if the run had ended already. Asking twice is the same as asking once.
    """
    with changing(run_id) as run:
        if run.is_ended:
            return False
        now = timezone.now()
        run.cancel_requested_at = run.cancel_requested_at or now
        Run.objects.filter(pk=run.pk).update(cancel_requested_at=run.cancel_requested_at)
        _cancel_waiting(run, now)
        if run.parts.filter(status=PartStatus.RUNNING).exists():
            if move(run, Status.CANCELLING):
                append(run, [_told(run, level="warning")])
        else:
            settle(run, now=now)
    return True


def _cancel_waiting(run: Run, now: datetime) -> None:
    for part in run.parts.filter(status__in=[PartStatus.CREATED, PartStatus.QUEUED]):
        move(part, PartStatus.CANCELLED, finished_at=now, ring_at=None)


def revive(run_id: int) -> list[int] | None:
    """Try again what failed of an ended run; returns the queued parts, None if there is nothing.

    It stays the same run, so that what was committed already is recognised and not loaded twice.
    """
    with changing(run_id) as run:
        if run.status not in (*FAILED_STATUS, Status.CANCELLED):
            return None
        again = run.parts.filter(status__in=[PartStatus.FAILED, PartStatus.CANCELLED])
        for part in again:
            move(part, PartStatus.CREATED, attempt=1, waits=0, error_code="", error_message="")
        return _queue(run, timezone.now(), attempt=run.attempt + 1)


def settle(run: Run, *, now: datetime) -> list[int]:
    """Queue what may follow and end the run when all its parts have; its row must be held."""
    queued = _go_on(run, now) if run.plan["is_ordered"] else []
    counts = dict.fromkeys(PartStatus.values, 0)
    for status in run.parts.values_list("status", flat=True):
        counts[status] += 1
    if not any(counts[status] for status in UNENDED):
        _end(run, counts, now)
    return queued


def _go_on(run: Run, now: datetime) -> list[int]:
    """Queue the next part of a run in order, or none of the rest after the first failure."""
    parts = list(run.parts.only("pk", "status", "position").order_by("position"))
    waiting = [part for part in parts if part.status == PartStatus.CREATED]
    if not waiting or any(part.status in (PartStatus.QUEUED, PartStatus.RUNNING) for part in parts):
        return []
    if any(part.status in (PartStatus.FAILED, PartStatus.CANCELLED) for part in parts):
        for part in waiting:
            move(part, PartStatus.CANCELLED, finished_at=now)
        return []
    return [waiting[0].pk] if move(waiting[0], PartStatus.QUEUED, **rung(now)) else []


def _end(run: Run, counts: dict[str, int], now: datetime) -> None:
    succeeded, whole = counts[PartStatus.SUCCEEDED], sum(counts.values())
    changes: dict[str, Any] = {"finished_at": now, **totals(run)}
    if succeeded == whole:
        status = Status.SUCCEEDED
    elif run.cancel_requested_at is not None:
        status = Status.CANCELLED
        changes |= {"error_code": "cancelled", "error_message": WORDS[Status.CANCELLED]}
    else:
        is_partial = succeeded > 0 and not run.plan["is_ordered"]
        status = Status.PARTIAL if is_partial else Status.FAILED
        changes |= _first_error(run, whole)
    if move(run, status, **changes):
        level = "error" if status in FAILED_STATUS else "info"
        append(run, [_told(run, level=level)])


def _first_error(run: Run, whole: int) -> dict[str, str]:
    part = run.parts.filter(status=PartStatus.FAILED).order_by("position").first()
    if part is None:
        return {}
    where = f"{part.name or part.key}: " if whole > 1 else ""
    return {"error_code": part.error_code, "error_message": where + part.error_message}
