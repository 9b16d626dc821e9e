"""A stream of batches into one table, in two sessions with a thread each.

Each batch becomes text in one go, and INSERTs of many rows. LOAD DATA LOCAL would have to let the
server ask for files.
"""

import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.errors import Cancelled
from connectors.sql.mysql.encoding import texts, tuples
from connectors.sql.mysql.errors import told
from connectors.sql.mysql.server import Server
from connectors.sql.mysql.writing import verify
from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.mysql.driver import Session

# An INSERT is not longer than this, whatever the server would take.
_STATEMENT = 4 << 20
_ROWS = 5_000
# The server parses in the thread of a session; a small load needs no second one.
SESSIONS = 2
# What a packet needs beside the statement, generously.
_ROOM = 1024


class Feed:
    """Loads batches of `columns` into a table; `types` are its SQL types, in the same order."""

    def __init__(
        self,
        server: Server,
        table: TableName,
        columns: Mapping[str, "pl.DataType"],
        types: Mapping[str, str],
    ) -> None:
        """Keep where to load; nothing is opened before the first batch."""
        self._server = server
        self._types = types
        self._sessions: list[Session] = []
        self._threads: list[threading.Thread] = []
        self._counting = threading.Lock()
        self._batches: queue.Queue[pl.DataFrame | None] = queue.Queue(maxsize=1)
        self._error: BaseException | None = None
        self._is_ending = False
        self._rows = 0
        self._insert_sql, self._binary = _insert_statement(table, columns)

    def put(self, batch: "pl.DataFrame") -> None:
        """Hand a batch over; raises what went wrong with this or an earlier one."""
        verify(batch, self._types)
        self._raise_error()
        if len(self._threads) < SESSIONS:
            thread = threading.Thread(target=self._send, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._batches.put(batch)

    def finish(self) -> int:
        """Wait until everything is loaded; return the rows that the server counted."""
        self._join()
        self._raise_error()
        return self._rows

    def end(self) -> None:
        """Stop soon; what came so far does not matter any more."""
        self._is_ending = True
        for session in list(self._sessions):
            self._server.kill(session.thread_id(), what="CONNECTION")
            session.cut()

    def close(self) -> None:
        """End the loading and wait for its thread."""
        if self._threads:
            self.end()
            self._join()

    def _join(self) -> None:
        for _ in self._threads:
            self._batches.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _raise_error(self) -> None:
        self._require_going()
        if self._error is not None:
            raise self._error

    def _require_going(self) -> None:
        if self._is_ending:
            raise Cancelled("The writing was ended")

    def _send(self) -> None:
        """Load what is handed over; after a failure, take the rest so that nobody waits."""
        session: Session | None = None
        # Whoever asks again after the end is not left waiting.
        coming = self._taken()
        try:
            session = self._server.connect(is_writing=True)
            self._sessions.append(session)
            with told(self._server.password):
                # Nobody else sees the table yet, and nothing refers to it.
                session.run("SET SESSION unique_checks = 0, foreign_key_checks = 0")
                for batch in coming:
                    self._require_going()
                    rows = self._load(session, batch)
                    with self._counting:
                        self._rows += rows
        except BaseException as error:  # noqa: BLE001 - the thread that sinks rows raises it
            self._error = error
            for _ in coming:
                pass
        finally:
            if session is not None:
                with suppress(Exception):
                    session.close()

    def _taken(self) -> Iterator["pl.DataFrame"]:
        while (batch := self._batches.get()) is not None:
            yield batch

    def _load(self, session: "Session", batch: "pl.DataFrame") -> int:
        return sum(
            int(session.query(statement)) for statement in self._inserts(session, texts(batch))
        )

    def _inserts(self, session: "Session", ready: "pl.DataFrame") -> Iterator[bytes]:
        """Yield INSERTs that are short enough for the server."""
        [(allowed,)] = session.run("SELECT @@max_allowed_packet")
        longest = min(_STATEMENT, int(allowed) - _ROOM)
        for piece in ready.iter_slices(_ROWS):
            yield from self._statements(piece, longest)

    def _statements(self, piece: "pl.DataFrame", longest: int) -> Iterator[bytes]:
        # Without the comma behind the last row.
        statement = self._insert_sql + tuples(piece, self._binary)[:-1]
        if len(statement) <= longest or piece.height == 1:
            yield statement
            return
        half = piece.height // 2
        yield from self._statements(piece.head(half), longest)
        yield from self._statements(piece.tail(piece.height - half), longest)


def _insert_statement(
    table: TableName, columns: Mapping[str, "pl.DataType"]
) -> tuple[bytes, frozenset[str]]:
    import polars as pl

    names = ", ".join(quoted(name, "`") for name in columns)
    binary = frozenset(name for name, dtype in columns.items() if dtype == pl.Binary())
    return f"INSERT INTO {table.quoted('`')} ({names}) VALUES ".encode(), binary
