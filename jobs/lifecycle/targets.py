"""Target leases: one writer for a place at a time, with a fence that grows with every claim."""

import time
from datetime import datetime

from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from connectors.errors import TargetBusy
from jobs.lifecycle.claiming import lease_end
from jobs.models import Part, TargetLease
from jobs.models.leases import digest


def claim_target(part: Part, place: str) -> int:
    """Take the lease of a place for the holder of this part's lease, and return its fence.

    An earlier attempt of the same part gives way. TargetBusy while another part holds the place.
    """
    now = timezone.now()
    fence = _take(part, place, now=now) or _open(part, place, now=now)
    if fence is None:
        holder = TargetLease.objects.get(place_digest=digest(place)).holder
        run = f"run {holder.run.uuid}" if holder else "another run"
        raise TargetBusy(f"{place} is being written by {run}; this part waits for its turn")
    return fence


def release_targets(part: Part) -> None:
    """Give back what this part's lease holds; the rows stay, so that the fences go on growing."""
    TargetLease.objects.filter(token=part.lease_token).update(
        holder=None, token=None, expires_at=None
    )


def _take(part: Part, place: str, *, now: datetime) -> int | None:
    free = Q(expires_at=None) | Q(expires_at__lt=now) | Q(holder=part)
    rows = TargetLease.objects.filter(free, place_digest=digest(place)).update(
        holder=part,
        token=part.lease_token,
        expires_at=lease_end(now),
        fence=Greatest(F("fence") + 1, _least_fence()),
    )
    return _fence(part, place) if rows else None


def _open(part: Part, place: str, *, now: datetime) -> int | None:
    lease = TargetLease(
        place=place,
        place_digest=digest(place),
        holder=part,
        token=part.lease_token,
        expires_at=lease_end(now),
        fence=_least_fence(),
    )
    # Whoever comes second stores nothing, and finds another token in the row.
    TargetLease.objects.bulk_create([lease], ignore_conflicts=True)
    return _fence(part, place)


def _fence(part: Part, place: str) -> int | None:
    ours = TargetLease.objects.filter(place_digest=digest(place), token=part.lease_token)
    return ours.values_list("fence", flat=True).first()


def _least_fence() -> int:
    """Return a number that grows with time: a new installation outranks the marks of an old one."""
    return time.time_ns() // 1_000_000
