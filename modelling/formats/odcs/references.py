"""The two ways in which the standard names a column: `table.column`, and a path of ids."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from modelling.formats.odcs.reading import Reading

SHORT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class End:
    """One end of a relationship: a table, and a column of it unless the whole table is meant."""

    table: UUID
    column: UUID | None = None


def resolved(reading: Reading, reference: str) -> End | None:
    """Return what a reference names, or None if it is not in this contract."""
    file, mark, inner = reference.rpartition("#")
    if mark and file:
        return None
    if "/" in inner:
        return _by_ids(reading, inner.strip("/").split("/"))
    name, _, column = inner.partition(".")
    table = reading.tables.get(name)
    if table is None:
        return None
    found = reading.columns.get((table, column))
    return End(table, found) if found else None


def _by_ids(reading: Reading, steps: list[str]) -> End | None:
    """Follow `schema/<id>` or `schema/<id>/properties/<id>…`; the last id names the column."""
    if len(steps) < 2 or steps[0] != "schema":
        return None
    table = reading.table_ids.get(steps[1]) or reading.tables.get(steps[1])
    if table is None or len(steps) == 2:
        return End(table) if table else None
    if len(steps) % 2 or any(step != "properties" for step in steps[2::2]):
        return None
    found = reading.column_ids.get((table, steps[-1])) or reading.columns.get((table, steps[-1]))
    return End(table, found) if found else None


def reference(
    table: tuple[str, str], column: tuple[str, ...] = (), *, names: Mapping[str, int]
) -> str:
    """Return how a column is named: by names where they are plain and unique, else by ids.

    `table` is its name and id; `column` its name and the ids that lead to it.
    """
    name, table_id = table
    if not column:
        return f"schema/{table_id}"
    if SHORT.fullmatch(name) and SHORT.fullmatch(column[0]) and names.get(name) == 1:
        return f"{name}.{column[0]}"
    return "/".join(["schema", table_id, *(f"properties/{step}" for step in column[1:])])
