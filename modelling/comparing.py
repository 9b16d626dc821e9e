"""What differs between two documents: added, removed, changed, and what would break for others.

Parts are the same if they have the same id, else if they have the same name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from modelling.schema import Column, Document, Part, Table

Kind = Literal["added", "removed", "changed"]
Element = Literal["document", "domain", "table", "column", "relationship", "diagram"]

SIZED = re.compile(r"\s*([a-z ]+?)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*", re.IGNORECASE)
WIDER = (("tinyint", "smallint", "int", "bigint"), ("real", "double"), ("float", "double"))
SPELLINGS = {"integer": "int", "int2": "smallint", "int4": "int", "int8": "bigint"}


@dataclass(frozen=True)
class Change:
    """One difference; `fields` has what was and what is, `breaks` why it breaks, if it does."""

    kind: Kind
    element: Element
    id: UUID
    name: str
    within: str = ""
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    breaks: tuple[str, ...] = ()

    @property
    def is_breaking(self) -> bool:
        """Whether somebody who reads or writes the data would notice."""
        return bool(self.breaks)


def differences(before: Document, after: Document) -> list[Change]:
    """Return all differences, in the order of the parts: what was there first, then what is new."""
    found = list(_one("document", before, after, {"name", "type"}))
    found += _parts("domain", before.domains, after.domains, {"name", "model_type", "is_primary"})
    found += _tables(before, after)
    fields = {"name", "cardinality", "optionality", "source_table_id", "target_table_id"}
    fields |= {"source_column_ids", "target_column_ids"}
    found += _parts("relationship", before.relationships, after.relationships, fields)
    shown = {"name", "nodes", "connections", "linked_tables"}
    found += _parts("diagram", before.diagrams, after.diagrams, shown)
    return found


def matched(
    before: Sequence[Any], after: Sequence[Any]
) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Return pairs by id and then by name, what is left of before, and what is left of after."""
    by_id = {part.id: part for part in after}
    pairs = {part.id: by_id.pop(part.id) for part in before if part.id in by_id}
    by_name = {part.name: part for part in by_id.values() if part.name}
    for part in before:
        if part.id not in pairs and part.name in by_name:
            pairs[part.id] = by_name.pop(part.name)
    used = {part.id for part in pairs.values()}
    both = [(part, pairs[part.id]) for part in before if part.id in pairs]
    gone = [part for part in before if part.id not in pairs]
    return both, gone, [part for part in after if part.id not in used]


def _parts(
    element: Element, before: Sequence[Any], after: Sequence[Any], fields: set[str]
) -> Iterator[Change]:
    both, gone, new = matched(before, after)
    for one, other in both:
        yield from _one(element, one, other, fields)
    yield from (Change("removed", element, part.id, part.name) for part in gone)
    yield from (Change("added", element, part.id, part.name) for part in new)


def _one(element: Element, before: Any, after: Any, fields: set[str]) -> Iterator[Change]:
    changed = changed_fields(before, after, fields)
    if changed:
        yield Change("changed", element, after.id, after.name, fields=changed)


def changed_fields(before: Part, after: Part, fields: set[str]) -> dict[str, tuple[Any, Any]]:
    """Return what two parts say differently, by field, and whether their extras differ."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in sorted(fields))
    changed = {name: (old, new) for name, old, new in pairs if old != new}
    if before.extras != after.extras:
        changed["extras"] = (before.extras, after.extras)
    return changed


def _tables(before: Document, after: Document) -> Iterator[Change]:
    both, gone, new = matched(before.tables, after.tables)
    fields = set(Table.model_fields) - {"id", "columns", "extras"}
    for one, other in both:
        changed = changed_fields(one, other, fields)
        if changed:
            breaks = ("the table has another name",) if "name" in changed else ()
            yield Change("changed", "table", other.id, other.name, fields=changed, breaks=breaks)
        yield from _columns(one, other)
    for table in gone:
        yield Change("removed", "table", table.id, table.name, breaks=("the table is gone",))
    yield from (Change("added", "table", table.id, table.name) for table in new)


def _columns(before: Table, after: Table) -> Iterator[Change]:
    both, gone, new = matched(before.columns, after.columns)
    fields = set(Column.model_fields) - {"id", "extras"}
    for one, other in both:
        changed = changed_fields(one, other, fields)
        if changed:
            breaks = tuple(_breaks(one, other))
            yield Change("changed", "column", other.id, other.name, after.name, changed, breaks)
    for column in gone:
        why = ("the column is gone",)
        yield Change("removed", "column", column.id, column.name, after.name, breaks=why)
    for column in new:
        yield Change("added", "column", column.id, column.name, after.name, breaks=_missed(column))


def _missed(column: Column) -> tuple[str, ...]:
    """Say why rows that were fine before are not any more, if so."""
    is_made = (
        column.nullable or column.default_value is not None or "identity" in column.constraints
    )
    return () if is_made else ("rows without the new column are refused",)


def _breaks(before: Column, after: Column) -> Iterator[str]:
    """Yield why a change of a column breaks what reads or writes it."""
    if before.name != after.name:
        yield "the column has another name"
    if before.data_type != after.data_type and not is_wider(before.data_type, after.data_type):
        yield f"values of type {before.data_type or 'unknown'} may not fit {after.data_type or 'unknown'}"
    if before.nullable and not after.nullable:
        yield "rows without a value are refused"
    if after.nullable and not before.nullable:
        yield "who reads may meet no value"
    if before.is_primary_key != after.is_primary_key:
        yield "the primary key has other columns"
    for key in ("unique", "check", "enum"):
        if before.constraints.get(key) != after.constraints.get(key):
            yield f"the constraint {key} is another one"


def is_wider(before: str, after: str) -> bool:
    """Whether every value of one type is a value of another; only what is certain counts."""
    if before.strip().lower() == after.strip().lower() or not before:
        return True
    old, new = SIZED.fullmatch(before), SIZED.fullmatch(after)
    if old and new:
        scales = int(old[3] or 0), int(new[3] or 0)
        whole = int(old[2]) - scales[0], int(new[2]) - scales[1]
        return old[1].lower() == new[1].lower() and scales[0] <= scales[1] and whole[0] <= whole[1]
    if old and old[1].lower() in ("varchar", "char", "character varying"):
        return after.strip().lower() == "text"
    names = [SPELLINGS.get(one, one) for one in (before.strip().lower(), after.strip().lower())]
    return any(
        names[0] in row and names[1] in row and row.index(names[0]) <= row.index(names[1])
        for row in WIDER
    )
