"""What every change goes through: one lock, one transaction, events with numbers, the bell."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework.exceptions import NotFound, PermissionDenied

from accounts.models import User
from config.api.errors import Conflict
from config.api.renderers import dump
from config.live import ringing, rooms
from modelling.access import Access, Action, access_of
from modelling.models import Event, Participant, Workspace

# The kind of room in which a workspace's events are heard.
ROOM = "workspace"


@dataclass(frozen=True)
class Actor:
    """Who changes something, and through which connection, which needs no echo of it."""

    user: User
    connection: str = ""


@dataclass(frozen=True)
class Line:
    """One event before it has its number."""

    type: str
    element_type: str
    element: UUID
    payload: Mapping[str, Any]
    version: int


class Change:
    """A change of one workspace, whose row is locked; what it tells becomes events at its end."""

    def __init__(self, workspace: Workspace, access: Access, actor: Actor) -> None:
        self.workspace = workspace
        self.access = access
        self.actor = actor
        self.at: datetime = timezone.now()
        self._lines: list[Line] = []

    def demand(self, action: Action, *domains: UUID) -> None:
        """Refuse with PermissionDenied what the access table does not allow the actor."""
        if not self.access.may(action, domains=domains):
            raise PermissionDenied

    def tell(
        self, type_: str, *, element: UUID, version: int, payload: Mapping[str, Any] | None = None
    ) -> None:
        """Note an event, such as table_updated, of an element; its payload as the API shows it."""
        plain = json.loads(dump(payload or {}))
        self._lines.append(Line(type_, type_.rpartition("_")[0], element, plain, version))

    def store(self) -> None:
        """Write the events with the next numbers; sockets hear of them on commit."""
        if not self._lines:
            return
        workspace, count = self.workspace, len(self._lines)
        Workspace.objects.filter(pk=workspace.pk).update(
            seq=F("seq") + count, last_modified_at=self.at
        )
        events = Event.objects.bulk_create(
            Event(
                workspace=workspace,
                seq=seq,
                at=self.at,
                actor=self.actor.user,
                connection=self.actor.connection,
                type=line.type,
                element_type=line.element_type,
                element=line.element,
                payload=line.payload,
                version=line.version,
            )
            for seq, line in enumerate(self._lines, workspace.seq + 1)
        )
        workspace.seq += count
        workspace.last_modified_at = self.at
        Participant.objects.filter(workspace=workspace, user=self.actor.user).update(
            last_seen_at=self.at
        )
        key, user = str(workspace.uuid), str(self.actor.user.uuid)
        ringing.ring(
            ROOM,
            *(
                rooms.Event(key, event.seq, event.body(workspace=key, user=user))
                for event in events
            ),
        )


@contextmanager
def changing(*, workspace: UUID, actor: Actor) -> Iterator[Change]:
    """Change a workspace: its row is locked, so writers of one workspace take their turns.

    NotFound for a stranger, Conflict where the workspace was deleted. What raises inside leaves
    neither a change nor an event.
    """
    with transaction.atomic():
        row = Workspace.objects.select_for_update().filter(uuid=workspace).first()
        access = access_of(actor.user, row) if row else None
        if row is None or access is None:
            raise NotFound("Workspace not found")
        if row.deleted_at is not None:
            raise already_deleted("Workspace", row.uuid)
        change = Change(row, access, actor)
        yield change
        change.store()


def already_deleted(name: str, uuid: UUID) -> Conflict:
    """Return the error of whoever is too late, in the contract's words."""
    return Conflict(f"{name} has already been deleted", element_id=str(uuid))


def demand_version(*, known: int, asked: int | None, uuid: UUID, current: Any) -> None:
    """Refuse a change of a version that is not the last one; Conflict brings what is there now."""
    if asked is not None and asked != known:
        raise Conflict(
            f"It was changed meanwhile: version {known} is there, {asked} was meant",
            element_id=str(uuid),
            more={"current_version": known, "current": current},
        )
