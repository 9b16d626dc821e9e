"""The columns of a table: a list that is sent whole, and what hangs on those that are gone."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from rest_framework.exceptions import ValidationError

from modelling import schema
from modelling.models import Column, Relationship, Table
from modelling.services import elements
from modelling.services.changing import Change
from modelling.shapes import PLAIN, Shape, columns_of, relationship_shape

# What may be null; of any other field null is as good as not sent.
NULLABLE = ("foreign_key_reference", "default_value")


def laid_over(sent: Any, before: Sequence[Shape]) -> Any:
    """Return columns as they are to be: those that were there, by id or name, keep what is not sent.

    New ones get an id. The order is the sent one, else the place in the list; it becomes dense.
    What is no list of objects is returned as it is, to be refused by its model.
    """
    if not isinstance(sent, list) or not all(isinstance(column, dict) for column in sent):
        return sent
    by_id = {str(shape["id"]): shape for shape in before}
    named = {str(column.get("id")) for column in sent}
    by_name = {shape["name"]: shape for key, shape in by_id.items() if key not in named}
    whole = []
    for place, column in enumerate(sent):
        known = by_id.get(str(column.get("id"))) or by_name.pop(str(column.get("name")), {})
        kept = {name: known[name] for name in PLAIN if name in known}
        told = {name: column[name] for name in PLAIN if _is_said(column, name)}
        identity = known.get("id") or column.get("id") or uuid4()
        order = place if column.get("order") is None else column["order"]
        whole.append({**kept, **told, "id": identity, "order": order})
    return whole


def densely(columns: Sequence[schema.Column]) -> list[schema.Column]:
    """Return columns in their order, numbered from 0 without gaps; ValidationError if two are alike."""
    for field in ("id", "name"):
        seen: set[Any] = set()
        for place, column in enumerate(columns):
            value = getattr(column, field)
            if value in seen:
                path = f"columns.{place}.{field}"
                raise ValidationError({path: [f"{field} {str(value)!r} is there twice"]})
            seen.add(value)
    ordered = sorted(columns, key=lambda column: column.order)
    return [column.model_copy(update={"order": place}) for place, column in enumerate(ordered)]


def replace(change: Change, table: Table, columns: Sequence[schema.Column]) -> bool:
    """Store columns as the whole list of a table; return whether anything differs.

    What pointed to one that is gone does not any more, and tells so.
    """
    columns = _with_ids_of_its_own(table, columns)
    _demand_targets(change, columns)
    stored = {row.uuid: row for row in Column.objects.filter(table=table)}
    wanted = {column.id: _values(column) for column in columns}
    Column.objects.bulk_create(
        Column(uuid=uuid, table=table, **values)
        for uuid, values in wanted.items()
        if uuid not in stored
    )
    differing = [row for uuid, row in stored.items() if _differs(row, wanted.get(uuid))]
    for row in differing:
        for name, value in wanted[row.uuid].items():
            setattr(row, name, value)
    Column.objects.bulk_update(differing, PLAIN)
    gone = stored.keys() - wanted.keys()
    if gone:
        Column.objects.filter(table=table, uuid__in=gone).delete()
        release(change, gone, besides=table)
    return bool(differing or gone or wanted.keys() - stored.keys())


def release(change: Change, gone: set[UUID], *, besides: Table) -> None:
    """Let nothing point to columns that are gone; `besides` tells of itself."""
    pointing = Column.objects.filter(
        table__workspace=change.workspace, table__deleted_at=None, foreign_key_reference__in=gone
    )
    keys = set(pointing.values_list("table", flat=True))
    pointing.update(foreign_key_reference=None)
    for row in elements.rows(Table).filter(pk__in=keys - {besides.pk}).order_by("pk"):
        elements.touch(change, row)
        columns = columns_of({row.pk: row.uuid})[row.pk]
        elements.told(change, row, "updated", {"columns": columns})
    _unpair(change, {str(uuid) for uuid in gone}, besides)


def _unpair(change: Change, gone: set[str], table: Table) -> None:
    """Take pairs of columns out of the relationships of a table."""
    alive = elements.rows(Relationship).alive().filter(workspace=change.workspace)
    for row in alive.filter(Q(source_table=table) | Q(target_table=table)).order_by("pk"):
        pairs = list(zip(row.source_column_ids, row.target_column_ids, strict=False))
        left = [pair for pair in pairs if not gone.intersection(pair)]
        lists = {
            "source_column_ids": [source for source, _ in left],
            "target_column_ids": [target for _, target in left],
        }
        if len(row.source_column_ids) != len(row.target_column_ids):
            lists = {name: [one for one in getattr(row, name) if one not in gone] for name in lists}
        if elements.store(change, row, lists):
            shape = relationship_shape(row, workspace=change.workspace.uuid)
            shown = (*lists, "source_column_id", "target_column_id")
            elements.told(change, row, "updated", {name: shape[name] for name in shown})


def _is_said(column: Shape, name: str) -> bool:
    """Return whether a field was sent; null says something only where it can be stored."""
    return name in column and (column[name] is not None or name in NULLABLE)


def _values(column: schema.Column) -> dict[str, Any]:
    return {name: getattr(column, name) for name in PLAIN}


def _differs(row: Column, values: Mapping[str, Any] | None) -> bool:
    return values is not None and any(getattr(row, name) != values[name] for name in values)


def _with_ids_of_its_own(table: Table, columns: Sequence[schema.Column]) -> Sequence[schema.Column]:
    """Give a new id to each column whose id is another table's; none is moved from there."""
    ids = [column.id for column in columns]
    elsewhere = Column.objects.filter(uuid__in=ids).exclude(table=table)
    taken = set(elsewhere.values_list("uuid", flat=True))
    return [
        column.model_copy(update={"id": uuid4()}) if column.id in taken else column
        for column in columns
    ]


def _demand_targets(change: Change, columns: Sequence[schema.Column]) -> None:
    """Refuse a reference to a column that is not in this workspace with a ValidationError."""
    own = {column.id for column in columns}
    asked = {column.foreign_key_reference for column in columns} - own - {None}
    if not asked:
        return
    known = Column.objects.filter(
        uuid__in=asked, table__workspace=change.workspace, table__deleted_at=None
    )
    missing = asked - set(known.values_list("uuid", flat=True))
    for place, column in enumerate(columns):
        if column.foreign_key_reference in missing:
            path = f"columns.{place}.foreign_key_reference"
            raise ValidationError({path: ["it names a column that is not in this workspace"]})
