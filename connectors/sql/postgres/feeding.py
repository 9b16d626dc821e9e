"""One binary COPY into a staging table, fed with batches as they come.

DuckDB turns a batch into PostgreSQL's binary format and writes that into a pipe; psycopg, in a
thread of its own, sends what comes out of it. DuckDB could send it by itself, but a server that
goes away then ends the whole process; so it never learns where the server is.
"""

import fcntl
import os
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from connectors.errors import Cancelled, MillraceError
from connectors.sql.names import TableName, quoted
from connectors.sql.postgres.errors import told
from connectors.sql.postgres.session import Server, open_duckdb
from connectors.sql.postgres.writing import encoded_as, require_no_nul, sent

if TYPE_CHECKING:
    import polars as pl
    from psycopg import Connection

_BLOCK = 1 << 18
_ROOM = 1 << 20
# What stands before and after the rows of one COPY in the binary format.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"


class _Rows:
    """What DuckDB asks for rows: always the batch at hand."""

    def __init__(self, frame: "pl.DataFrame") -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


class Feed:
    """Copies batches into `table`; `columns` maps its columns to types, in the batches' order."""

    def __init__(
        self, server: Server, table: TableName, columns: Mapping[str, "pl.DataType"]
    ) -> None:
        """Keep what to fill; nothing is opened before the first batch."""
        self._server = server
        self._table = table
        self._columns = columns
        # Outlets of pipes, one for each batch; None after the last.
        self._outlets: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        # The one way to take them: whoever asks again after the last is not left waiting.
        self._coming: Iterator[int] = iter(self._outlets.get, None)
        self._thread: threading.Thread | None = None
        self._connection: Connection[Any] | None = None
        self._error: BaseException | None = None
        self._rows_copied = 0
        self._is_ending = False

    def put(self, batch: "pl.DataFrame") -> None:
        """Encode a batch and hand it over; raises what went wrong with this or an earlier one."""
        ready = sent(batch)
        self._raise_error()
        if self._thread is None:
            self._start(ready)
        outlet, inlet = _pipe()
        self._outlets.put(outlet)
        self._rows.frame = ready
        try:
            with told():
                self._duckdb.execute(
                    f"COPY ({self._select}) TO '/dev/fd/{inlet}' "
                    "(FORMAT postgres_binary, USE_TMP_FILE false)"
                )
        except MillraceError:
            # Half a batch: the sender must not take the end of the pipe for the end of the batch.
            self._is_ending = True
            require_no_nul(ready)
            raise
        finally:
            os.close(inlet)
            self._rows.frame = ready.clear()
        self._raise_error()

    def finish(self) -> int:
        """Wait until everything is copied and committed; return the rows that the server counted."""
        self._join()
        self._raise_error()
        return self._rows_copied

    def end(self) -> None:
        """Stop the copying soon; what it brought so far does not matter any more."""
        import psycopg

        self._is_ending = True
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=2)

    def close(self) -> None:
        """End the copying and wait for its thread."""
        if self._thread is not None:
            self.end()
            self._join()

    def _start(self, first: "pl.DataFrame") -> None:
        self._duckdb = open_duckdb(self._server.scratch)
        self._rows = _Rows(first.clear())
        self._duckdb.register("batch", self._rows)
        values = ", ".join(
            f"{quoted(name)}::{encoded_as(dtype)} AS {quoted(name)}"
            for name, dtype in self._columns.items()
        )
        self._select = f"SELECT {values} FROM batch"
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _join(self) -> None:
        if self._thread is not None:
            self._outlets.put(None)
            self._thread.join()
            self._thread = None
            self._duckdb.close()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
        if self._is_ending:
            raise Cancelled("The writing was ended")

    def _send(self) -> None:
        """Send what comes out of the pipes; after a failure, empty them so that nobody waits."""
        try:
            with told(self._server.password), self._server.connect() as connection:
                self._connection = connection
                with connection.transaction():
                    connection.execute("SET LOCAL statement_timeout = 0")
                    rows = self._copy(connection)
                self._rows_copied = rows
        except BaseException as error:  # noqa: BLE001 - the thread that sinks rows raises it
            self._error = error
            for outlet in self._coming:
                _empty(outlet)
        finally:
            self._connection = None

    def _copy(self, connection: "Connection[Any]") -> int:
        names = ", ".join(map(quoted, self._columns))
        statement = f"COPY {self._table.quoted()} ({names}) FROM STDIN (FORMAT binary)"
        cursor = connection.cursor()
        with cursor.copy(statement.encode()) as copy:
            copy.write(_HEADER)
            for outlet in self._coming:
                try:
                    for block in _tuples(outlet):
                        copy.write(block)
                finally:
                    _empty(outlet)
                self._require_going()
            self._require_going()
            copy.write(_TRAILER)
        return cursor.rowcount

    def _require_going(self) -> None:
        if self._is_ending:
            raise Cancelled("The writing was ended")


def _pipe() -> tuple[int, int]:
    """Return both ends of a pipe with room to run ahead, where the system gives it."""
    outlet, inlet = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(inlet, fcntl.F_SETPIPE_SZ, _ROOM)
    return outlet, inlet


def _tuples(outlet: int) -> Iterator[bytes]:
    """Yield what lies between the header and the trailer of one encoded batch."""
    kept = b""
    left = len(_HEADER)
    while block := os.read(outlet, _BLOCK):
        cut, left = block[left:], max(0, left - len(block))
        block = kept + cut
        kept = block[-len(_TRAILER) :]
        yield block[: -len(_TRAILER)]


def _empty(outlet: int) -> None:
    """Read a pipe to its end and close it."""
    while os.read(outlet, _BLOCK):
        pass
    os.close(outlet)
