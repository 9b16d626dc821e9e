"""One binary COPY into a staging table, fed with batches as they come.

DuckDB turns the batches into PostgreSQL's binary format and writes that into a pipe; psycopg sends
what comes out of it. DuckDB could send it by itself, but a server that goes away then ends the
whole process, and so it never learns where the server is.
"""

import os
import queue
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from connectors.errors import Cancelled, DataError
from connectors.sql.names import TableName, quoted
from connectors.sql.postgres_errors import told
from connectors.sql.postgres_session import Server, open_duckdb
from connectors.sql.postgres_writing import encoded_as, require_no_nul, sent

if TYPE_CHECKING:
    import polars as pl
    import psycopg
    import pyarrow as pa

_BLOCK = 1 << 18


class _Stream:
    """Batches as DuckDB pulls them itself; a bare reader would be read ahead by Arrow's threads."""

    def __init__(self, reader: "pa.RecordBatchReader") -> None:
        self._reader = reader

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._reader.__arrow_c_stream__(requested_schema)


class Feed:
    """Copies batches into `table`; `columns` maps its columns to types, in the batches' order."""

    def __init__(
        self, server: Server, table: TableName, columns: Mapping[str, "pl.DataType"]
    ) -> None:
        """Keep what to fill; nothing is opened before the first batch."""
        self._server = server
        self._table = table
        self._columns = columns
        self._batches: queue.Queue[pl.DataFrame | None] = queue.Queue(maxsize=1)
        self._threads: list[threading.Thread] = []
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._errors: list[BaseException] = []
        # DuckDB does not say which column it stumbled over, so the last batches are kept.
        self._recent: deque[pl.DataFrame] = deque(maxlen=2)
        self._is_ending = False
        self._is_fed = False

    def put(self, batch: "pl.DataFrame") -> None:
        """Take a batch; raises what went wrong with an earlier one."""
        ready = sent(batch)
        self._raise_error()
        if not self._threads:
            self._start(ready)
        self._batches.put(ready)

    def finish(self) -> None:
        """Wait until everything is copied and committed."""
        self._join()
        self._raise_error()

    def end(self) -> None:
        """Stop the copying soon; what it brought so far does not matter any more."""
        import psycopg

        self._is_ending = True
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=2)

    def close(self) -> None:
        """End the copying and wait for its threads."""
        if self._threads:
            self.end()
            self._join()

    def _start(self, first: "pl.DataFrame") -> None:
        outlet, inlet = os.pipe()
        schema = first.clear().to_arrow().schema
        self._threads = [
            threading.Thread(target=self._encode, args=(schema, inlet), daemon=True),
            threading.Thread(target=self._send, args=(outlet,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _join(self) -> None:
        if self._threads:
            self._batches.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _raise_error(self) -> None:
        if self._is_ending:
            raise Cancelled("The writing was ended")
        if self._errors:
            raise self._errors[0]

    def _encode(self, schema: "pa.Schema", inlet: int) -> None:
        """Write batches into the pipe; after an error, empty the queue so that nobody waits."""
        try:
            self._encode_all(schema, inlet)
        except BaseException as error:  # noqa: BLE001 - the thread that sinks rows raises it
            self._errors.append(self._explained(error))
        finally:
            os.close(inlet)
            while not self._is_fed:
                self._next()

    def _encode_all(self, schema: "pa.Schema", inlet: int) -> None:
        import pyarrow as pa

        reader = pa.RecordBatchReader.from_batches(schema, self._given(schema))
        values = ", ".join(
            f"{quoted(name)}::{encoded_as(dtype)} AS {quoted(name)}"
            for name, dtype in self._columns.items()
        )
        with told(), closing(open_duckdb(self._server.scratch)) as duckdb:
            duckdb.register("batches", _Stream(reader))
            duckdb.execute(
                f"COPY (SELECT {values} FROM batches) TO '/dev/fd/{inlet}' "
                "(FORMAT postgres_binary, USE_TMP_FILE false)"
            )

    def _given(self, schema: "pa.Schema") -> Iterator["pa.RecordBatch"]:
        while not self._is_ending and (batch := self._next()) is not None:
            self._recent.append(batch)
            yield from batch.to_arrow().cast(schema).to_batches()

    def _explained(self, error: BaseException) -> BaseException:
        """Return the error, or the one that names the column of a NUL character."""
        try:
            for batch in self._recent:
                require_no_nul(batch)
        except DataError as found:
            return found
        return error

    def _next(self) -> "pl.DataFrame | None":
        batch = self._batches.get()
        self._is_fed = batch is None
        return batch

    def _send(self, outlet: int) -> None:
        """Send what comes out of the pipe; a failure closes it, so that the other end hears."""
        try:
            with told(self._server.password), self._server.connect() as connection:
                self._connection = connection
                with connection.transaction():
                    connection.execute("SET LOCAL statement_timeout = 0")
                    self._copy(connection, outlet)
        except BaseException as error:  # noqa: BLE001 - the thread that sinks rows raises it
            # What the server says comes before the broken pipe that follows from it.
            at = len(self._errors) if isinstance(error, Cancelled) else 0
            self._errors.insert(at, error)
        finally:
            self._connection = None
            os.close(outlet)

    def _copy(self, connection: "psycopg.Connection[tuple[object, ...]]", outlet: int) -> None:
        names = ", ".join(map(quoted, self._columns))
        statement = f"COPY {self._table.quoted()} ({names}) FROM STDIN (FORMAT binary)"
        with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            while block := os.read(outlet, _BLOCK):
                copy.write(block)
            if self._errors or self._is_ending:
                # The end of the pipe is not the end of the rows: nothing of this may stay.
                raise Cancelled("The rows ended early")
