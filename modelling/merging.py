"""Bringing an imported document into one that is there: merge, replace or create.

- merge: parts that are the same (by id, else by name) take what the import says, but stay where
  they are drawn; what is new is added; nothing goes.
- replace: the document becomes the import; parts that are the same keep their ids.
- create: everything is added with new ids, under new names where the old ones are taken.

The document keeps its own id, name and type. `findings` of the result tells what a store would
refuse.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Literal, get_args
from uuid import UUID, uuid4

from modelling.comparing import matched
from modelling.schema import LONGEST_NAME, Document, Relationship, Table

Mode = Literal["merge", "replace", "create"]
MODES: tuple[Mode, ...] = get_args(Mode)
DRAWN = (
    *("position_x", "position_y", "width", "height", "primary_domain_id", "visible_domains"),
    "model_type",
)
# What may look like an id and is none.
WORDS = frozenset(
    {"name", "alias", "description", "data_type", "default_value", "label", "icon"}
    | {"constraints", "metadata"}
)
Ids = dict[UUID, UUID]


def merged(
    document: Document,
    imported: Document,
    mode: Mode,
    *,
    taken: Collection[UUID] = (),
    fresh: Callable[[], UUID] = uuid4,
) -> Document:
    """Return the document after an import; ids in `taken` belong to others and are given anew."""
    if mode == "create":
        renewed = renumbered(imported, {one: fresh() for one in all_ids(imported)})
        return _united(document, _renamed(document, renewed))
    same = _same(document, imported)
    strangers = (set(taken) | set(all_ids(document))) - set(same.values())
    new = {one: fresh() for one in all_ids(imported) if one not in same and one in strangers}
    renewed = renumbered(imported, same | new)
    if mode == "replace":
        kept = {"id": document.id, "name": document.name, "type": document.type}
        return renewed.model_copy(update=kept)
    return _united(document, renewed)


def all_ids(document: Document) -> Iterable[UUID]:
    """Yield the ids of all parts of a document, without its own."""
    for table in document.tables:
        yield table.id
        yield from (column.id for column in table.columns)
    for diagram in document.diagrams:
        yield diagram.id
        yield from (part.id for part in (*diagram.nodes, *diagram.connections))
    yield from (part.id for part in (*document.domains, *document.relationships))


def _same(document: Document, imported: Document) -> Ids:
    """Map ids of the import to those of the parts of the document that are the same."""
    same: Ids = {}
    for kind in ("domains", "tables", "diagrams"):
        both, _, _ = matched(getattr(document, kind), getattr(imported, kind))
        same |= {other.id: one.id for one, other in both}
        inner = {"tables": ("columns",), "diagrams": ("nodes", "connections")}.get(kind, ())
        for one, other in both:
            for parts in inner:
                pairs, _, _ = matched(*_nameable(getattr(one, parts), getattr(other, parts)))
                same |= {new.id: old.id for old, new in pairs}
    known = {_ends(one, {}): one.id for one in document.relationships}
    ids = {one.id for one in document.relationships}
    for one in imported.relationships:
        ends = _ends(one, same)
        if one.id in ids:
            same[one.id] = one.id
        elif ends in known and known[ends] not in same.values():
            same[one.id] = known[ends]
    return same


def _nameable(before: Sequence[Any], after: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return parts that can be matched by name; connections have none and match by id only."""
    if all(hasattr(part, "name") for part in (*before, *after)):
        return before, after
    ids = {part.id for part in before}
    shared = [part for part in after if part.id in ids]
    return [_Named(part.id) for part in before], [_Named(part.id) for part in shared]


class _Named:
    """A part that is known by its id only."""

    def __init__(self, own: UUID) -> None:
        self.id = own
        self.name = ""


def _ends(one: Relationship, ids: Ids) -> tuple[Any, ...]:
    def renewed(columns: tuple[UUID, ...]) -> tuple[UUID, ...]:
        return tuple(ids.get(column, column) for column in columns)

    tables = (one.source_table_id, one.target_table_id)
    return (
        *(ids.get(table, table) for table in tables),
        renewed(one.source_column_ids),
        renewed(one.target_column_ids),
    )


def renumbered(document: Document, ids: Ids) -> Document:
    """Return a document with other ids, in every place that names them."""
    texts = {str(old): str(new) for old, new in ids.items() if old != new}
    if not texts:
        return document
    return Document.model_validate(_replaced(document.model_dump(mode="json"), texts))


def _replaced(value: Any, texts: dict[str, str]) -> Any:
    """Return JSON with ids replaced where fields hold them, and in what extras say of nesting."""
    if isinstance(value, dict):
        return {
            key: inner
            if key in ("constraints", "metadata")
            else _kept(inner, texts)
            if key == "extras"
            else _replaced(inner, texts)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_replaced(inner, texts) for inner in value]
    return texts.get(value, value) if isinstance(value, str) else value


def _kept(extras: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    said = extras.get("odcs", {})
    if said.get("in") not in texts:
        return extras
    return extras | {"odcs": said | {"in": texts[said["in"]]}}


def _united(document: Document, imported: Document) -> Document:
    """Return all of a document and all of an import; of what is in both, the import's words."""
    drawn = {table.id: table for table in document.tables}
    tables = [_table(drawn.get(table.id), table) for table in imported.tables]
    united = _union(document.tables, tables)
    return document.model_copy(
        update={
            "domains": _domains(document, imported, united),
            "tables": united,
            "relationships": _union(document.relationships, imported.relationships),
            "diagrams": _union(document.diagrams, imported.diagrams),
            "extras": document.extras | {k: v for k, v in imported.extras.items() if k != "odcs"},
        }
    )


def _union(before: Sequence[Any], after: Sequence[Any]) -> tuple[Any, ...]:
    parts = {part.id: part for part in before} | {part.id: part for part in after}
    return tuple(parts.values())


def _table(before: Table | None, after: Table) -> Table:
    """Return an imported table where it was drawn, with the columns that only the old one has."""
    if before is None:
        return after
    known = {column.id for column in after.columns}
    names = {column.name for column in after.columns}
    left = [one for one in before.columns if one.id not in known and one.name not in names]
    columns = tuple(
        column.model_copy(update={"order": order})
        for order, column in enumerate((*after.columns, *left))
    )
    place = {name: getattr(before, name) for name in DRAWN}
    return after.model_copy(update={**place, "columns": columns})


def _domains(document: Document, imported: Document, tables: Sequence[Table]) -> tuple[Any, ...]:
    """Return the domains of both; one that only brought tables which stay elsewhere is left out."""
    used = {table.primary_domain_id for table in tables}
    brought = {table.primary_domain_id for table in imported.tables}
    known = {domain.id for domain in document.domains}
    has_primary = any(domain.is_primary for domain in document.domains)
    new = [
        domain.model_copy(update={"is_primary": domain.is_primary and not has_primary})
        for domain in imported.domains
        if domain.id not in known and (domain.id in used or domain.id not in brought)
    ]
    return (*document.domains, *new)


def _renamed(document: Document, imported: Document) -> Document:
    """Return an import whose names are free in the document."""
    changed = {}
    for kind in ("domains", "tables", "diagrams"):
        taken = {part.name for part in getattr(document, kind)}
        changed[kind] = tuple(
            part.model_copy(update={"name": _free(part.name, taken)})
            for part in getattr(imported, kind)
        )
    return imported.model_copy(update=changed)


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        end = f" {number}"
        found = name[: LONGEST_NAME - len(end)] + end
    taken.add(found)
    return found
