"""A scan of one table or query: its columns, its size, where an increment begins."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from connectors.base import Extraction, State, lazy_frame
from connectors.errors import Cancelled, ConfigError
from connectors.sql.increments import Watermark
from connectors.sql.names import quoted
from connectors.sql.options import TableReadOptions
from connectors.sql.postgres import catalog
from connectors.sql.postgres.errors import told
from connectors.sql.postgres.reading import Reading, ranges
from connectors.sql.postgres.session import Server
from connectors.sql.postgres.types import Column, guarded_sql, wanted_sql

if TYPE_CHECKING:
    import polars as pl
    from psycopg import Connection

# A semicolon at the end of a query, and comments after it.
_END = re.compile(r";\s*(--[^\n]*\s*)*$")


class Scan:
    """Reads what `options` say; asks `connection` for columns and sizes, and others for rows."""

    def __init__(
        self, server: Server, connection: "Connection[Any]", options: TableReadOptions
    ) -> None:
        """Look at the columns; raises ConfigError where there is nothing to read."""
        self._server = server
        self._connection = connection
        self._cursor = options.cursor
        self._readings: list[Reading] = []
        self._is_ending = False
        name = options.name()
        self._table = None if name is None else catalog.placed(name)
        with told(server.password):
            self._describe(options.query)
            self._extent = (
                None if name is None else catalog.extent_of(connection, catalog.placed(name))
            )
        self._chosen = _chosen(self._columns, options.columns)

    def extraction(self, state: State | None) -> Extraction:
        """Return a lazy frame over all rows, or with a cursor over those that came since."""
        if self._cursor is not None:
            return self._increment(self._cursor, state)
        frame = _frame(self._chosen, lambda some: self._read(some, None))
        extent = self._extent
        if extent is None:
            return Extraction(frame)
        return Extraction(frame, rows=extent.rows, size=extent.size or None)

    def interrupt(self) -> None:
        """End the sessions that read."""
        self._is_ending = True
        for reading in self._readings:
            reading.interrupt()

    def _describe(self, query: str | None) -> None:
        """Learn the columns, and what stands behind FROM."""
        if self._table is not None:
            self._columns = catalog.table_columns(self._connection, self._table)
            self._origin = self._table.quoted()
            return
        # A comment at the end of the query ends with its line.
        text = f"({_END.sub('', (query or '').strip())}\n)"
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION READ ONLY")
            self._columns = catalog.columns_of(self._connection, f"{text} AS q")
        names = ", ".join(quoted(column.name) for column in self._columns)
        self._origin = f"{text} AS q ({names})"

    def _increment(self, name: str, state: State | None) -> Extraction:
        cursor = next((column for column in self._columns if column.name == name), None)
        if cursor is not None and not cursor.is_ordered:
            raise ConfigError(
                f"Column {name!r} cannot be a cursor: read as {cursor.dtype}, it does not sort as "
                "in the database; choose one of whole numbers, numeric(p,s), dates, timestamps or "
                "text",
                field="cursor",
            )
        needed = list(self._chosen)
        if cursor is not None and cursor not in needed:
            needed.append(cursor)
        schema = {column.name: column.dtype for column in needed}
        # It refuses a column that is not there.
        watermark = Watermark(name, schema, state)
        assert cursor is not None
        since = None if watermark.value is None else _since(cursor, watermark.value)

        def batches(_: Sequence[Column]) -> Iterator["pl.DataFrame"]:
            # Rows that were read before are known by all of their columns.
            return watermark.follow(self._read(needed, since))

        frame = _frame(needed, batches).select([column.name for column in self._chosen])
        return Extraction(frame, watermark.state)

    def _read(self, columns: Sequence[Column], since: str | None) -> Iterator["pl.DataFrame"]:
        where = [guarded_sql(columns), *([since] if since else [])]
        queries = [
            f"SELECT {wanted_sql(columns)} FROM {self._origin} WHERE {' AND '.join([*where, cut])}"
            for cut in self._cuts(is_increment=since is not None)
        ]
        reading = Reading(self._server, queries, columns)
        self._readings.append(reading)
        if self._is_ending:
            raise Cancelled("The reading was ended")
        yield from reading.batches()

    def _cuts(self, *, is_increment: bool) -> list[str]:
        """Return the conditions that cut a table for sessions side by side."""
        if self._table is None or self._extent is None or self._extent.pages == 0:
            return ["true"]
        with told(self._server.password):
            # The table may have grown since; the last range has no end.
            pages = catalog.extent_of(self._connection, self._table).pages
            is_found = is_increment and catalog.leads_an_index(
                self._connection, self._table, str(self._cursor)
            )
        return ["true"] if is_found else ranges(pages)


def _frame(
    columns: Sequence[Column],
    batches: Callable[[Sequence[Column]], Iterator["pl.DataFrame"]],
) -> "pl.LazyFrame":
    known = {column.name: column for column in columns}
    return lazy_frame(
        {column.name: column.dtype for column in columns},
        lambda names: batches([known[name] for name in names]),
    )


def _chosen(columns: Sequence[Column], names: Sequence[str] | None) -> list[Column]:
    if names is None:
        return list(columns)
    known = {column.name: column for column in columns}
    missing = [name for name in names if name not in known]
    if missing:
        raise ConfigError(
            f"There is no column {missing[0]!r}; known: {', '.join(known)}", field="columns"
        )
    return [known[name] for name in names]


def _since(cursor: Column, value: str) -> str:
    """Return the condition for rows from `value` on, text by its bytes."""
    import polars as pl
    from psycopg import sql

    literal = sql.Literal(value).as_string(None)
    if cursor.dtype == pl.String:
        return f'({cursor.sql})::text COLLATE "C" >= {literal}'
    return f"{quoted(cursor.name)} >= {literal}"
