"""How the columns of a PostgreSQL table grow, inside of the transaction that brings the rows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError
from connectors.sql.growing import Growth
from connectors.sql.names import TableName, quoted
from connectors.sql.postgres.catalog import Kept
from connectors.sql.postgres.writing import held

if TYPE_CHECKING:
    from psycopg import Connection

_VARCHAR = 1043
# A type modifier of varchar counts itself in.
_HEAD = 4


def grow(connection: "Connection[Any]", table: TableName, growth: Growth) -> None:
    """Add and widen columns in one statement; readers wait until the transaction ends."""
    steps = [f"ADD COLUMN {quoted(name)} {held(name, kind)}" for name, kind in growth.added.items()]
    for name, dtype in growth.widened.items():
        kind = held(name, dtype)
        steps.append(f"ALTER COLUMN {quoted(name)} TYPE {kind} USING {quoted(name)}::{kind}")
    _alter(connection, table, steps, ", ".join([*growth.added, *growth.widened]))


def lengthen(
    connection: "Connection[Any]",
    table: TableName,
    kept: Mapping[str, Kept],
    staging: TableName,
    staged: Mapping[str, str],
) -> None:
    """Let columns of varchar(n) hold the longest of the staged texts."""
    ends = {
        name: kept[name].column.typmod - _HEAD
        for name in staged
        if name in kept and kept[name].column.oid == _VARCHAR and kept[name].column.typmod > _HEAD
    }
    if not ends:
        return
    longest = ", ".join(f"max(length({quoted(staged[name])}::text))" for name in ends)
    row = connection.execute(f"SELECT {longest} FROM {staging.quoted()}".encode()).fetchone()
    short = [name for name, found in zip(ends, row or (), strict=True) if (found or 0) > ends[name]]
    if short:
        steps = [f"ALTER COLUMN {quoted(name)} TYPE text" for name in short]
        _alter(connection, table, steps, ", ".join(short))


def _alter(connection: "Connection[Any]", table: TableName, steps: list[str], names: str) -> None:
    import psycopg

    try:
        connection.execute(f"ALTER TABLE {table.quoted()} {', '.join(steps)}".encode())
    except (
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.InvalidTableDefinition,
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.TooManyColumns,
    ) as error:
        detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
        raise ConfigError(
            f"{table} cannot grow for {names}: {error.diag.message_primary}{detail}. Change the "
            "table by hand as its owner, or load into another table"
        ) from error
