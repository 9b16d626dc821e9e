"""Markdown, out only: a page for people, with a table for each table."""

from collections.abc import Iterator
from uuid import UUID

from modelling.schema import Column, Document, Relationship, Table

TITLE = "Markdown"
SUFFIXES = (".md",)
MEDIA_TYPE = "text/markdown"
SPECIAL = str.maketrans({one: f"\\{one}" for one in "\\`*_[]<>|#"})


def render(document: Document) -> str:
    """Return a page about a model: its domains, their tables, what belongs together."""
    return "\n".join(_lines(document)) + "\n"


def plain(text: str) -> str:
    """Return a text on one line in which nothing is formatting."""
    return " ".join(text.split()).translate(SPECIAL)


def _lines(document: Document) -> Iterator[str]:
    yield f"# {plain(document.name)}"
    tables = {table.id: table for table in document.tables}
    for domain in document.domains:
        yield from ("", f"## {plain(domain.name)} ({domain.model_type})")
        for table in document.tables:
            if table.primary_domain_id == domain.id:
                yield from _table(table, document, tables)
    for diagram in document.diagrams:
        yield from ("", f"## Data flow: {plain(diagram.name)}", "")
        names = {node.id: node.name for node in diagram.nodes}
        yield from (f"- {plain(node.name)} ({node.type})" for node in diagram.nodes)
        for one in diagram.connections:
            ends = (plain(names.get(end, "?")) for end in (one.source_node_id, one.target_node_id))
            arrow = " → " if one.direction == "forward" else " ↔ "
            yield f"- {arrow.join(ends)}{f': {plain(one.label)}' if one.label else ''}"


def _table(table: Table, document: Document, tables: dict[UUID, Table]) -> Iterator[str]:
    alias = f" ({plain(table.alias)})" if table.alias else ""
    yield from ("", f"### {plain(table.name)}{alias}")
    if table.description:
        yield from ("", plain(table.description))
    if table.columns:
        yield from ("", "| column | type | key | null | default | |", "|---|---|---|---|---|---|")
        ordered = sorted(table.columns, key=lambda column: column.order)
        yield from (_row(column) for column in ordered)
    links = [one for one in document.relationships if one.target_table_id == table.id]
    if links:
        yield ""
        yield from (f"- {_link(one, tables)}" for one in links)


def _row(column: Column) -> str:
    marks = {
        "PK": column.is_primary_key,
        "FK": column.is_foreign_key,
        "unique": column.constraints.get("unique") is True,
    }
    cells = (
        plain(column.name),
        plain(column.data_type),
        ", ".join(mark for mark, is_set in marks.items() if is_set),
        "yes" if column.nullable else "no",
        plain(column.default_value or ""),
        plain(column.description),
    )
    return f"| {' | '.join(cells)} |"


def _link(one: Relationship, tables: dict[UUID, Table]) -> str:
    names = {column.id: column.name for table in tables.values() for column in table.columns}

    def side(table: UUID, columns: tuple[UUID, ...]) -> str:
        found = tables.get(table)
        inside = ", ".join(plain(names.get(column, "?")) for column in columns)
        return f"{plain(found.name) if found else '?'}{f' ({inside})' if inside else ''}"

    child = side(one.target_table_id, one.target_column_ids)
    parent = side(one.source_table_id, one.source_column_ids)
    label = f", {plain(one.name)}" if one.name else ""
    return f"{child} → {parent}: {one.cardinality}, {one.optionality}{label}"
