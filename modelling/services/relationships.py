"""What can be done with relationships."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from rest_framework.exceptions import ValidationError

from modelling import judging, schema
from modelling.access import Action
from modelling.models import Column, Relationship, Table
from modelling.services import elements, loops
from modelling.services.changing import Actor, Change, changing, demand_version
from modelling.shapes import Shape, relationship_shape

FIELDS = ("cardinality", "optionality", "name")
SIDES = ("source", "target")


def create_relationship(*, actor: Actor, workspace: UUID, data: Any) -> Shape:
    """Relate two tables, or a table to itself; whoever may draw one of them may."""
    with changing(workspace=workspace, actor=actor) as change:
        sent = _with_lists(judging.demand_object(data))
        asked, _ = judging.changes(schema.Relationship, known={"id": uuid4()}, sent=sent)
        ends = _ends(change, asked)
        row = Relationship.objects.create(
            uuid=asked.id,
            workspace=change.workspace,
            **{f"{side}_table": table for side, table in zip(SIDES, ends, strict=True)},
            **{name: getattr(asked, name) for name in FIELDS},
            **_lists(asked, ends),
        )
        row.is_circular = row.uuid in loops.mark(change, besides=row.pk)
        shape = relationship_shape(row, workspace=workspace)
        elements.told(change, row, "created", shape)
    return shape


def update_relationship(
    *, actor: Actor, workspace: UUID, relationship: UUID, data: Any, version: int | None = None
) -> Shape:
    """Change what is sent of a relationship; of a field that two change, the last change stays."""
    with changing(workspace=workspace, actor=actor) as change:
        row = _open(change, relationship)
        before = relationship_shape(row, workspace=workspace)
        demand_version(known=row.version, asked=version, uuid=row.uuid, current=before)
        sent = _with_lists(judging.demand_object(data))
        asked, names = judging.changes(
            schema.Relationship, known=_without_lost_columns(before, sent), sent=sent
        )
        values: dict[str, Any] = {name: getattr(asked, name) for name in names.intersection(FIELDS)}
        if names - set(FIELDS):
            ends = _ends(change, asked)
            values |= {f"{side}_table": end for side, end in zip(SIDES, ends, strict=True)}
            values |= _lists(asked, ends)
        if elements.store(change, row, values):
            row.is_circular = row.uuid in loops.mark(change, besides=row.pk)
            after = relationship_shape(row, workspace=workspace)
            elements.told(change, row, "updated", _differing(before, after))
        return relationship_shape(row, workspace=workspace)


def delete_relationship(*, actor: Actor, workspace: UUID, relationship: UUID) -> None:
    """Take a relationship away."""
    with changing(workspace=workspace, actor=actor) as change:
        elements.bury(change, _open(change, relationship))
        loops.mark(change)


def _open(change: Change, relationship: UUID) -> Relationship:
    row = elements.find(change, Relationship, relationship)
    domains = [end.primary_domain.uuid for end in (row.source_table, row.target_table)]
    change.demand(Action.DRAW, *domains)
    elements.demand_alive(row)
    return row


def _ends(change: Change, asked: schema.Relationship) -> tuple[Table, Table]:
    """Return the tables that are to be related; the actor may draw one of them."""
    found = [
        elements.living(change, Table, [getattr(asked, field)], field=field)
        for field in ("source_table_id", "target_table_id")
    ]
    source, target = found[0][asked.source_table_id], found[1][asked.target_table_id]
    change.demand(Action.DRAW, source.primary_domain.uuid, target.primary_domain.uuid)
    return source, target


def _lists(asked: schema.Relationship, ends: Sequence[Table]) -> dict[str, list[str]]:
    """Return the columns of both sides; ValidationError for one that is not its table's."""
    lists = {}
    for side, table in zip(SIDES, ends, strict=True):
        field = f"{side}_column_ids"
        ids = list(getattr(asked, field))
        own = Column.objects.filter(table=table, uuid__in=ids)
        if ids and set(ids) != set(own.values_list("uuid", flat=True)):
            raise ValidationError({field: [f"{field} names a column that {table} does not have"]})
        lists[field] = [str(uuid) for uuid in ids]
    if all(lists.values()) and len({len(ids) for ids in lists.values()}) > 1:
        raise ValidationError(
            {"target_column_ids": ["target_column_ids must have as many as source_column_ids"]}
        )
    return lists


def _with_lists(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent with the contract's single column ids as lists of one."""
    found = dict(sent)
    for side in SIDES:
        single, several = f"{side}_column_id", f"{side}_column_ids"
        if several not in sent and single in sent:
            found[several] = [] if sent[single] is None else [sent[single]]
    return found


def _without_lost_columns(known: Shape, sent: dict[str, Any]) -> Shape:
    """Leave out the columns of a table that is left, unless columns are sent with it."""
    kept = dict(known)
    for side in SIDES:
        table = sent.get(f"{side}_table_id")
        if table is not None and str(table) != str(known[f"{side}_table_id"]):
            kept |= {"source_column_ids": [], "target_column_ids": []}
    return kept


def _differing(before: Shape, after: Shape) -> Shape:
    unsaid = ("version", "last_modified_at")
    return {
        name: value for name, value in after.items() if before[name] != value and name not in unsaid
    }
