"""Rows as the API shows them: the same in answers, in events and in what sockets are sent."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from modelling.models import (
    Column,
    Diagram,
    Domain,
    Invitation,
    Participant,
    Relationship,
    Table,
    Workspace,
)

Shape = dict[str, Any]
# The fields of a column that are shown as they are, in the contract's order.
PLAIN = (
    "name",
    "data_type",
    "nullable",
    "is_primary_key",
    "is_foreign_key",
    "foreign_key_reference",
    "default_value",
    "constraints",
    "order",
    "description",
)


def workspace_shape(row: Workspace) -> Shape:
    """Return a workspace; its owner and project are loaded with it."""
    return {
        "id": row.uuid,
        "name": row.name,
        "type": row.type,
        "owner_id": row.owner.uuid,
        "project_id": row.project.uuid,
        "version": row.version,
        "seq": row.seq,
        "created_at": row.created_at,
        "last_modified_at": row.last_modified_at,
    }


def domain_shape(row: Domain, *, workspace: UUID) -> Shape:
    """Return a domain."""
    return {
        "id": row.uuid,
        "workspace_id": workspace,
        "name": row.name,
        "model_type": row.model_type,
        "is_primary": row.is_primary,
        **_ages(row),
    }


def table_shape(row: Table, *, workspace: UUID, columns: list[Shape]) -> Shape:
    """Return a table with its columns; its primary domain is loaded with it."""
    return {
        "id": row.uuid,
        "workspace_id": workspace,
        "primary_domain_id": row.primary_domain.uuid,
        "name": row.name,
        "alias": row.alias,
        "model_type": row.model_type,
        "position_x": row.position_x,
        "position_y": row.position_y,
        "width": row.width,
        "height": row.height,
        "visible_domains": row.visible_domains,
        "columns": columns,
        "description": row.description,
        **_ages(row),
    }


def columns_of(tables: Mapping[int, UUID]) -> dict[int, list[Shape]]:
    """Return the columns of tables, given as {key: uuid}, by the table's key; one query.

    The values are read as the driver gives them: Django's conversion of 20,000 rows takes longer
    than all the rest of the answer.
    """
    found: dict[int, list[Shape]] = defaultdict(list)
    if not tables:
        return found
    rows = Column.objects.filter(table__in=tables).order_by("table_id", "order", "id")
    sql, params = rows.values_list("table_id", "uuid", *PLAIN).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for table, uuid, *values in cursor.fetchall():
            found[table].append(_column_shape(tables[table], uuid, values))
    return found


def _column_shape(table: UUID, uuid: UUID | str, values: list[Any]) -> Shape:
    name, data_type, nullable, is_key, is_foreign, target, default, constraints, order, text = (
        values
    )
    return {
        "id": _hyphenated(uuid),
        "table_id": table,
        "name": name,
        "data_type": data_type,
        "nullable": bool(nullable),
        "is_primary_key": bool(is_key),
        "is_foreign_key": bool(is_foreign),
        "foreign_key_reference": target and _hyphenated(target),
        "default_value": default,
        "constraints": {} if constraints == "{}" else json.loads(constraints),
        "order": order,
        "description": text,
    }


def _hyphenated(uuid: UUID | str) -> UUID | str:
    """Return a uuid as people write it; SQLite stores its digits alone."""
    if isinstance(uuid, UUID):
        return uuid
    return f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}"


def relationship_shape(row: Relationship, *, workspace: UUID) -> Shape:
    """Return a relationship; its tables are loaded with it. The single ids are the first ones."""
    return {
        "id": row.uuid,
        "workspace_id": workspace,
        "source_table_id": row.source_table.uuid,
        "target_table_id": row.target_table.uuid,
        "cardinality": row.cardinality,
        "optionality": row.optionality,
        "name": row.name,
        "source_column_id": _first(row.source_column_ids),
        "target_column_id": _first(row.target_column_ids),
        "source_column_ids": row.source_column_ids,
        "target_column_ids": row.target_column_ids,
        "is_circular": row.is_circular,
        **_ages(row),
    }


def diagram_shape(row: Diagram, *, workspace: UUID) -> Shape:
    """Return a data flow diagram with its nodes and connections."""
    return {
        "id": row.uuid,
        "workspace_id": workspace,
        "name": row.name,
        "nodes": [{"diagram_id": row.uuid, **node} for node in row.nodes],
        "connections": [{"diagram_id": row.uuid, **arrow} for arrow in row.connections],
        "linked_tables": row.linked_tables,
        **_ages(row),
    }


def participant_shape(row: Participant) -> Shape:
    """Return a participant; the user is loaded with it."""
    return {
        "id": row.uuid,
        "user_id": row.user.uuid,
        "name": row.user.name or str(row.user),
        "access_level": row.access_level,
        "canvas_ownership": row.canvas_ownership,
        "status": "joined",
        "joined_at": row.joined_at,
        "last_seen_at": row.last_seen_at or row.joined_at,
    }


def invitation_shape(row: Invitation) -> Shape:
    """Return an invitation of somebody who is no user yet."""
    return {
        "id": row.uuid,
        "email": row.email or None,
        "github_username": row.github_username or None,
        "access_level": row.access_level,
        "canvas_ownership": row.canvas_ownership,
        "status": "invited",
        "invited_at": row.invited_at,
    }


def _first(ids: Iterable[str]) -> str | None:
    return next(iter(ids), None)


def _ages(row: Any) -> Shape:
    return {
        "version": row.version,
        "created_at": row.created_at,
        "last_modified_at": row.last_modified_at,
    }
