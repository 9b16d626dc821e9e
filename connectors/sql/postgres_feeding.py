"""One COPY into a staging table, fed with batches as they come, from another thread."""

import queue
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.errors import Cancelled, MillraceError
from connectors.sql.names import TableName, quoted
from connectors.sql.postgres_errors import told
from connectors.sql.postgres_session import SESSION, Server, end_backends, roll_back
from connectors.sql.postgres_writing import require_no_nul, sent

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_ALIAS = "t"


class Feed:
    """Copies batches into `table`; `columns` are its column names, in the order of the batches."""

    def __init__(self, server: Server, table: TableName, columns: list[str]) -> None:
        """Keep what to fill; nothing is opened before the first batch."""
        self._server = server
        self._table = table
        self._columns = columns
        self._batches: queue.Queue[pl.DataFrame | None] = queue.Queue(maxsize=1)
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._is_ending = False
        self._pid: int | None = None
        # The scanner does not say which column it stumbled over, so the last batches are kept.
        self._recent: deque[pl.DataFrame] = deque(maxlen=2)

    def put(self, batch: "pl.DataFrame") -> None:
        """Take a batch; raises what went wrong with an earlier one."""
        ready = sent(batch)
        self._raise_error()
        if self._thread is None:
            self._thread = threading.Thread(target=self._copy, args=(ready,), daemon=True)
            self._thread.start()
        self._batches.put(ready)

    def finish(self) -> None:
        """Wait until everything is copied and committed."""
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join()
            self._thread = None
        self._raise_error()

    def end(self) -> None:
        """Stop the copying; what it brought so far does not matter any more."""
        self._is_ending = True
        if self._pid is not None:
            with suppress(MillraceError):
                end_backends(self._server, [self._pid])

    def close(self) -> None:
        """End the copying and wait for its thread."""
        if self._thread is None:
            return
        self.end()
        self._batches.put(None)
        self._thread.join()
        self._thread = None

    def _raise_error(self) -> None:
        if self._is_ending:
            raise Cancelled("The writing was ended")
        if self._error is not None:
            raise self._error

    def _copy(self, first: "pl.DataFrame") -> None:
        """Run the COPY; after an error, empty the queue so that nobody waits for ever."""
        try:
            self._copy_all(first)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sink's thread raises it
            self._error = self._explained(error)
            while self._batches.get() is not None:
                pass

    def _copy_all(self, first: "pl.DataFrame") -> None:
        import pyarrow as pa

        schema = first.clear().to_arrow().schema
        duckdb = self._server.scanner()
        try:
            with told(self._server.password):
                self._server.attach(duckdb, _ALIAS, schema=self._table.schema)
                duckdb.execute("BEGIN")
                duckdb.execute(f"CALL postgres_execute('{_ALIAS}', $setup${SESSION}$setup$)")
                row = duckdb.execute(
                    f"SELECT * FROM postgres_query('{_ALIAS}', 'SELECT pg_backend_pid() AS pid')"
                ).fetchone()
                assert row is not None
                self._pid = int(row[0])
                reader = pa.RecordBatchReader.from_batches(schema, self._given(schema))
                duckdb.register("batches", reader)
                names = ", ".join(quoted(name) for name in self._columns)
                table = f"{_ALIAS}.{self._table.quoted()}"
                duckdb.execute(f"INSERT INTO {table} ({names}) SELECT * FROM batches")
                duckdb.execute("COMMIT")
        finally:
            self._pid = None
            roll_back(duckdb)
            duckdb.close()

    def _given(self, schema: "pa.Schema") -> Iterator["pa.RecordBatch"]:
        while not self._is_ending:
            batch = self._batches.get()
            if batch is None:
                return
            self._recent.append(batch)
            yield from batch.to_arrow().cast(schema).to_batches()

    def _explained(self, error: Exception) -> Exception:
        """Return the error, or one that names the column of a NUL character."""
        try:
            for batch in self._recent:
                require_no_nul(batch)
        except MillraceError as found:
            return found
        finally:
            self._recent.clear()
        return error
