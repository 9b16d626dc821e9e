"""When the bell is rung for a part that waits for a worker."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from jobs.models import Part, PartStatus

MOST_AT_ONCE = 500
# Five seconds doubled so often are some eleven minutes; a long queue is not rung to death.
MOST_DOUBLINGS = 7


def rung(now: datetime, *, rings: int = 0) -> dict[str, Any]:
    """Return the fields of a part whose bell is rung now: when it is rung again if nobody comes."""
    pause = settings.RING_AGAIN_SECONDS * 2 ** min(rings, MOST_DOUBLINGS)
    return {"ring_at": now + timedelta(seconds=pause), "rings": rings + 1}


def take_due_bells(now: datetime) -> list[int]:
    """Return the queued parts whose bell is due, each to one caller only."""
    queued = Part.objects.filter(status=PartStatus.QUEUED)
    due = queued.filter(ring_at__lte=now).filter(Q(next_try_at=None) | Q(next_try_at__lte=now))
    found = due.order_by("ring_at").values_list("pk", "ring_at", "rings")[:MOST_AT_ONCE]
    return [
        pk
        for pk, ring_at, rings in list(found)
        if queued.filter(pk=pk, ring_at=ring_at).update(**rung(now, rings=rings)) == 1
    ]
