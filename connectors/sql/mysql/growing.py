"""How the columns of a MySQL table grow: by one ALTER TABLE right before the rows come.

The server commits each ALTER by itself, so it can be no part of the rows' transaction. It is done under
the target's lock, after the fence, with columns that may be null and with wider types only: a
death behind it leaves the same rows, and whoever comes next finds the work done.
"""

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, TransientError
from connectors.sql.mysql.catalog import Kept
from connectors.sql.mysql.errors import translated
from connectors.sql.mysql.fitting import Plan
from connectors.sql.mysql.staging import collation
from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    from connectors.sql.mysql.driver import Session

_ENDS = re.compile(r"(?:var)?(?:char|binary)\((\d+)\)")
_TEXTS = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215}
_BYTES = {"tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215}


def lengthened(
    session: "Session",
    staging: TableName,
    table: TableName,
    names: Collection[str],
    columns: Mapping[str, Kept],
) -> dict[str, str]:
    """Return wider types for the text and byte columns that the staged values are too long for."""
    known = {name.lower(): kept for name, kept in columns.items()}
    ends = {
        name: (known[name.lower()], end)
        for name in names
        if name.lower() in known and (end := _end(known[name.lower()].type)) is not None
    }
    if not ends:
        return {}
    sizes = [
        f"MAX({'LENGTH' if kept.type in _TEXTS or kept.collation is None else 'CHAR_LENGTH'}"
        f"({quoted(name, '`')}))"
        for name, (kept, _) in ends.items()
    ]
    [found] = session.run(f"SELECT {', '.join(sizes)} FROM {staging.quoted('`')}")
    long = {
        name: int(size)
        for (name, (_, end)), size in zip(ends.items(), found, strict=True)
        if size is not None and size > end
    }
    indexed = _indexed(session, table) if long else frozenset()
    return {
        ends[name][0].field.name: _longer(ends[name][0], size, is_indexed=name.lower() in indexed)
        for name, size in long.items()
    }


def alter(session: "Session", table: TableName, plan: Plan, columns: Mapping[str, Kept]) -> None:
    """Add and widen columns; all that was said of a widened one besides its type stays."""
    import pymysql

    steps = [
        f"ADD COLUMN {quoted(name, '`')} {_added(session, kind)}"
        for name, kind in plan.added.items()
    ]
    if plan.widened:
        [(_, sql)] = session.run(f"SHOW CREATE TABLE {table.quoted('`')}")
        steps += [
            f"MODIFY COLUMN {quoted(name, '`')} {kind}{_rest(str(sql), name, columns[name].type)}"
            for name, kind in plan.widened.items()
        ]
    try:
        session.run(f"ALTER TABLE {table.quoted('`')} {', '.join(steps)}")
    except pymysql.err.MySQLError as error:
        known = translated(error)
        if isinstance(known, TransientError):
            raise
        raise ConfigError(
            f"{table} cannot grow for {', '.join([*plan.added, *plan.widened])}: {known.message}. "
            "Change the table by hand, or load into another table"
        ) from None


def _end(kind: str) -> int | None:
    """Return how long a value may be, in characters or bytes; None for what has no end."""
    found = _ENDS.fullmatch(kind)
    return int(found[1]) if found else {**_TEXTS, **_BYTES}.get(kind)


def _longer(kept: Kept, size: int, *, is_indexed: bool) -> str:
    is_text = kept.collation is not None
    if is_indexed:
        # An index needs an end.
        return f"VARCHAR({size})" if is_text else f"VARBINARY({size})"
    return "LONGTEXT" if is_text else "LONGBLOB"


def _indexed(session: "Session", table: TableName) -> frozenset[str]:
    rows = session.run(
        "SELECT DISTINCT LOWER(COLUMN_NAME) FROM information_schema.STATISTICS "
        "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
        table.schema,
        table.table,
    )
    return frozenset(str(row[0]) for row in rows)


def _added(session: "Session", kind: str) -> str:
    """Return the type of a new column; a text holds all of Unicode, whatever the table's own do."""
    if kind != "LONGTEXT":
        return kind
    return f"{kind} CHARACTER SET utf8mb4 COLLATE {collation(session)}"


def _rest(sql: str, name: str, kind: str) -> str:
    """Return what the table's own statement says of a column behind its type."""
    start = f"{quoted(name, '`')} {kind}"
    lines = (line.strip().removesuffix(",") for line in sql.splitlines())
    return next((line[len(start) :] for line in lines if line.startswith(start)), "")
