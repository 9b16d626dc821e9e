"""How the columns of a SQLite table grow, inside of the transaction that brings the rows.

SQLite adds columns and cannot change their types. So a table whose column is widened is made anew
from itself: possible where it is nothing but columns, as tables are that a load has made.
"""

import re
import sqlite3
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.growing import Growth
from connectors.sql.markers import PREFIX
from connectors.sql.names import quoted
from connectors.sql.sqlite import files
from connectors.sql.sqlite.meanings import meaning
from connectors.sql.sqlite.types import declared

if TYPE_CHECKING:
    import polars as pl

_OLD = f"{PREFIX}_old"
_QUOTED = re.compile(
    r"\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL
)
_RULES = re.compile(
    r"\b(AUTOINCREMENT|CHECK|COLLATE|CONSTRAINT|DEFAULT|FOREIGN|GENERATED|NOT\s+NULL|PRIMARY|"
    r"REFERENCES|STRICT|UNIQUE|WITHOUT)\b",
    re.IGNORECASE,
)
_THREE = "'*.[0-9][0-9][0-9]'"


def grow(connection: sqlite3.Connection, table: str, growth: Growth) -> None:
    """Add and widen columns; raise ConfigError where a table has rules that would be lost."""
    if growth.widened:
        _remake(connection, table, growth)
    for name, dtype in growth.added.items():
        kind = declared(name, dtype)
        connection.execute(f"ALTER TABLE main.{quoted(table)} ADD COLUMN {quoted(name)} {kind}")


def check_growth(connection: sqlite3.Connection, table: str, growth: Growth) -> None:
    """Refuse what cannot be done, before rows move."""
    computed = [row["name"] for row in files.info(connection, table) if row["hidden"]]
    known = {name.lower() for name in computed}
    for name, dtype in growth.added.items():
        if name.lower() in known:
            raise ConfigError(f"{table} computes column {name!r} itself; drop it from the rows")
        declared(name, dtype)
    if growth.widened:
        _require_plain(connection, table, next(iter(growth.widened)))


def _require_plain(connection: sqlite3.Connection, table: str, column: str) -> None:
    (sql,) = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE",
        (table,),
    ).fetchone()
    found = _RULES.search(_QUOTED.sub(" ", sql))
    if found:
        raise ConfigError(
            f"Column {column!r} of {table} is too narrow for the rows; SQLite cannot change a "
            f"column's type, and a table with {found[0].upper()} is not made anew, for its rules "
            "would be lost. Change it by hand, load into another table, or replace the table"
        )


def _remake(connection: sqlite3.Connection, table: str, growth: Growth) -> None:
    """Copy the table into one with wider types, and give that its indexes and triggers back."""
    columns = files.info(connection, table)
    attached = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE type IN ('index', 'trigger') "
        "AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL",
        (table,),
    ).fetchall()
    definitions, values = [], []
    for column in columns:
        name, dtype = column["name"], growth.widened.get(column["name"])
        kind = column["type"] if dtype is None else declared(name, dtype)
        definitions.append(f"{quoted(name)} {kind}".strip())
        values.append(quoted(name) if dtype is None else _converted(name, column["type"], dtype))
    # Views and triggers go on naming the table, whatever it is called meanwhile.
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"ALTER TABLE main.{quoted(table)} RENAME TO {_OLD}")
    connection.execute(f"CREATE TABLE main.{quoted(table)} ({', '.join(definitions)})")
    connection.execute(
        f"INSERT INTO main.{quoted(table)} SELECT {', '.join(values)} FROM main.{_OLD} "
        "ORDER BY rowid"
    )
    connection.execute(f"DROP TABLE main.{_OLD}")
    for (sql,) in attached:
        connection.execute(sql)


def _converted(name: str, kind: str, dtype: "pl.DataType") -> str:
    """Return the expression of a column's values as the wider type writes them.

    A value that is none of the declared type (SQLite lets anything in) stays as it is.
    """
    import polars as pl

    at, held = quoted(name), meaning(kind)
    if isinstance(dtype, pl.Decimal):
        scale = held.dtype.scale if held and isinstance(held.dtype, pl.Decimal) else 0
        point = "." if dtype.scale and not scale else ""
        text = f"CAST({at} AS TEXT) || '{point}{'0' * (dtype.scale - scale)}'"
        test = held.test.replace("{c}", at) if held else f"typeof({at}) = 'integer'"
        return f"CASE WHEN {test} THEN {text} ELSE {at} END"
    if held is not None and isinstance(held.dtype, pl.Date):
        zeros = "0" * {"ms": 3}.get(getattr(dtype, "time_unit", "us"), 6)
        test = held.test.replace("{c}", at)
        return f"CASE WHEN {test} THEN {at} || ' 00:00:00.{zeros}' ELSE {at} END"
    if held is not None and isinstance(held.dtype, pl.Datetime):
        zone = "+00:00" if held.dtype.time_zone else ""
        plain = f"substr({at}, 1, length({at}) - {len(zone)})"
        return f"CASE WHEN {plain} GLOB {_THREE} THEN {plain} || '000{zone}' ELSE {at} END"
    return f"CASE WHEN typeof({at}) = 'integer' THEN CAST({at} AS TEXT) ELSE {at} END"
