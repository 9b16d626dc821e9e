"""A scan of one table or query: its columns, its size, where an increment begins."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import Extraction, Remark, State
from connectors.errors import Cancelled, ConfigError, DataError
from connectors.sql.clauses import Clause, where
from connectors.sql.increments import Watermark
from connectors.sql.mysql import catalog
from connectors.sql.mysql import types as kinds
from connectors.sql.mysql.comparing import Comparisons, column_is_text, said
from connectors.sql.mysql.errors import told
from connectors.sql.mysql.reading import MANY, Cut, Reading
from connectors.sql.mysql.server import Server
from connectors.sql.mysql.types import Column
from connectors.sql.names import quoted
from connectors.sql.options import TableReadOptions
from connectors.sql.parameters import mysql
from connectors.sql.scanning import condition, extract

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.mysql.driver import Session

_WHOLE = frozenset({kinds.TINY, kinds.SHORT, kinds.INT24, kinds.LONG, kinds.LONGLONG})


class Scan:
    """Reads what `options` say; asks `session` for columns and sizes, and others for rows."""

    def __init__(
        self,
        server: Server,
        session: "Session",
        options: TableReadOptions,
        reading: kinds.Reading,
        sessions: int,
    ) -> None:
        """Look at the columns; raises ConfigError where there is nothing to read."""
        self._server = server
        self._options = options
        self._reading = reading
        self._sessions = sessions
        self._readings: list[Reading] = []
        self._is_ending = False
        self._zeros: Counter[str] = Counter()
        name = options.name()
        self._name = None if name is None else catalog.placed(name, server.database)
        self._extent: catalog.Extent | None = None
        self._cut: Cut | None = None
        with told(server.password):
            self._look(session)

    def extraction(self, state: State | None) -> Extraction:
        """Return a lazy frame over all rows, or with a cursor over those that came since."""
        columns = {column.name: column for column in self._columns}
        database = Comparisons(columns)
        for name in (self._options.cursor, self._options.second_cursor):
            if name in columns and not _can_be_cursor(columns[name]):
                raise _unordered(columns[name])

        def batches(names: list[str], mark: Watermark | None) -> Iterator["pl.DataFrame"]:
            since = condition(database, self._options, mark, schema)
            is_increment = mark is not None and mark.reach.since is not None
            chosen = [columns[name] for name in names]
            yield from self._read(chosen, since, is_increment=is_increment)

        schema = {column.name: column.dtype for column in self._columns}
        is_all = self._options.cursor is None and self._options.filter is None
        extent = self._extent if is_all else None
        rows = None if extent is None else extent.rows
        found = extract(schema, self._options, state, batches, rows=rows)
        size = None if extent is None or not rows else extent.size
        return replace(found, size=size, remarks=self._remarks)

    def interrupt(self) -> None:
        """End the sessions that read."""
        self._is_ending = True
        for reading in self._readings:
            reading.interrupt()

    def _look(self, session: "Session") -> None:
        """Learn the columns, what stands behind FROM, and whether it may be cut."""
        if self._name is None:
            # What is a text, and so where the query ends, is the session's to say.
            [(mode,)] = session.run("SELECT @@sql_mode")
            self._origin = f"({self._options.bound(mysql(str(mode)), said)}) AS q"
            self._columns = catalog.described(session, self._origin, self._reading)
            return
        self._extent = catalog.extent_of(session, self._name)
        if self._extent is None:
            raise catalog.missing_table(session, self._name)
        self._origin = self._name.quoted(catalog.QUOTE)
        self._columns = catalog.described(session, self._origin, self._reading)
        is_big = (self._extent.rows or 0) >= MANY and self._extent.engine == "InnoDB"
        if is_big and self._extent.is_table and self._sessions > 1:
            whole = {one.name for one in self._columns if one.field.type in _WHOLE}
            first = catalog.primary_key(session, self._name)[:1]
            if first and first[0] in whole:
                self._cut = Cut(self._name, first[0])

    def _read(
        self, columns: list[Column], since: Clause | None, *, is_increment: bool
    ) -> Iterator["pl.DataFrame"]:
        # Of a frame without columns the rows still count.
        chosen = columns or self._columns[:1]
        names = ", ".join(quoted(column.name, catalog.QUOTE) for column in chosen)
        reading = Reading(
            self._server,
            chosen,
            f"SELECT {names} FROM {self._origin}{where(since)[0]}",
            sessions=self._sessions,
            cut=None if is_increment else self._cut,
            count=self._note_zeros,
        )
        self._readings.append(reading)
        if self._is_ending:
            raise Cancelled("The reading was ended")
        yield from reading.batches()

    def _remarks(self) -> list[Remark]:
        """Return how many zero dates of which columns became null."""
        return [
            Remark(
                f"{count} dates of column {name!r} that no calendar has, such as 0000-00-00, "
                "became null; `zero_dates` can keep them as text"
            )
            for name, count in self._zeros.items()
        ]

    def _note_zeros(self, name: str, count: int) -> None:
        if self._reading.zero_dates == "error":
            raise DataError(
                f"Column {name!r} holds dates that no calendar has, such as 0000-00-00; read them "
                "as null or as text (`zero_dates`)"
            )
        self._zeros[name] += count


def _can_be_cursor(column: Column) -> bool:
    """Whether values sort the same way here and there."""
    import polars as pl

    if isinstance(column.dtype, pl.Decimal):
        return True
    is_moment = column.field.type in kinds.DATES and column.dtype != pl.String()
    # An enum sorts by its numbers in the database, and by its text here; it is told by no type.
    return column_is_text(column) or is_moment or column.dtype.is_integer()


def _unordered(column: Column) -> ConfigError:
    return ConfigError(
        f"Column {column.name!r} cannot be a cursor: read as {column.dtype}, it does not sort as "
        "in the database; choose one of whole numbers, decimals, dates, timestamps or text",
        field="cursor",
    )
