"""The room of a run: who may watch it, and what happened in it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from config.live.rooms import Entry, Event
from jobs.models import Run, RunEvent


def may_enter(user: Any, key: str) -> Entry:
    """Return whether the user may watch the run with this uuid; what is not theirs is not there."""
    try:
        is_visible = Run.objects.visible_to(user).filter(uuid=UUID(key)).exists()
    except ValueError:
        return Entry.MISSING
    return Entry.ALLOWED if is_visible else Entry.MISSING


def read_after(seqs: Mapping[str, int], most: int) -> Iterable[Event]:
    """Return the events that are newer than each run's `seq`, in order, so many at most."""
    newer = Q()
    for key, seq in seqs.items():
        newer |= Q(run__uuid=key, seq__gt=seq)
    rows = RunEvent.objects.filter(newer).select_related("run").only("run__uuid", *FIELDS)
    return [Event(str(row.run.uuid), row.seq, row.body) for row in rows.order_by("seq")[:most]]


FIELDS = ("seq", "at", "level", "step", "kind", "message", "data")
