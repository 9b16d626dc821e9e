"""Rows of MySQL as Polars frames: one session, or a few that see one snapshot, side by side."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from connectors.errors import Cancelled, MillraceError
from connectors.sql.mysql.errors import told
from connectors.sql.mysql.server import Server
from connectors.sql.mysql.types import Column
from connectors.sql.names import TableName

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.mysql.driver import Session

# A table of fewer rows, as the server estimates, is read by one session.
MANY = 200_000
# A session gets several ranges, for some hold more rows than others.
_TURNS = 4
# Writers of the table may have to wait so long for us, while we wait for one before them.
_LOCK_SECONDS = 1
_SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


@dataclass(frozen=True)
class Cut:
    """A table that may be cut by a column of whole numbers."""

    table: TableName
    column: str


class Reading:
    """One read, in any order; may be ended from outside."""

    def __init__(
        self,
        server: Server,
        columns: Sequence[Column],
        select: str,
        *,
        sessions: int = 1,
        cut: Cut | None = None,
        count: Callable[[str, int], None] = lambda _name, _rows: None,
    ) -> None:
        """Keep what to read; `select` ends with its WHERE, `count` is told of zero dates."""
        self._server = server
        self._columns = columns
        self._select = select
        self._wanted = sessions if cut is not None else 1
        self._cut = cut
        self._count = count
        self._stopping = threading.Event()
        self._sessions: list[Session] = []
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._done: queue.Queue[pl.DataFrame | BaseException | None] = queue.Queue(maxsize=1)

    def interrupt(self) -> None:
        """End the statements that run; `batches` raises soon."""
        self._stopping.set()
        for session in list(self._sessions):
            # The server would go on until it notices that nobody listens.
            self._server.kill(session.thread_id(), what="CONNECTION")
            session.cut()

    def batches(self) -> Iterator["pl.DataFrame"]:
        """Yield frames as they come; closing the iterator ends the sessions."""
        try:
            self._open()
            yield from self._gather()
        finally:
            for session in self._sessions:
                with suppress(Exception):
                    session.close()

    def _open(self) -> None:
        """Open the sessions; where they cannot see the same rows, one is enough."""
        for _ in range(self._wanted):
            self._sessions.append(self._server.connect())
        with told(self._server.password):
            if len(self._sessions) > 1 and not self._share():
                for session in self._sessions[1:]:
                    session.close()
                del self._sessions[1:]
            if len(self._sessions) == 1:
                self._sessions[0].run(_SNAPSHOT)
            for cut in self._ranges():
                self._waiting.put(cut)

    def _share(self) -> bool:
        """Begin all snapshots while nobody can write the table; return whether that worked."""
        import pymysql

        assert self._cut is not None
        with self._server.connect() as leader:
            try:
                leader.run(f"SET SESSION lock_wait_timeout = {_LOCK_SECONDS}")
                leader.run(f"LOCK TABLES {self._cut.table.quoted('`')} READ")
            except pymysql.err.MySQLError:
                # No right to lock, or a writer that takes long.
                return False
            for session in self._sessions:
                session.run(_SNAPSHOT)
            leader.run("UNLOCK TABLES")
        return True

    def _ranges(self) -> list[str]:
        """Return the conditions that cut the table; the outer ones have no end."""
        if len(self._sessions) == 1 or self._cut is None:
            return [""]
        at = TableName(self._cut.column).quoted("`")
        [(low, high)] = self._sessions[0].run(
            f"SELECT MIN({at}), MAX({at}) FROM {self._cut.table.quoted('`')}"
        )
        count = len(self._sessions) * _TURNS
        if low is None or high - low < count:
            return [""]
        edges = [low + (high - low) * number // count for number in range(1, count)]
        bounds: list[Any] = [None, *edges, None]
        return [
            " AND ".join(
                [
                    *([f"{at} >= {start}"] if start is not None else []),
                    *([f"{at} < {end}"] if end is not None else []),
                ]
            )
            for start, end in pairwise(bounds)
        ]

    def _gather(self) -> Iterator["pl.DataFrame"]:
        threads = [
            threading.Thread(target=self._work, args=(session,), daemon=True)
            for session in self._sessions
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

    def _work(self, session: "Session") -> None:
        """Read one range after the other; tell of the end, or of what went wrong."""
        try:
            while not self._stopping.is_set():
                try:
                    cut = self._waiting.get_nowait()
                except queue.Empty:
                    break
                self._read(session, cut)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader's thread raises it
            self._done.put(error)
        finally:
            self._done.put(None)

    def _read(self, session: "Session", cut: str) -> None:
        from connectors.sql.mysql.decoding import frame_of

        joint = " AND " if " WHERE " in self._select else " WHERE "
        try:
            with told(self._server.password):
                for buffer, starts in session.blocks(
                    f"{self._select}{joint}{cut}" if cut else self._select
                ):
                    if starts:
                        self._done.put(frame_of(buffer, starts, self._columns, self._count))
                    if self._stopping.is_set():
                        return
        except MillraceError:
            if self._stopping.is_set():
                raise Cancelled("The reading was ended") from None
            raise
