"""Rows of PostgreSQL as Polars frames: a few sessions that see one snapshot, read side by side.

A table is cut into ranges of pages; each session takes the next range when it is done with one,
and copies it out in the binary protocol, which DuckDB decodes into Arrow.
"""

import os
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.base.lazy import BATCH_ROWS
from connectors.errors import Cancelled, MillraceError
from connectors.sql.postgres.errors import told
from connectors.sql.postgres.session import SESSION, Server, end_backends, roll_back
from connectors.sql.postgres.types import Column, named

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

SESSIONS = 4
# A range is 8 MiB at least; a session gets several, for some take longer than others.
_PAGES, _TURNS = 1024, 8


def ranges(pages: int) -> list[str]:
    """Return SQL conditions that cut a relation of so many pages; the last one has no end."""
    length = max(_PAGES, -(-pages // (sessions_of_machine() * _TURNS)))
    starts = list(range(0, pages, length)) or [0]
    if len(starts) == 1:
        return ["true"]
    return [
        f"ctid >= '({start},0)'" + (f" AND ctid < '({end},0)'" if end is not None else "")
        for start, end in zip(starts, [*starts[1:], None], strict=True)
    ]


def sessions_of_machine() -> int:
    """Return how many sessions keep this machine busy; more only take memory."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2, SESSIONS)


class Reading:
    """One read of several queries with the same columns, in any order; may be ended from outside."""

    def __init__(self, server: Server, queries: Sequence[str], columns: Sequence[Column]) -> None:
        """Keep what to read; nothing is opened before `batches`."""
        self._server = server
        self._queries = queries
        self._columns = columns
        self._stopping = threading.Event()
        self._cursors: list[DuckDBPyConnection] = []
        self._pids: list[int] = []
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._done: queue.Queue[pl.DataFrame | BaseException | None] = queue.Queue(maxsize=1)

    def interrupt(self) -> None:
        """End the sessions; `batches` raises soon."""
        self._stopping.set()
        with suppress(MillraceError):
            end_backends(self._server, list(self._pids))

    def batches(self) -> Iterator["pl.DataFrame"]:
        """Yield frames as they come; closing the iterator ends the sessions."""
        for query in self._queries:
            self._waiting.put(query)
        duckdb = self._server.scanner()
        try:
            count = min(sessions_of_machine(), self._server.sessions, len(self._queries))
            with told(self._server.password):
                cursors = self._open(duckdb, count)
            yield from self._gather(cursors)
        finally:
            for cursor in self._cursors:
                roll_back(cursor)
            duckdb.close()

    def _open(self, duckdb: "DuckDBPyConnection", count: int) -> list["DuckDBPyConnection"]:
        """Open sessions that all see the database at one moment."""
        if count == 1:
            return [self._session(duckdb, 0, "")]
        with self._server.connect() as leader, leader.transaction():
            leader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            row = leader.execute("SELECT pg_export_snapshot()").fetchone()
            assert row is not None
            # Every session holds on to the snapshot by itself once it has it.
            join = f"SET TRANSACTION SNAPSHOT '{row[0]}'; "
            return [self._session(duckdb, number, join) for number in range(count)]

    def _session(
        self, duckdb: "DuckDBPyConnection", number: int, join: str
    ) -> "DuckDBPyConnection":
        """Return a DuckDB cursor inside of one read-only transaction of the server."""
        alias = f"s{number}"
        cursor = duckdb.cursor()
        self._cursors.append(cursor)
        self._server.attach(cursor, alias)
        cursor.execute("BEGIN")
        cursor.execute(f"CALL postgres_execute('{alias}', $setup${join}{SESSION}$setup$)")
        row = cursor.execute(
            f"SELECT * FROM postgres_query('{alias}', 'SELECT pg_backend_pid() AS pid')"
        ).fetchone()
        assert row is not None
        self._pids.append(int(row[0]))
        return cursor

    def _gather(self, cursors: Sequence["DuckDBPyConnection"]) -> Iterator["pl.DataFrame"]:
        threads = [
            threading.Thread(target=self._work, args=(cursor, f"s{number}"), daemon=True)
            for number, cursor in enumerate(cursors)
        ]
        self._working = len(threads)
        for thread in threads:
            thread.start()
        try:
            while (frame := self._next()) is not None:
                yield frame
        finally:
            if self._working:
                self.interrupt()
            while self._working:
                self._working -= self._done.get() is None
            for thread in threads:
                thread.join()

    def _next(self) -> "pl.DataFrame | None":
        """Return the next frame of any thread, None when all are done; raise what went wrong."""
        while self._working:
            given = self._done.get()
            if given is None:
                self._working -= 1
            if self._stopping.is_set():
                raise Cancelled("The reading was ended")
            if isinstance(given, BaseException):
                raise given
            if given is not None:
                return given
        return None

    def _work(self, cursor: "DuckDBPyConnection", alias: str) -> None:
        """Read one range after the other; tell of the end, or of what went wrong."""
        try:
            while not self._stopping.is_set():
                try:
                    query = self._waiting.get_nowait()
                except queue.Empty:
                    break
                self._read(cursor, alias, query)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader's thread raises it
            self._done.put(error)
        finally:
            self._done.put(None)

    def _read(self, cursor: "DuckDBPyConnection", alias: str, query: str) -> None:
        import polars as pl

        literal = query.replace("'", "''")
        with told(self._server.password):
            cursor.execute(f"SELECT * FROM postgres_query('{alias}', '{literal}')")
            for batch in cursor.to_arrow_reader(BATCH_ROWS):
                frame = pl.from_arrow(batch)
                assert isinstance(frame, pl.DataFrame)
                self._done.put(named(frame, self._columns))
                if self._stopping.is_set():
                    return
