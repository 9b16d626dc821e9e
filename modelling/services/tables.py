"""What can be done with tables."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from modelling import judging, schema
from modelling.access import Action
from modelling.models import Column, Diagram, Domain, Relationship, Table
from modelling.services import columns as columns_service
from modelling.services import elements, loops
from modelling.services.changing import Actor, Change, changing, demand_version
from modelling.shapes import Shape, columns_of, table_shape

FIELDS = (
    *("name", "alias", "model_type", "position_x", "position_y", "width", "height"),
    "description",
)


def create_table(*, actor: Actor, workspace: UUID, data: Any) -> Shape:
    """Add a table with its columns to a domain."""
    with changing(workspace=workspace, actor=actor) as change:
        asked, _ = _judged({"id": uuid4()}, judging.demand_object(data), before=[])
        domain = _domain(change, asked.primary_domain_id)
        elements.demand_free_name(change, Table, asked.name)
        row = Table.objects.create(
            uuid=asked.id,
            workspace=change.workspace,
            primary_domain=domain,
            visible_domains=_visible(change, asked),
            **{name: getattr(asked, name) for name in FIELDS},
        )
        columns_service.replace(change, row, asked.columns)
        shape = _shape(change, row)
        elements.told(change, row, "created", shape)
    return shape


def update_table(
    *, actor: Actor, workspace: UUID, table: UUID, data: Any, version: int | None = None
) -> Shape:
    """Change what is sent of a table; of a field that two change, the last change stays."""
    with changing(workspace=workspace, actor=actor) as change:
        row = _open(change, table)
        current = _shape(change, row)
        demand_version(known=row.version, asked=version, uuid=row.uuid, current=current)
        sent = judging.demand_object(data)
        asked, names = _judged(current, sent, before=current["columns"])
        changed = _apply(change, row, asked, names)
        shape = _shape(change, row)
        if changed:
            shown = {"primary_domain": "primary_domain_id"}
            payload = {key: shape[key] for key in (shown.get(name, name) for name in changed)}
            elements.told(change, row, "updated", payload)
    return shape


def delete_table(*, actor: Actor, workspace: UUID, table: UUID) -> None:
    """Take a table away, with its relationships and whatever else points to it."""
    with changing(workspace=workspace, actor=actor) as change:
        row = _open(change, table)
        elements.bury(change, row)
        alive = Relationship.objects.alive().filter(workspace=change.workspace)
        for end in alive.filter(Q(source_table=row) | Q(target_table=row)).order_by("pk"):
            elements.bury(change, end)
        gone = set(Column.objects.filter(table=row).values_list("uuid", flat=True))
        columns_service.release(change, gone, besides=row)
        for diagram in Diagram.objects.alive().filter(workspace=change.workspace):
            if str(table) in diagram.linked_tables:
                linked = [other for other in diagram.linked_tables if other != str(table)]
                elements.store(change, diagram, {"linked_tables": linked})
                elements.told(change, diagram, "updated", {"linked_tables": linked})
        loops.mark(change)


def _open(change: Change, table: UUID) -> Table:
    row = elements.find(change, Table, table)
    change.demand(Action.DRAW, row.primary_domain.uuid)
    elements.demand_alive(row)
    return row


def _judged(
    known: dict[str, Any], sent: dict[str, Any], *, before: list[Shape]
) -> tuple[schema.Table, set[str]]:
    if sent.get("columns") is not None:
        sent = {**sent, "columns": columns_service.laid_over(sent["columns"], before)}
    asked, names = judging.changes(
        schema.Table, known={**known, "columns": _bare(known.get("columns", []))}, sent=sent
    )
    return asked.model_copy(update={"columns": columns_service.densely(asked.columns)}), names


def _bare(columns: list[Shape]) -> list[Shape]:
    """Return columns without what their model does not know."""
    known = schema.Column.model_fields
    return [{key: value for key, value in one.items() if key in known} for one in columns]


def _apply(change: Change, row: Table, asked: schema.Table, names: set[str]) -> set[str]:
    """Store what was sent; return the names of what differs now."""
    if "name" in names:
        elements.demand_free_name(change, Table, asked.name, besides=row.pk)
    values: dict[str, Any] = {name: getattr(asked, name) for name in names.intersection(FIELDS)}
    if "primary_domain_id" in names:
        values["primary_domain"] = _domain(change, asked.primary_domain_id)
    if names & {"primary_domain_id", "visible_domains"}:
        values["visible_domains"] = _visible(change, asked, before=row)
    is_new = "columns" in names and columns_service.replace(change, row, asked.columns)
    changed = elements.store(change, row, values)
    if is_new and not changed:
        elements.touch(change, row)
    return changed | ({"columns"} if is_new else set())


def _domain(change: Change, uuid: UUID) -> Domain:
    """Return the domain that a table is to be in; the actor may draw there."""
    found = elements.living(change, Domain, [uuid], field="primary_domain_id")
    change.demand(Action.DRAW, uuid)
    return found[uuid]


def _visible(change: Change, asked: schema.Table, *, before: Table | None = None) -> list[str]:
    """Return the domains that show a table: the primary one and those that are named."""
    old = str(before.primary_domain.uuid) if before else ""
    named = [str(uuid) for uuid in asked.visible_domains]
    if before and named == before.visible_domains:
        # It moves: the canvas that it leaves does not show it any more.
        named = [uuid for uuid in named if uuid != old]
    elements.living(change, Domain, map(UUID, named), field="visible_domains")
    return list(dict.fromkeys([str(asked.primary_domain_id), *named]))


def _shape(change: Change, row: Table) -> Shape:
    columns = columns_of({row.pk: row.uuid})[row.pk]
    return table_shape(row, workspace=change.workspace.uuid, columns=columns)
