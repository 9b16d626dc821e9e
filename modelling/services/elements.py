"""What the changes of all kinds of elements have in common: finding one, its name, its event."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError

from config.api.errors import Conflict
from modelling.models import Diagram, Domain, Relationship, Table
from modelling.models.elements import Element
from modelling.services.changing import Change, already_deleted

Found = TypeVar("Found", bound=Element)
# What an element is called in messages, and in the types of events.
NAMES: dict[type[Element], str] = {
    Domain: "Domain",
    Table: "Table",
    Relationship: "Relationship",
    Diagram: "Data flow diagram",
}
KINDS: dict[type[Element], str] = {
    Domain: "domain",
    Table: "table",
    Relationship: "relationship",
    Diagram: "diagram",
}
# What is loaded with each, because it is shown.
LOADED: dict[type[Element], tuple[str, ...]] = {
    Table: ("primary_domain",),
    Relationship: ("source_table__primary_domain", "target_table__primary_domain"),
}


def rows(model: type[Found]) -> QuerySet[Found]:
    """Return all elements of a kind with what is shown of them."""
    return model.objects.select_related(*LOADED.get(model, ()))


def find(change: Change, model: type[Found], uuid: UUID) -> Found:
    """Return an element of the workspace, deleted or not; NotFound if it never was there."""
    row = rows(model).filter(workspace=change.workspace, uuid=uuid).first()
    if row is None:
        raise missing(model)
    return row


def missing(model: type[Element]) -> NotFound:
    """Return the error of an element that is not there."""
    return NotFound(f"{NAMES[model]} not found")


def demand_alive(row: Element) -> None:
    """Refuse with Conflict what is done to a deleted element, in the contract's words."""
    if row.deleted_at is not None:
        raise already_deleted(NAMES[type(row)], row.uuid)


def demand_free_name(change: Change, model: type[Element], name: str, *, besides: int = 0) -> None:
    """Refuse with Conflict a name that another living element of the kind has."""
    namesakes = model.objects.alive().filter(workspace=change.workspace, name=name)
    taken = namesakes.exclude(pk=besides).first()
    if taken is not None:
        kind = NAMES[model].lower()
        raise Conflict(
            f"A {kind} named {name!r} is in this workspace already", element_id=str(taken.uuid)
        )


def living(
    change: Change, model: type[Found], uuids: Iterable[UUID], *, field: str
) -> dict[UUID, Found]:
    """Return elements that a body names, by uuid; ValidationError if one is not in the workspace."""
    wanted = set(uuids)
    alive = rows(model).alive().filter(workspace=change.workspace, uuid__in=wanted)
    found = {row.uuid: row for row in alive} if wanted else {}
    if wanted - found.keys():
        kind = NAMES[model].lower()
        raise ValidationError({field: [f"{field} names a {kind} that is not in this workspace"]})
    return found


def told(change: Change, row: Element, verb: str, payload: Mapping[str, Any] | None = None) -> None:
    """Note what happened to an element: created, updated or deleted."""
    kind = KINDS[type(row)]
    change.tell(f"{kind}_{verb}", element=row.uuid, version=row.version, payload=payload)


def store(change: Change, row: Found, values: Mapping[str, Any]) -> set[str]:
    """Give an element new values; return the names of those that differ. Its version grows."""
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        touch(change, row, *changed)
    return changed


def touch(change: Change, row: Element, *fields: str) -> None:
    """Store these fields of an element as its next version."""
    row.version += 1
    row.last_modified_at = change.at
    type(row).objects.filter(pk=row.pk).update(
        **{name: getattr(row, name) for name in (*fields, "version", "last_modified_at")}
    )


def bury(change: Change, row: Element) -> None:
    """Leave a tombstone of an element, and tell it."""
    row.deleted_at = change.at
    touch(change, row, "deleted_at")
    told(change, row, "deleted", {})
