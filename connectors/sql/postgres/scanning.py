"""A scan of one table or query: its columns, its size, where an increment begins."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from connectors.base import Extraction, State
from connectors.errors import Cancelled, ConfigError
from connectors.sql.clauses import Clause
from connectors.sql.increments import Watermark
from connectors.sql.names import quoted
from connectors.sql.options import TableReadOptions
from connectors.sql.parameters import POSTGRES
from connectors.sql.postgres import catalog
from connectors.sql.postgres.comparing import Comparisons, said
from connectors.sql.postgres.errors import told
from connectors.sql.postgres.reading import Reading, ranges
from connectors.sql.postgres.session import QUOTING, Server
from connectors.sql.postgres.types import Column, guarded_sql, wanted_sql
from connectors.sql.scanning import condition, extract

if TYPE_CHECKING:
    import polars as pl
    from psycopg import Connection


class Scan:
    """Reads what `options` say; asks `connection` for columns and sizes, and others for rows."""

    def __init__(
        self, server: Server, connection: "Connection[Any]", options: TableReadOptions
    ) -> None:
        """Look at the columns; raises ConfigError where there is nothing to read."""
        self._server = server
        self._connection = connection
        self._options = options
        self._readings: list[Reading] = []
        self._is_ending = False
        name = options.name()
        self._table = None if name is None else catalog.placed(name)
        with told(server.password):
            self._describe()
            self._extent = (
                None if name is None else catalog.extent_of(connection, catalog.placed(name))
            )
        self._database = Comparisons(self._columns)

    def extraction(self, state: State | None) -> Extraction:
        """Return a lazy frame over all rows, or with a cursor over those that came since."""
        for name in (self._options.cursor, self._options.second_cursor):
            if name in self._columns and not self._columns[name].is_ordered:
                raise _unordered(self._columns[name])

        def batches(names: list[str], mark: Watermark | None) -> Iterator["pl.DataFrame"]:
            since = condition(self._database, self._options, mark, schema)
            is_increment = mark is not None and mark.reach.since is not None
            columns = [self._columns[name] for name in names]
            yield from self._read(columns, since, is_increment=is_increment)

        schema = {name: column.dtype for name, column in self._columns.items()}
        found = extract(schema, self._options, state, batches)
        is_all = self._options.cursor is None and self._options.filter is None
        extent = self._extent if is_all else None
        if extent is None:
            return found
        return Extraction(found.frame, found.state, extent.rows, extent.size or None)

    def interrupt(self) -> None:
        """End the sessions that read."""
        self._is_ending = True
        for reading in self._readings:
            reading.interrupt()

    def _describe(self) -> None:
        """Learn the columns, and what stands behind FROM."""
        if self._table is not None:
            found = catalog.table_columns(self._connection, self._table)
            self._columns = {column.name: column for column in found}
            self._origin = self._table.quoted()
            return
        text = f"({self._options.bound(POSTGRES, said)})"
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION READ ONLY")
            self._connection.execute(QUOTING)
            found = catalog.columns_of(self._connection, f"{text} AS q")
        self._columns = {column.name: column for column in found}
        names = ", ".join(quoted(name) for name in self._columns)
        self._origin = f"{text} AS q ({names})"

    def _read(
        self, columns: Sequence[Column], since: Clause | None, *, is_increment: bool
    ) -> Iterator["pl.DataFrame"]:
        fitting = [guarded_sql(columns), *([since.sql] if since else [])]
        queries = [
            f"SELECT {wanted_sql(columns)} FROM {self._origin} "
            f"WHERE {' AND '.join([*fitting, cut])}"
            for cut in self._cuts(is_increment=is_increment)
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
                self._connection, self._table, str(self._options.cursor)
            )
        return ["true"] if is_found else ranges(pages)


def _unordered(column: Column) -> ConfigError:
    return ConfigError(
        f"Column {column.name!r} cannot be a cursor: read as {column.dtype}, it does not sort as in "
        "the database; choose one of whole numbers, numeric(p,s), dates, timestamps or text",
        field="cursor",
    )
