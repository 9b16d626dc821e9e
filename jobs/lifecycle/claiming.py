"""Part leases: who works on a part, and until when that holds without a sign of life."""

from datetime import datetime, timedelta
from enum import Enum
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs.lifecycle.events import Line, append
from jobs.lifecycle.moving import changing, move
from jobs.models import EventKind, Part, PartStatus, Status, TargetLease

MOST_AT_ONCE = 200


class Hold(Enum):
    """What a heartbeat learns about the attempt whose lease it renews."""

    OURS = "ours"
    CANCELLED = "cancelled"
    STALLED = "stalled"
    LOST = "lost"


def lease_end(now: datetime) -> datetime:
    """Return until when a lease holds that is taken or renewed now."""
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def claim_part(part_id: int, *, host: str, pid: int) -> Part | None:
    """Take a queued part for this worker; None if it is taken, not due or no longer wanted.

    The broker may deliver twice: the second delivery finds the part taken.
    """
    part = Part.objects.filter(pk=part_id, status=PartStatus.QUEUED).first()
    now = timezone.now()
    if part is None or (part.next_try_at is not None and part.next_try_at > now):
        return None
    with changing(part.run_id) as run:
        move(run, Status.RUNNING, started_at=run.started_at or now)
        if run.status == Status.RUNNING and _take(part, host=host, pid=pid, now=now):
            append(run, [_started(part, now)])
            part.run = run
            return part
        transaction.set_rollback(True)
    return None


def _take(part: Part, *, host: str, pid: int, now: datetime) -> bool:
    return move(
        part,
        PartStatus.RUNNING,
        lease_token=uuid4(),
        lease_expires_at=lease_end(now),
        worker_host=host,
        worker_pid=pid,
        started_at=now,
        next_try_at=None,
        ring_at=None,
    )


def _started(part: Part, now: datetime) -> Line:
    again = f" (attempt {part.attempt})" if part.attempt > 1 else ""
    return Line(
        f"{part.name or part.key} started{again}",
        kind=EventKind.STATUS,
        data={"status": "running", "part": part.key, "attempt": part.attempt},
        at=now,
    )


def renew(part: Part) -> Hold:
    """Prolong the leases of a part and its targets, and tell whether to go on."""
    now = timezone.now()
    until = lease_end(now)
    held = Part.objects.filter(
        pk=part.pk, status=PartStatus.RUNNING, lease_token=part.lease_token
    ).update(lease_expires_at=until)
    if held != 1:
        return Hold.LOST
    TargetLease.objects.filter(token=part.lease_token).update(expires_at=until)
    return look(part)


def look(part: Part) -> Hold:
    """Tell whether to go on, without prolonging anything."""
    ours = Part.objects.filter(pk=part.pk, status=PartStatus.RUNNING, lease_token=part.lease_token)
    found = list(ours.values_list("run__cancel_requested_at", flat=True))
    if not found:
        return Hold.LOST
    return Hold.OURS if found[0] is None else Hold.CANCELLED


def find_lost(now: datetime) -> list[Part]:
    """Return the running parts whose worker gave no sign of life in time."""
    lost = Part.objects.filter(status=PartStatus.RUNNING, lease_expires_at__lt=now)
    return list(lost.order_by("lease_expires_at")[:MOST_AT_ONCE])
