"""Whole lists of a workspace's elements, each with a number of queries that does not grow."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from modelling import shapes
from modelling.models import Diagram, Domain, Event, Relationship, Table, Workspace
from modelling.models.elements import Element
from modelling.services.elements import missing, rows
from modelling.shapes import Shape


def domains(workspace: Workspace) -> list[Shape]:
    """Return the domains, the oldest first."""
    found = _alive(Domain, workspace)
    return [shapes.domain_shape(row, workspace=workspace.uuid) for row in found]


def tables(workspace: Workspace, *, domain: UUID | None = None) -> list[Shape]:
    """Return the tables with their columns; of one domain, those that it shows."""
    found = list(_alive(Table, workspace))
    if domain is not None:
        if not _alive(Domain, workspace).filter(uuid=domain).exists():
            raise ValidationError({"domain_id": ["domain_id is no domain of this workspace"]})
        found = [row for row in found if str(domain) in row.visible_domains]
    return _with_columns(workspace, found)


def relationships(workspace: Workspace) -> list[Shape]:
    """Return the relationships, the oldest first."""
    tables = ("source_table", "target_table")
    # Of the tables nothing but their uuids is shown.
    own = [field.name for field in Relationship._meta.concrete_fields]  # noqa: SLF001 -- Django documents it
    light = _alive(Relationship, workspace).select_related(None).select_related(*tables)
    found = light.only(*own, *(f"{table}__uuid" for table in tables))
    return [shapes.relationship_shape(row, workspace=workspace.uuid) for row in found]


def diagrams(workspace: Workspace) -> list[Shape]:
    """Return the data flow diagrams, the oldest first."""
    found = _alive(Diagram, workspace)
    return [shapes.diagram_shape(row, workspace=workspace.uuid) for row in found]


def one(workspace: Workspace, model: type[Element], uuid: UUID) -> Shape:
    """Return one element; NotFound if it is not there or deleted."""
    row = _alive(model, workspace).filter(uuid=uuid).first()
    if row is None:
        raise missing(model)
    if isinstance(row, Table):
        return _with_columns(workspace, [row])[0]
    return SHAPES[model](row, workspace=workspace.uuid)


def events(
    workspace: Workspace, *, after: int, limit: int, element: UUID | None = None
) -> tuple[list[dict[str, Any]], bool]:
    """Return events that are newer than a seq, in order, and whether there are more of them."""
    found = Event.objects.filter(workspace=workspace, seq__gt=after).select_related("actor")
    if element is not None:
        found = found.filter(element=element)
    page = list(found.order_by("seq")[: limit + 1])
    return [event_body(event, str(workspace.uuid)) for event in page[:limit]], len(page) > limit


def event_body(event: Event, workspace: str) -> dict[str, Any]:
    """Return an event as sockets hear it; its actor is loaded with it."""
    user = str(event.actor.uuid) if event.actor else None
    return {"seq": event.seq, **event.body(workspace=workspace, user=user)}


def collaboration(workspace: Workspace, *, is_owner: bool) -> Shape:
    """Return who takes part; who is invited only for the owner."""
    joined = workspace.participants.select_related("user").order_by("pk")
    invited = workspace.invitations.order_by("pk") if is_owner else ()
    return {
        "session_id": workspace.session_uuid,
        "workspace_id": workspace.uuid,
        "primary_owner_id": workspace.owner.uuid,
        "participants": [shapes.participant_shape(row) for row in joined],
        "invitations": [shapes.invitation_shape(row) for row in invited],
        # Of the caller; nobody has a socket of a workspace yet.
        "websocket_connection_status": "disconnected",
    }


def _alive(model: type[Element], workspace: Workspace) -> QuerySet[Any]:
    return rows(model).alive().filter(workspace=workspace).order_by("pk")


def _with_columns(workspace: Workspace, found: list[Table]) -> list[Shape]:
    columns = shapes.columns_of({row.pk: row.uuid for row in found})
    return [
        shapes.table_shape(row, workspace=workspace.uuid, columns=columns[row.pk]) for row in found
    ]


SHAPES: dict[type[Element], Callable[..., Shape]] = {
    Domain: shapes.domain_shape,
    Relationship: shapes.relationship_shape,
    Diagram: shapes.diagram_shape,
}
