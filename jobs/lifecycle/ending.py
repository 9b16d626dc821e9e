"""How an attempt at a part ends: done, given up, stopped, or to be tried again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import SystemRandom
from typing import Any

from django.db.models import Q
from django.utils import timezone

from jobs.lifecycle.events import Line, append, fit
from jobs.lifecycle.moving import changing, move
from jobs.lifecycle.runs import settle
from jobs.lifecycle.targets import release_targets
from jobs.models import EventKind, Part, PartStatus, Run, StepRun

LONGEST_PAUSE = 60.0
# Half a second doubled up to half a minute, so often: a bit more than an hour.
LONGEST_WAIT, MOST_WAITS = 30.0, 140
STEP_FIELDS = [
    "name",
    "kind",
    "rows_in",
    "rows_out",
    "bytes",
    "seconds",
    "cpu_seconds",
    "memory_peak",
]
chance = SystemRandom()


@dataclass(frozen=True)
class Ending:
    """What an attempt leaves behind, whatever became of it."""

    lines: Sequence[Line] = ()
    steps: Sequence[StepRun] = ()
    # Fields of the part: rows, bytes, result, memory_peak.
    fields: dict[str, Any] = field(default_factory=dict)


def end_part(part: Part, ending: Ending) -> list[int]:
    """End a part well; returns the parts that are queued now."""
    return _leave(part, PartStatus.SUCCEEDED, ending, error_code="", error_message="")


def fail_part(part: Part, ending: Ending, *, code: str, message: str) -> list[int]:
    """End a part that cannot be done; returns the parts that are queued now."""
    text = fit(message)
    return _leave(part, PartStatus.FAILED, ending, error_code=code, error_message=text)


def cancel_part(part: Part, ending: Ending) -> list[int]:
    """End a part because somebody asked for it; returns the parts that are queued now."""
    return _leave(part, PartStatus.CANCELLED, ending, error_code="cancelled")


def retry_part(
    part: Part,
    ending: Ending,
    *,
    code: str,
    message: str,
    pause: float | None = None,
    is_wait: bool = False,
    where: Q | None = None,
) -> list[int]:
    """Queue a part again after `pause` seconds (a growing one if None), or give it up.

    A wait for a target that another run writes costs no attempt; everything else does.
    """
    if pause is None:
        pause = _pause(part.waits if is_wait else part.attempt, is_wait=is_wait)
    with changing(part.run_id) as run:
        if run.cancel_requested_at is not None:
            to, changes = PartStatus.CANCELLED, {"error_code": "cancelled"}
        elif part.waits >= MOST_WAITS if is_wait else part.attempt >= run.max_attempts:
            to, changes = PartStatus.FAILED, {"error_code": code, "error_message": fit(message)}
        else:
            to = PartStatus.QUEUED
            line = _told(part, run, message=message, pause=pause, is_wait=is_wait)
            ending = Ending([*ending.lines, line], ending.steps, ending.fields)
            changes = _next_try(part, pause=pause, is_wait=is_wait)
            # A run is as often tried as the part that is tried most.
            Run.objects.filter(pk=run.pk, attempt__lt=changes.get("attempt", 0)).update(
                attempt=changes.get("attempt", 0)
            )
        return _left(part, run, to, ending=ending, changes=changes, where=where)


def _pause(times: int, *, is_wait: bool) -> float:
    """Return seconds that double each time, scattered so that many do not come back together."""
    pause = min(LONGEST_WAIT, 0.5 * 2**times) if is_wait else min(LONGEST_PAUSE, 2.0 ** (times - 1))
    return pause * chance.uniform(0.5, 1.5)


def _next_try(part: Part, *, pause: float, is_wait: bool) -> dict[str, Any]:
    again = timezone.now() + timedelta(seconds=pause)
    counted = {"waits": part.waits + 1} if is_wait else {"attempt": part.attempt + 1}
    return {**counted, "next_try_at": again, "ring_at": again, "rings": 0}


def _told(part: Part, run: Run, *, message: str, pause: float, is_wait: bool) -> Line:
    nth = "" if is_wait else f" (attempt {part.attempt + 1} of {run.max_attempts})"
    return Line(
        f"{message}; tried again in {pause:.1f} s{nth}",
        kind=EventKind.STATUS,
        level="info" if is_wait else "warning",
        data={"status": "queued", "part": part.key},
    )


def _leave(part: Part, to: PartStatus, ending: Ending, **changes: Any) -> list[int]:
    with changing(part.run_id) as run:
        return _left(part, run, to, ending=ending, changes=changes)


def _left(
    part: Part,
    run: Run,
    to: PartStatus,
    *,
    ending: Ending,
    changes: dict[str, Any],
    where: Q | None = None,
) -> list[int]:
    """Give back the lease and move on; nothing at all if the lease is another's by now."""
    now = timezone.now()
    held = Part(pk=part.pk, lease_token=part.lease_token)
    changes |= ending.fields | {"lease_token": None, "lease_expires_at": None}
    if to != PartStatus.QUEUED:
        changes["finished_at"] = now
    ours = Q(lease_token=held.lease_token) & (where or Q())
    if not move(part, to, where=ours, **changes):
        return []
    release_targets(held)
    _keep_steps(part, ending.steps)
    append(run, ending.lines)
    if to in (PartStatus.FAILED, PartStatus.CANCELLED):
        append(run, [_ended(part)])
    return settle(run, now=now)


def _ended(part: Part) -> Line:
    failed = part.status == PartStatus.FAILED
    return Line(
        f"{part.name or part.key} failed: {part.error_message}"
        if failed
        else f"{part} was stopped",
        kind=EventKind.STATUS,
        level="error" if failed else "warning",
        data={"status": part.status, "part": part.key, "code": part.error_code},
    )


def _keep_steps(part: Part, steps: Sequence[StepRun]) -> None:
    for step in steps:
        step.part = part
    StepRun.objects.bulk_create(
        steps,
        update_conflicts=True,
        unique_fields=["part", "step"],
        update_fields=STEP_FIELDS,
    )
