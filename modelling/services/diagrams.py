"""What can be done with data flow diagrams."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from rest_framework.exceptions import ValidationError

from modelling import judging, schema
from modelling.access import Action
from modelling.models import Diagram, Table
from modelling.services import elements
from modelling.services.changing import Actor, Change, changing, demand_version
from modelling.shapes import Shape, diagram_shape

LISTS = {"nodes": schema.Node, "connections": schema.Connection}


def create_diagram(*, actor: Actor, workspace: UUID, data: Any) -> Shape:
    """Draw a diagram; ids of nodes that are sent are kept, so connections can name them."""
    with changing(workspace=workspace, actor=actor) as change:
        change.demand(Action.DRAW_DIAGRAM)
        sent = _with_ids(judging.demand_object(data))
        asked, _ = judging.changes(schema.Diagram, known={"id": uuid4()}, sent=sent)
        elements.demand_free_name(change, Diagram, asked.name)
        row = Diagram.objects.create(
            uuid=asked.id,
            workspace=change.workspace,
            name=asked.name,
            **_values(change, asked, {*LISTS, "linked_tables"}),
        )
        shape = diagram_shape(row, workspace=workspace)
        elements.told(change, row, "created", shape)
    return shape


def update_diagram(
    *, actor: Actor, workspace: UUID, diagram: UUID, data: Any, version: int | None = None
) -> Shape:
    """Change what is sent of a diagram; a list that is sent takes the place of the whole list."""
    with changing(workspace=workspace, actor=actor) as change:
        row = _open(change, diagram)
        current = diagram_shape(row, workspace=workspace)
        demand_version(known=row.version, asked=version, uuid=row.uuid, current=current)
        sent = _with_ids(judging.demand_object(data))
        known = {"id": row.uuid, "name": row.name, "linked_tables": row.linked_tables}
        known |= {name: getattr(row, name) for name in LISTS}
        asked, names = judging.changes(schema.Diagram, known=known, sent=sent)
        if "name" in names:
            elements.demand_free_name(change, Diagram, asked.name, besides=row.pk)
        changed = elements.store(change, row, _values(change, asked, names))
        shape = diagram_shape(row, workspace=workspace)
        if changed:
            elements.told(change, row, "updated", {name: shape[name] for name in changed})
    return shape


def delete_diagram(*, actor: Actor, workspace: UUID, diagram: UUID) -> None:
    """Take a diagram away."""
    with changing(workspace=workspace, actor=actor) as change:
        elements.bury(change, _open(change, diagram))


def _open(change: Change, diagram: UUID) -> Diagram:
    row = elements.find(change, Diagram, diagram)
    change.demand(Action.DRAW_DIAGRAM)
    elements.demand_alive(row)
    return row


def _with_ids(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent with an id for each node and connection, and nothing unknown in them."""
    found = dict(sent)
    for name, model in LISTS.items():
        if isinstance(parts := sent.get(name), list):
            found[name] = [_with_id(model, part) for part in parts]
    return found


def _with_id(model: type[schema.Part], part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    known = {name: value for name, value in part.items() if name in model.model_fields}
    told = {name: value for name, value in known.items() if value is not None or name == "type"}
    return {**told, "id": part.get("id") or uuid4()}


def _values(change: Change, asked: schema.Diagram, names: Iterable[str]) -> dict[str, Any]:
    """Return what was sent as it is stored; ValidationError for ends and tables not there."""
    values: dict[str, Any] = {}
    if set(names) & LISTS.keys():
        _demand_ends(asked)
    for name in names:
        if name in LISTS:
            parts = getattr(asked, name)
            values[name] = [part.model_dump(mode="json", exclude={"extras"}) for part in parts]
        elif name == "linked_tables":
            elements.living(change, Table, asked.linked_tables, field=name)
            values[name] = list(dict.fromkeys(map(str, asked.linked_tables)))
        else:
            values[name] = getattr(asked, name)
    return values


def _demand_ends(asked: schema.Diagram) -> None:
    for name in LISTS:
        seen: set[UUID] = set()
        for place, part in enumerate(getattr(asked, name)):
            if part.id in seen:
                raise ValidationError({f"{name}.{place}.id": [f"id {part.id} is there twice"]})
            seen.add(part.id)
    nodes = {node.id for node in asked.nodes}
    for place, arrow in enumerate(asked.connections):
        for field in ("source_node_id", "target_node_id"):
            if getattr(arrow, field) not in nodes:
                path = f"connections.{place}.{field}"
                raise ValidationError({path: [f"{field} names a node that is not in this diagram"]})
        if arrow.source_node_id == arrow.target_node_id:
            path = f"connections.{place}.target_node_id"
            raise ValidationError({path: ["target_node_id must be another node than the source"]})
