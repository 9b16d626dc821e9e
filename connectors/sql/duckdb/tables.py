"""What a DuckDB file holds: tables, views, columns, keys and indexes."""

from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.columns import check_names
from connectors.sql.duckdb.types import Column, created, reading
from connectors.sql.growing import Growth
from connectors.sql.markers import PREFIX
from connectors.sql.names import TableName, quoted
from connectors.sql.options import TableReadOptions
from connectors.sql.parameters import DUCKDB, Numbered

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_QUERY = f"{PREFIX}_query"
# The one schema that every file has.
MAIN = "main"
_HERE = "database_name = current_database() AND lower(schema_name) = lower(?) AND "


def placed(name: TableName) -> TableName:
    """Return the name with its schema."""
    return TableName(name.table, name.schema or MAIN)


def shown(name: TableName) -> TableName:
    """Return the name as a person writes it."""
    return TableName(name.table) if name.schema == MAIN else name


def kind_of(cursor: "DuckDBPyConnection", name: TableName) -> str | None:
    """Return "table" or "view", None where there is neither."""
    for kind in ("table", "view"):
        found = cursor.execute(
            f"SELECT 1 FROM duckdb_{kind}s() WHERE {_HERE} lower({kind}_name) = lower(?)",
            (name.schema, name.table),
        ).fetchone()
        if found:
            return kind
    return None


def columns_of(cursor: "DuckDBPyConnection", origin: str) -> list[Column]:
    """Return how the columns of `origin`, a quoted table or a query in brackets, are read."""
    cursor.execute(f"SELECT * FROM {origin} LIMIT 0")
    columns = [reading(name, kind) for name, kind, *_ in cursor.description or ()]
    check_names(column.name for column in columns)
    return columns


def listed(cursor: "DuckDBPyConnection") -> list[tuple[TableName, str]]:
    """Return all tables and views that people made, with "table" or "view"."""
    rows = cursor.execute(
        "SELECT schema_name, table_name, 'table' FROM duckdb_tables() "
        "WHERE NOT internal AND NOT temporary AND database_name = current_database() "
        "UNION ALL SELECT schema_name, view_name, 'view' FROM duckdb_views() "
        "WHERE NOT internal AND NOT temporary AND database_name = current_database() ORDER BY ALL"
    ).fetchall()
    return [(TableName(table, schema), kind) for schema, table, kind in rows]


def key_of(cursor: "DuckDBPyConnection", name: TableName) -> tuple[str, ...]:
    """Return the columns of the primary key."""
    found = cursor.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() "
        f"WHERE {_HERE} lower(table_name) = lower(?) AND constraint_type = 'PRIMARY KEY'",
        (name.schema, name.table),
    ).fetchone()
    return tuple(found[0]) if found else ()


def required_of(cursor: "DuckDBPyConnection", name: TableName) -> list[str]:
    """Return the columns that must be given: neither nullable nor with a default."""
    rows = cursor.execute(
        "SELECT column_name FROM duckdb_columns() "
        f"WHERE {_HERE} lower(table_name) = lower(?) "
        "AND NOT is_nullable AND column_default IS NULL",
        (name.schema, name.table),
    ).fetchall()
    return [row[0] for row in rows]


def indexes_of(cursor: "DuckDBPyConnection", name: TableName) -> list[str]:
    """Return the statements that make the table's indexes."""
    rows = cursor.execute(
        "SELECT sql FROM duckdb_indexes() "
        f"WHERE {_HERE} lower(table_name) = lower(?) AND sql IS NOT NULL",
        (name.schema, name.table),
    ).fetchall()
    return [row[0] for row in rows]


def grow(cursor: "DuckDBPyConnection", name: TableName, growth: Growth) -> list[str]:
    """Add and widen columns; return what makes the indexes that had to go for it."""
    import duckdb

    for column, dtype in growth.added.items():
        kind = created(column, dtype)
        cursor.execute(f"ALTER TABLE {name.quoted()} ADD COLUMN {quoted(column)} {kind}")
    indexes = indexes_of(cursor, name) if growth.widened else []
    if indexes:
        _drop_indexes(cursor, name)
    for column, dtype in growth.widened.items():
        kind = created(column, dtype)
        try:
            cursor.execute(f"ALTER TABLE {name.quoted()} ALTER {quoted(column)} TYPE {kind}")
        except (
            duckdb.BinderException,
            duckdb.CatalogException,
            duckdb.DependencyException,
        ) as error:
            reason = str(error).strip().splitlines()[0]
            raise ConfigError(
                f"Column {column!r} of {shown(name)} is too narrow and cannot become {kind}: "
                f"{reason}. Change it by hand, load into another table, or replace the table"
            ) from error
    return indexes


def _drop_indexes(cursor: "DuckDBPyConnection", name: TableName) -> None:
    rows = cursor.execute(
        "SELECT schema_name, index_name FROM duckdb_indexes() "
        f"WHERE {_HERE} lower(table_name) = lower(?) AND sql IS NOT NULL",
        (name.schema, name.table),
    ).fetchall()
    for schema, index in rows:
        cursor.execute(f"DROP INDEX {TableName(index, schema).quoted()}")


def hold_query(cursor: "DuckDBPyConnection", options: TableReadOptions) -> str:
    """Make the query a view of this cursor and return its name; its values are variables there.

    Raises ConfigError where it is not one SELECT, or does not work.
    """
    import duckdb

    values = Numbered(f"getvariable('{PREFIX}_{{}}')")
    query = options.bound(DUCKDB, values)
    try:
        for number, value in enumerate(values.values):
            cursor.execute(f"SET VARIABLE {PREFIX}_{number} = ?", (value,))
        statements = cursor.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ConfigError(
                "`query` must be one SELECT statement (WITH, FROM and VALUES may open it); "
                "anything that changes data or settings is refused",
                field="query",
            )
        # Nothing stands behind the query, so that it may end in a comment or a semicolon.
        cursor.execute(f"CREATE TEMP VIEW {_QUERY} AS {query}")
    except duckdb.Error as error:
        text = str(error).strip().splitlines()[0]
        raise ConfigError(f"The query does not work: {text}", field="query") from error
    return _QUERY
