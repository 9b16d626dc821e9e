"""A whole workspace as one document: what is exported, compared and restored."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.models import User
from modelling import schema
from modelling.models import Column, Diagram, Domain, Relationship, Table, Workspace
from modelling.services import elements
from modelling.services.workspaces import open_workspace
from modelling.shapes import PLAIN


def export_document(*, user: User, workspace: UUID) -> schema.Document:
    """Return a workspace that the user may read as it stood at one moment."""
    row, _ = open_workspace(user=user, workspace=workspace)
    with transaction.atomic():
        # Nobody writes while it is read; what is made of it takes longer and locks nothing.
        Workspace.objects.select_for_update().get(pk=row.pk)
        audit.record("workspace.exported", by=user, target=row, project=row.project)
        return document_of(row)


def document_of(workspace: Workspace) -> schema.Document:
    """Return all living elements of a workspace; a number of queries that does not grow."""
    return schema.Document(
        id=workspace.uuid,
        name=workspace.name,
        type=workspace.type,
        extras=workspace.extras,
        domains=tuple(_domain(row) for row in _alive(Domain, workspace)),
        tables=_tables(workspace),
        relationships=tuple(_relationship(row) for row in _alive(Relationship, workspace)),
        diagrams=tuple(_diagram(row) for row in _alive(Diagram, workspace)),
    )


def _alive(model: type[Any], workspace: Workspace) -> Any:
    return elements.rows(model).alive().filter(workspace=workspace).order_by("pk")


def _domain(row: Domain) -> schema.Domain:
    return schema.Domain(
        id=row.uuid,
        name=row.name,
        model_type=row.model_type,
        is_primary=row.is_primary,
        extras=row.extras,
    )


def _tables(workspace: Workspace) -> tuple[schema.Table, ...]:
    found = list(_alive(Table, workspace))
    columns = _columns({row.pk for row in found})
    return tuple(_table(row, columns) for row in found)


def _columns(tables: set[int]) -> Mapping[int, list[schema.Column]]:
    found: dict[int, list[schema.Column]] = defaultdict(list)
    rows = Column.objects.filter(table__in=tables).order_by("table_id", "order", "id")
    for table, uuid, extras, *values in rows.values_list("table_id", "uuid", "extras", *PLAIN):
        told = dict(zip(PLAIN, values, strict=True))
        found[table].append(schema.Column(id=uuid, extras=extras, **told))
    return found


def _table(row: Table, columns: Mapping[int, list[schema.Column]]) -> schema.Table:
    return schema.Table(
        id=row.uuid,
        primary_domain_id=row.primary_domain.uuid,
        name=row.name,
        alias=row.alias,
        model_type=row.model_type,
        position_x=row.position_x,
        position_y=row.position_y,
        width=row.width,
        height=row.height,
        visible_domains=tuple(map(UUID, row.visible_domains)),
        columns=tuple(columns[row.pk]),
        description=row.description,
        extras=row.extras,
    )


def _relationship(row: Relationship) -> schema.Relationship:
    return schema.Relationship(
        id=row.uuid,
        source_table_id=row.source_table.uuid,
        target_table_id=row.target_table.uuid,
        cardinality=row.cardinality,
        optionality=row.optionality,
        name=row.name,
        source_column_ids=tuple(map(UUID, row.source_column_ids)),
        target_column_ids=tuple(map(UUID, row.target_column_ids)),
        extras=row.extras,
    )


def _diagram(row: Diagram) -> schema.Diagram:
    return schema.Diagram(
        id=row.uuid,
        name=row.name,
        nodes=tuple(schema.Node.model_validate(node) for node in row.nodes),
        connections=tuple(schema.Connection.model_validate(arrow) for arrow in row.connections),
        linked_tables=tuple(map(UUID, row.linked_tables)),
        extras=row.extras,
    )
