"""The room of a workspace: who may watch it, and what happened in it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from config.live.rooms import Entry
from config.live.rooms import Event as Told
from modelling.models import Event, Workspace


def may_enter(user: Any, key: str) -> Entry:
    """Return whether the user may watch this workspace; what is not theirs is not there."""
    try:
        is_visible = Workspace.objects.visible_to(user).filter(uuid=UUID(key)).exists()
    except ValueError:
        return Entry.MISSING
    return Entry.ALLOWED if is_visible else Entry.MISSING


def read_after(seqs: Mapping[str, int], most: int) -> Iterable[Told]:
    """Return the events that are newer than each workspace's `seq`, in order, so many at most."""
    newer = Q()
    for key, seq in seqs.items():
        newer |= Q(workspace__uuid=key, seq__gt=seq)
    found = Event.objects.filter(newer).select_related("actor", "workspace").order_by("seq")
    for event in found[:most]:
        key = str(event.workspace.uuid)
        user = str(event.actor.uuid) if event.actor else None
        yield Told(key, event.seq, event.body(workspace=key, user=user))
