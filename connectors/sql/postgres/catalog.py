"""What a PostgreSQL database holds: tables, columns, keys, sizes, and what hangs on a table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import Stream
from connectors.errors import ConfigError
from connectors.sql.columns import check_names
from connectors.sql.markers import is_hidden
from connectors.sql.names import TableName
from connectors.sql.postgres.types import Column, read_as

if TYPE_CHECKING:
    from psycopg import Connection

PUBLIC = "public"


# Since then a range of ctids is read without looking at the rest of the table.
_RANGES_SINCE = 140_000


@dataclass(frozen=True)
class Extent:
    """How big a relation is: estimated rows, bytes, and the pages that ranges of ctids may cut."""

    kind: str
    rows: int | None
    size: int
    pages: int


@dataclass(frozen=True)
class Kept:
    """A column of a table that rows go to: its type, and whether it must be given."""

    column: Column
    type_name: str
    is_required: bool
    is_writable: bool


def placed(name: TableName) -> TableName:
    """Return the name with its schema."""
    return TableName(name.table, name.schema or PUBLIC)


def columns_of(connection: "Connection[Any]", origin: str) -> list[Column]:
    """Return how the columns of `origin`, a quoted table or a query in brackets, are read."""
    # Binary asks for the extended protocol, which takes one statement and no more.
    cursor = connection.execute(f"SELECT * FROM {origin} LIMIT 0".encode(), binary=True)
    result = cursor.pgresult
    assert result is not None
    count = result.nfields
    oids = [result.ftype(at) for at in range(count)]
    arrays = _arrays(connection, [oid for oid in oids if oid])
    columns = [
        read_as((result.fname(at) or b"").decode(), oid, result.fmod(at), is_array=oid in arrays)
        for at, oid in enumerate(oids)
    ]
    check_names(column.name for column in columns)
    return columns


def _arrays(connection: "Connection[Any]", oids: Sequence[int]) -> set[int]:
    """Return which of these types are arrays."""
    rows = connection.execute(
        "SELECT oid FROM pg_catalog.pg_type WHERE oid = ANY(%s) AND typcategory = 'A'",
        (list(set(oids)),),
    ).fetchall()
    return {row[0] for row in rows}


def table_columns(connection: "Connection[Any]", name: TableName) -> list[Column]:
    """Return how the columns of a table are read; raises ConfigError where it is not there."""
    require_table(connection, name)
    return columns_of(connection, name.quoted())


def kind_of(connection: "Connection[Any]", name: TableName) -> str | None:
    """Return pg_class.relkind of a relation, None where there is none."""
    row = connection.execute(
        "SELECT c.relkind::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
        (name.schema, name.table),
    ).fetchone()
    return None if row is None else str(row[0])


def require_table(connection: "Connection[Any]", name: TableName) -> None:
    """Raise ConfigError, with the names that come near, where a relation is not there."""
    if kind_of(connection, name) is not None:
        return
    rows = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND "
        "(lower(c.relname) = lower(%s) OR n.nspname = %s) "
        "ORDER BY lower(c.relname) <> lower(%s), n.nspname, c.relname LIMIT 10",
        (name.table, name.schema, name.table),
    ).fetchall()
    near = [str(TableName(table, schema)) for schema, table in rows if not is_hidden(table)]
    known = f"; there are: {', '.join(near)}" if near else ""
    raise ConfigError(f"There is no table or view {name}{known}", field="table")


def extent_of(connection: "Connection[Any]", name: TableName) -> Extent:
    """Return the size of a relation with all its partitions and heirs.

    A SELECT reads those through the same ranges of ctids, so the longest of them sets the pages;
    they are 0 where ranges would not work (views, foreign tables, other storage, old servers).
    """
    row = connection.execute(
        "WITH RECURSIVE tree AS ("
        "SELECT c.oid, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s "
        "UNION ALL SELECT i.inhrelid, tree.relkind FROM tree "
        "JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid) "
        "SELECT min(tree.relkind::text), sum(c.reltuples) FILTER (WHERE c.relkind <> 'p')::int8, "
        "coalesce(bool_or(c.reltuples < 0 AND c.relkind <> 'p'), false), "
        "coalesce(sum(pg_relation_size(c.oid)), 0)::int8, "
        "coalesce(max(pg_relation_size(c.oid)), 0) / current_setting('block_size')::int8, "
        "bool_and(c.relkind IN ('r', 'p', 'm') AND coalesce(a.amname, 'heap') = 'heap') "
        "FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid "
        "LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam",
        (name.schema, name.table),
    ).fetchone()
    assert row is not None
    kind, rows, is_unknown, size, pages, is_cut = row
    can_cut = is_cut and connection.info.server_version >= _RANGES_SINCE
    is_known = rows is not None and not is_unknown and kind in ("r", "p", "m")
    return Extent(kind, int(rows) if is_known else None, int(size), int(pages) if can_cut else 0)


def leads_an_index(connection: "Connection[Any]", name: TableName, column: str) -> bool:
    """Whether the database can find the newest rows by this column without reading all."""
    row = connection.execute(
        "SELECT 1 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a "
        "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
        "WHERE i.indrelid = to_regclass(%s) AND a.attname = %s AND i.indisvalid "
        "AND i.indpred IS NULL",
        (name.quoted(), column),
    ).fetchone()
    return row is not None


_LISTED = (
    "WITH RECURSIVE base(oid, type, typmod) AS ("
    "SELECT oid, typbasetype, typtypmod FROM pg_catalog.pg_type WHERE typtype = 'd' "
    "UNION ALL SELECT base.oid, t.typbasetype, "
    "CASE WHEN base.typmod >= 0 THEN base.typmod ELSE t.typtypmod END "
    "FROM base JOIN pg_catalog.pg_type t ON t.oid = base.type WHERE t.typtype = 'd'), "
    "domain AS (SELECT base.* FROM base JOIN pg_catalog.pg_type t ON t.oid = base.type "
    "WHERE t.typtype <> 'd') "
    "SELECT n.nspname, c.relname, a.attname, coalesce(d.type, a.atttypid)::int8, "
    "CASE WHEN a.atttypmod < 0 THEN coalesce(d.typmod, -1) ELSE a.atttypmod END, "
    "t.typcategory = 'A' "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "LEFT JOIN domain d ON d.oid = a.atttypid "
    "JOIN pg_catalog.pg_type t ON t.oid = coalesce(d.type, a.atttypid) "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition "
    "AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' "
    "AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') "
    "ORDER BY n.nspname, c.relname, a.attnum"
)
_KEYS = (
    "SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY k.at) "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, at) "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum "
    "WHERE i.indisprimary AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' "
    "GROUP BY n.nspname, c.relname"
)


def streams(connection: "Connection[Any]", schemas: Collection[str] = ()) -> list[Stream]:
    """Return the tables and views that may be read, of all schemas where none is named.

    Partitions are read through their table.
    """
    import polars as pl

    keys = {(schema, table): tuple(names) for schema, table, names in connection.execute(_KEYS)}
    found: dict[tuple[str, str], list[Column]] = {}
    for schema, table, name, oid, typmod, is_array in connection.execute(_LISTED):
        if not is_hidden(table) and (not schemas or schema in schemas):
            column = read_as(name, oid, typmod, is_array=is_array)
            found.setdefault((schema, table), []).append(column)
    return [
        Stream(
            name=table,
            namespace=schema,
            schema={column.name: column.dtype for column in columns},
            options={"table": str(TableName(table, schema))},
            key=keys.get((schema, table), ()),
            cursors=tuple(
                column.name for column in columns if column.is_ordered and column.dtype != pl.String
            ),
        )
        for (schema, table), columns in found.items()
    ]


def count(connection: "Connection[Any]", schemas: Collection[str] = ()) -> dict[str, int]:
    """Return how many tables and views of each schema may be read; all schemas if none is named."""
    rows = connection.execute(
        "SELECT n.nspname, count(c.oid) FILTER (WHERE c.relkind IN ('r', 'p', 'v', 'm') "
        "AND has_table_privilege(c.oid, 'SELECT')) "
        "FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid "
        "WHERE n.nspname !~ '^(pg_|information_schema)' GROUP BY n.nspname"
    ).fetchall()
    return {name: int(found) for name, found in rows if not schemas or name in schemas}


def kept_columns(connection: "Connection[Any]", name: TableName) -> dict[str, Kept]:
    """Return the columns of a table that exists, as somebody who writes it must know them."""
    described = {column.name: column for column in columns_of(connection, name.quoted())}
    rows = connection.execute(
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, -1), "
        "a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', "
        "a.attgenerated = '' AND a.attidentity <> 'a' "
        "FROM pg_catalog.pg_attribute a "
        "WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped",
        (name.quoted(),),
    ).fetchall()
    return {
        column: Kept(described[column], type_name, is_required, is_writable)
        for column, type_name, is_required, is_writable in rows
        if column in described
    }
