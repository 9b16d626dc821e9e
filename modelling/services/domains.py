"""What can be done with domains."""

from typing import Any
from uuid import UUID, uuid4

from config.api.errors import Conflict
from modelling import judging, schema
from modelling.access import Action, Standing
from modelling.models import Domain, Participant, Table
from modelling.services import elements
from modelling.services.changing import Actor, Change, changing, demand_version
from modelling.shapes import Shape, domain_shape

FIELDS = ("name", "model_type")


def create_domain(*, actor: Actor, workspace: UUID, data: Any) -> Shape:
    """Add a canvas, which an editor who is not the owner has as their own; the first is primary."""
    with changing(workspace=workspace, actor=actor) as change:
        change.demand(Action.ADD_DOMAIN)
        sent = judging.demand_object(data)
        asked, _ = judging.changes(schema.Domain, known={"id": uuid4()}, sent=sent)
        elements.demand_free_name(change, Domain, asked.name)
        others = Domain.objects.alive().filter(workspace=change.workspace)
        row = Domain.objects.create(
            uuid=asked.id,
            workspace=change.workspace,
            name=asked.name,
            model_type=asked.model_type,
            is_primary=not others.filter(is_primary=True).exists(),
        )
        shape = domain_shape(row, workspace=workspace)
        elements.told(change, row, "created", shape)
        if change.access.standing == Standing.EDIT:
            part = Participant.objects.get(workspace=change.workspace, user=actor.user)
            _own(change, part, [*part.canvas_ownership, str(row.uuid)])
    return shape


def update_domain(
    *, actor: Actor, workspace: UUID, domain: UUID, data: Any, version: int | None = None
) -> Shape:
    """Change what is sent of a domain; its canvas owner and the workspace's owner may."""
    with changing(workspace=workspace, actor=actor) as change:
        row = _open(change, domain)
        current = domain_shape(row, workspace=workspace)
        demand_version(known=row.version, asked=version, uuid=row.uuid, current=current)
        sent = judging.demand_object(data)
        asked, names = judging.changes(schema.Domain, known=current, sent=sent)
        elements.demand_free_name(change, Domain, asked.name, besides=row.pk)
        values = {name: getattr(asked, name) for name in names.intersection(FIELDS)}
        changed = elements.store(change, row, values)
        shape = domain_shape(row, workspace=workspace)
        if changed:
            elements.told(change, row, "updated", {name: shape[name] for name in changed})
    return shape


def delete_domain(*, actor: Actor, workspace: UUID, domain: UUID) -> None:
    """Take a domain away; Conflict while it is the primary one of a table."""
    with changing(workspace=workspace, actor=actor) as change:
        row = _open(change, domain)
        tables = Table.objects.alive().filter(workspace=change.workspace)
        if inside := tables.filter(primary_domain=row).count():
            raise Conflict(
                f"{inside} tables have it as their primary domain; move or delete them first",
                element_id=str(domain),
            )
        elements.bury(change, row)
        _forget(change, str(domain))
        if row.is_primary:
            _promote(change)


def _open(change: Change, domain: UUID) -> Domain:
    row = elements.find(change, Domain, domain)
    change.demand(Action.CHANGE_DOMAIN, row.uuid)
    elements.demand_alive(row)
    return row


def _forget(change: Change, domain: str) -> None:
    """Take a domain out of the tables that it showed, and from whom it belonged to."""
    for table in Table.objects.alive().filter(workspace=change.workspace):
        if domain in table.visible_domains:
            table.visible_domains = [other for other in table.visible_domains if other != domain]
            elements.touch(change, table, "visible_domains")
            elements.told(change, table, "updated", {"visible_domains": table.visible_domains})
    for part in Participant.objects.filter(workspace=change.workspace).select_related("user"):
        if domain in part.canvas_ownership:
            _own(change, part, [other for other in part.canvas_ownership if other != domain])


def _own(change: Change, part: Participant, domains: list[str]) -> None:
    part.canvas_ownership = domains
    part.save(update_fields=["canvas_ownership"])
    change.tell(
        "participant_updated",
        element=part.uuid,
        version=1,
        payload={"user_id": part.user.uuid, "canvas_ownership": domains},
    )


def _promote(change: Change) -> None:
    """Make the oldest domain the primary one."""
    oldest = Domain.objects.alive().filter(workspace=change.workspace).order_by("pk").first()
    if oldest is not None:
        elements.store(change, oldest, {"is_primary": True})
        elements.told(change, oldest, "updated", {"is_primary": True})
