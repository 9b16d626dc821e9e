"""Relationships as a contract says them: on the referencing column, or on its table."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from modelling.formats.odcs.custom import listed
from modelling.formats.odcs.nesting import nested_in
from modelling.formats.odcs.references import reference
from modelling.schema import Column, Document, Relationship


class Names:
    """How the tables and columns of a document are named in references."""

    def __init__(self, document: Document, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self.tables = {
            table.id: (table.name, _written(table.extras, table.id)) for table in document.tables
        }
        self.columns = {
            column.id: (table.id, column) for table in document.tables for column in table.columns
        }
        self.known = {str(key): column for key, (_, column) in self.columns.items()}

    def table(self, table_id: UUID) -> str:
        """Return the path of a table."""
        return reference(self.tables[table_id], names=self.counts)

    def column(self, column_id: UUID) -> str:
        """Return how a column is named."""
        table_id, column = self.columns[column_id]
        steps = [_written(column.extras, column_id)]
        inner: Column | None = column
        while inner and (inner := nested_in(inner, self.known)):
            steps.insert(0, _written(inner.extras, inner.id))
        named = (column.name, *steps)
        return reference(self.tables[table_id], named, names=self.counts)

    def has(self, relationship: Relationship) -> bool:
        """Whether the columns of a relationship are columns of its tables."""
        sides = (
            (relationship.source_table_id, relationship.source_column_ids),
            (relationship.target_table_id, relationship.target_column_ids),
        )
        return all(
            column in self.columns and self.columns[column][0] == table
            for table, columns in sides
            for column in columns
        )


def _written(extras: Mapping[str, Any], own: UUID) -> str:
    return str(extras.get("odcs", {}).get("id", own))


def related(document: Document, names: Names) -> dict[UUID, list[dict[str, Any]]]:
    """Return relationships by the column or table that says them."""
    said: dict[UUID, list[dict[str, Any]]] = {}
    for one in document.relationships:
        if not (one.source_table_id in names.tables and one.target_table_id in names.tables):
            continue
        is_whole = one.is_paired and names.has(one)
        entry: dict[str, Any] = {"type": "foreignKey"}
        owner = one.target_table_id
        if is_whole and len(one.source_column_ids) == 1:
            owner = one.target_column_ids[0]
            entry["to"] = names.column(one.source_column_ids[0])
        elif is_whole:
            entry["from"] = [names.column(column) for column in one.target_column_ids]
            entry["to"] = [names.column(column) for column in one.source_column_ids]
        else:
            entry["from"] = names.table(one.target_table_id)
            entry["to"] = names.table(one.source_table_id)
        kept = one.extras.get("odcs", {})
        entry |= kept.get("more", {})
        entry["customProperties"] = listed(_ours(one, is_whole=is_whole)) + kept.get("custom", [])
        said.setdefault(owner, []).append(entry)
    return said


def _ours(one: Relationship, *, is_whole: bool) -> dict[str, Any]:
    """Return what the standard has no key for in a relationship."""
    others = {key: one.extras[key] for key in sorted(one.extras) if key != "odcs"}
    loose: dict[str, Any] = {}
    if not is_whole:
        sides = (("source", one.source_column_ids), ("target", one.target_column_ids))
        loose = {
            f"{side}ColumnIds": [str(c) for c in columns] for side, columns in sides if columns
        }
    label = {"label": one.name} if one.name else {}
    extras = {"modelExtras": others} if others else {}
    return {
        "relationshipId": str(one.id),
        **label,
        "cardinality": one.cardinality,
        "optionality": one.optionality,
        "sourceTableId": str(one.source_table_id),
        **loose,
        **extras,
    }
