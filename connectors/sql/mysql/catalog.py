"""What a MySQL database holds: tables, columns, keys, sizes, engines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import Stream
from connectors.errors import ConfigError
from connectors.sql.columns import check_names, cursors_of
from connectors.sql.markers import is_hidden
from connectors.sql.mysql import types as kinds
from connectors.sql.mysql.types import Column, Field, Reading, columns_of, dtype_of
from connectors.sql.names import TableName

if TYPE_CHECKING:
    from connectors.sql.mysql.driver import Session

QUOTE = "`"
# utf8mb4_general_ci, as far as text is told from bytes.
_TEXT_CHARSET = 45
_KINDS = {
    "tinyint": kinds.TINY,
    "smallint": kinds.SHORT,
    "mediumint": kinds.INT24,
    "int": kinds.LONG,
    "bigint": kinds.LONGLONG,
    "float": kinds.FLOAT,
    "double": kinds.DOUBLE,
    "decimal": kinds.DECIMAL,
    "date": kinds.DATE,
    "datetime": kinds.DATETIME,
    "timestamp": kinds.TIMESTAMP,
    "time": kinds.TIME,
    "year": kinds.YEAR,
    "bit": kinds.BIT,
    "json": kinds.JSON,
    "vector": kinds.VECTOR,
}
_BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
_SHAPES = frozenset(
    {
        *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"),
        *("multipolygon", "geometrycollection", "geomcollection"),
    }
)


@dataclass(frozen=True)
class Extent:
    """How big a table is, as the server estimates, and what keeps its rows."""

    engine: str | None
    rows: int | None
    size: int | None
    is_table: bool


@dataclass(frozen=True)
class Kept:
    """A column of a table that rows go to; `type` and `collation` are the server's words."""

    field: Field
    type: str
    collation: str | None
    is_required: bool
    is_computed: bool


def placed(name: TableName, database: str) -> TableName:
    """Return the name with its database."""
    return TableName(name.table, name.schema or database)


def described(session: "Session", origin: str, reading: Reading) -> list[Column]:
    """Return how the columns of `origin`, a quoted table or a query in brackets, are read."""
    columns = columns_of(session.describe(f"SELECT * FROM {origin}"), reading)
    check_names((column.name for column in columns), is_case_sensitive=False)
    return columns


def extent_of(session: "Session", name: TableName) -> Extent | None:
    """Return the size of a table or view, None where there is none."""
    rows = session.run(
        "SELECT ENGINE, TABLE_ROWS, DATA_LENGTH, TABLE_TYPE FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
        name.schema,
        name.table,
    )
    for engine, count, size, kind in rows:
        return Extent(engine, count, size, kind == "BASE TABLE")
    return None


def missing_table(session: "Session", name: TableName) -> ConfigError:
    """Return the error of a table that is not there, with the names that come near."""
    rows = session.run(
        "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
        "WHERE LOWER(TABLE_NAME) = LOWER(%s) OR TABLE_SCHEMA = %s "
        "ORDER BY LOWER(TABLE_NAME) <> LOWER(%s), TABLE_SCHEMA, TABLE_NAME LIMIT 20",
        name.table,
        name.schema,
        name.table,
    )
    near = [str(TableName(table, schema)) for schema, table in rows if not is_hidden(table)][:10]
    known = f"; there are: {', '.join(near)}" if near else ""
    return ConfigError(f"There is no table or view {name}{known}", field="table")


def primary_key(session: "Session", name: TableName) -> tuple[str, ...]:
    """Return the columns of the primary key in its order."""
    rows = session.run(
        "SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s "
        "AND TABLE_NAME = %s AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX",
        name.schema,
        name.table,
    )
    return tuple(str(row[0]) for row in rows)


_COLUMNS = (
    "SELECT c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE, c.COLUMN_TYPE, c.NUMERIC_PRECISION, "
    "c.NUMERIC_SCALE, c.CHARACTER_SET_NAME, c.DATETIME_PRECISION, c.IS_NULLABLE, c.EXTRA, "
    "c.COLUMN_DEFAULT, c.COLLATION_NAME FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = %s"
)
_ORDER = " ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION"


def streams(session: "Session", database: str, reading: Reading) -> list[Stream]:
    """Return all tables and views of a database that may be read."""
    keys: dict[str, list[str]] = {}
    for table, name in session.run(
        "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS "
        "WHERE TABLE_SCHEMA = %s AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX",
        database,
    ):
        keys.setdefault(table, []).append(name)
    found: dict[str, list[Field]] = {}
    for table, *row in session.run(_COLUMNS + _ORDER, database):
        if not is_hidden(table) and "INVISIBLE" not in row[8].upper():
            found.setdefault(table, []).append(_field(row))
    return [_stream(database, table, keys.get(table, ()), found[table], reading) for table in found]


def _stream(
    database: str, table: str, key: Sequence[str], fields: Sequence[Field], reading: Reading
) -> Stream:
    schema = {field.name: dtype_of(field, reading) for field in fields}
    options = {"table": str(TableName(table, database))}
    return Stream(table, schema, options, database, tuple(key), cursors_of(schema))


def kept_columns(session: "Session", name: TableName) -> dict[str, Kept]:
    """Return the columns of a table that exists, as somebody who writes it must know them."""
    rows = session.run(_COLUMNS + " AND c.TABLE_NAME = %s" + _ORDER, name.schema, name.table)
    return {row[1]: _kept(row[1:]) for row in rows}


def _kept(row: Sequence[Any]) -> Kept:
    extra = str(row[8]).upper()
    is_filled = row[9] is not None or "AUTO_INCREMENT" in extra
    is_computed = "GENERATED" in extra and "DEFAULT_GENERATED" not in extra
    return Kept(
        field=_field(row),
        type=str(row[2]),
        collation=row[10],
        is_required=row[7] == "NO" and not is_filled and not is_computed,
        is_computed=is_computed,
    )


def _field(row: Sequence[Any]) -> Field:
    """Return a column as an answer would describe it, from a row of information_schema."""
    name, kind, declared, precision, scale, charset, digits, nullable = row[:8]
    is_unsigned = "unsigned" in declared
    number = _KINDS.get(kind, kinds.STRING)
    if kind in _SHAPES:
        number = kinds.GEOMETRY
    length = int(precision or 0)
    if number == kinds.DECIMAL:
        length += (int(scale) > 0) + (not is_unsigned)
    if number == kinds.TINY:
        width = re.search(r"\((\d+)\)", declared)
        length = int(width[1]) if width else 4
    is_text = charset is not None or kind not in _BYTES
    flags = (32 if is_unsigned else 0) | (1 if nullable == "NO" else 0)
    places = int(digits or 0) if number in kinds.DATES else int(scale or 0)
    return Field(str(name), number, flags, length, places, _TEXT_CHARSET if is_text else 63)


def referring_to(session: "Session", name: TableName) -> list[str]:
    """Return the tables whose foreign keys refer to rows of this one."""
    rows = session.run(
        "SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE "
        "WHERE REFERENCED_TABLE_SCHEMA = %s AND REFERENCED_TABLE_NAME = %s",
        name.schema,
        name.table,
    )
    return [str(TableName(table, schema)) for schema, table in rows]


def attached_to(session: "Session", name: TableName, columns: Mapping[str, Kept]) -> list[str]:
    """Return what hangs on a table: indexes, triggers, constraints, partitions, computed columns."""
    at = (name.schema, name.table)
    asked = {
        "an index": "STATISTICS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
        "a constraint": "TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
        "a trigger": "TRIGGERS WHERE EVENT_OBJECT_SCHEMA = %s AND EVENT_OBJECT_TABLE = %s",
        "partitions": "PARTITIONS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s "
        "AND PARTITION_NAME IS NOT NULL",
        "a comment": "TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND TABLE_COMMENT <> ''",
        "a column with a default": "COLUMNS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND "
        "(EXTRA <> '' OR COLUMN_COMMENT <> '' OR (COLUMN_DEFAULT IS NOT NULL "
        "AND COLUMN_DEFAULT <> 'NULL'))",
    }
    found = [
        what
        for what, where in asked.items()
        if session.run(f"SELECT 1 FROM information_schema.{where} LIMIT 1", *at)
    ]
    if any(kept.is_computed for kept in columns.values()):
        found.append("a computed column")
    return found
