"""Steps that need all rows, on more rows than memory holds: DuckDB does them, with help of the disk.

What goes in is written to Parquet files in the scratch folder, in one query that reads each source
once. DuckDB reads them when the loads ask for rows. So neither engine ever waits inside the other.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import Access, Transformer, lazy_frame
from connectors.base.lazy import BATCH_ROWS
from connectors.errors import Cancelled, MillraceError
from connectors.sql.duckdb.types import Column, received
from connectors.sql.names import quoted
from jobs.engine.carrying import Carried, Unfit, carried, natural, returned, unpacked
from jobs.engine.faults import from_duckdb

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

# DuckDB works in less, but spills all the time.
LEAST_MEMORY = 128 << 20
# Of the free disk, how much DuckDB may take for itself.
DISK_SHARE = 0.9


@dataclass(frozen=True)
class Input:
    """Rows that DuckDB is to read: what is written, where, and how it is read there."""

    frame: "pl.LazyFrame"
    path: Path
    columns: Sequence[Carried]

    def sink(self) -> "pl.LazyFrame":
        """Return the lazy sink that writes the rows, in their order."""
        return self.frame.select([column.packed() for column in self.columns]).sink_parquet(
            self.path,
            compression="zstd",
            compression_level=1,
            statistics=False,
            row_group_size=BATCH_ROWS,
            lazy=True,
        )

    def relation(self, cursor: "DuckDBPyConnection", path: Path) -> "DuckDBPyRelation":
        """Return the rows of a file that was written so."""
        expressions = ", ".join(column.expression for column in self.columns)
        return cursor.read_parquet(str(path)).project(expressions)

    def empty(self) -> Path:
        """Write a file without rows, to ask DuckDB what comes of these columns."""
        import polars as pl

        path = self.path.with_suffix(".none.parquet")
        schema = {column.place: column.wire for column in self.columns}
        pl.DataFrame(schema=schema).write_parquet(path)
        return path


class Spilling:
    """The DuckDB of one attempt: its inputs in the order they are written, and its results."""

    def __init__(self, access: Access) -> None:
        """Prepare; nothing is opened before the first step that spills."""
        self._access = access
        self._folder = access.scratch / "spill"
        self._connection: DuckDBPyConnection | None = None
        self._cursors: list[DuckDBPyConnection] = []
        self._written: list[list[Input]] = []
        self._numbers = count()
        self._stopping = threading.Event()
        self._closed = threading.Event()

    def keep(self, frame: "pl.LazyFrame") -> "pl.LazyFrame":
        """Return the frame as one that is read once, however often it is asked for later."""
        return self._spilled([frame], lambda rows: {"": rows}, {"": frame.collect_schema()})[""]

    def apply(self, transformer: Transformer, frames: Sequence["pl.LazyFrame"]) -> dict[str, Any]:
        """Return what a step gives, by the names of its outputs ("" for the only one).

        Raises Unfit where DuckDB would not give the same columns as Polars does.
        """
        import narwhals as nw

        def work(*relations: Any) -> dict[str, Any]:
            made: Any = transformer.apply(*(nw.from_native(one) for one in relations))
            named = made if isinstance(made, dict) else {"": made}
            return {name: nw.to_native(frame) for name, frame in named.items()}

        if "polars" not in transformer.engines:
            return self._spilled(frames, work, None)
        import polars as pl

        nothing = work(*(pl.LazyFrame(schema=frame.collect_schema()) for frame in frames))
        expected = {name: frame.collect_schema() for name, frame in nothing.items()}
        return self._spilled(frames, work, expected)

    def write(self) -> None:
        """Write what DuckDB needs, each step after those before it."""
        import polars as pl

        for inputs in self._written:
            pl.collect_all([one.sink() for one in inputs])

    def interrupt(self) -> None:
        """Make what DuckDB does end soon; asked again and again, for a query may just begin."""
        self._stopping.set()
        threading.Thread(target=self._interrupt, name="spill-interrupt", daemon=True).start()

    def close(self) -> None:
        """Let go of DuckDB and of the disk; what it may still be doing is ended."""
        self._stopping.set()
        self._closed.set()
        for cursor in list(self._cursors):
            cursor.interrupt()
            cursor.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _interrupt(self) -> None:
        while True:
            for cursor in list(self._cursors):
                cursor.interrupt()
            if self._closed.wait(0.1):
                return

    def _spilled(
        self,
        frames: Sequence["pl.LazyFrame"],
        work: Callable[..., dict[str, Any]],
        expected: Mapping[str, Mapping[str, "pl.DataType"]] | None,
    ) -> dict[str, "pl.LazyFrame"]:
        cursor = self._cursor()
        try:
            inputs = [self._input(frame, is_named=expected is None) for frame in frames]
            with _told() if expected is None else _fitting():
                made = work(*(one.relation(cursor, one.empty()) for one in inputs))
                columns = {
                    name: natural(one) if expected is None else returned(one, expected[name])
                    for name, one in made.items()
                }
        finally:
            self._release(cursor)
        self._written.append(inputs)
        return {
            name: lazy_frame(
                {column.name: column.dtype for column in found},
                partial(self._batches, inputs, work, name, found, is_exact=expected is not None),
            )
            for name, found in columns.items()
        }

    def _input(self, frame: "pl.LazyFrame", *, is_named: bool) -> Input:
        columns = carried(frame.collect_schema(), is_named=is_named)
        return Input(frame, self._folder / f"{next(self._numbers)}.parquet", columns)

    def _batches(
        self,
        inputs: Sequence[Input],
        work: Callable[..., dict[str, Any]],
        output: str,
        columns: Sequence[Column],
        names: Sequence[str],
        *,
        is_exact: bool,
    ) -> Iterator["pl.DataFrame"]:
        """Yield the rows of one output, in DuckDB's order; each reading has its own cursor."""
        import polars as pl

        # Even for a count there must be something to count.
        wanted = [column for column in columns if column.name in names] or list(columns[:1])
        cursor = self._cursor()
        try:
            with _told():
                whole = work(*(one.relation(cursor, one.path) for one in inputs))[output]
                chosen = (f"{one.expression} AS {quoted(one.name)}" for one in wanted)
                for batch in whole.project(", ".join(chosen)).to_arrow_reader(BATCH_ROWS):
                    if is_exact:
                        frame = pl.from_arrow(batch)
                        assert isinstance(frame, pl.DataFrame)
                        yield unpacked(frame, wanted)
                    else:
                        yield received(batch, wanted)
        finally:
            self._release(cursor)

    def _cursor(self) -> "DuckDBPyConnection":
        if self._stopping.is_set():
            raise Cancelled("The attempt ends")
        if self._connection is None:
            self._connection = _open(self._folder, self._access.memory)
        cursor = self._connection.cursor()
        self._cursors.append(cursor)
        return cursor

    def _release(self, cursor: "DuckDBPyConnection") -> None:
        if cursor in self._cursors:
            self._cursors.remove(cursor)
        cursor.close()


def _open(folder: Path, memory: int) -> "DuckDBPyConnection":
    """Open a DuckDB in memory that sees its own folder and nothing else of the world."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    connection = duckdb.connect(
        config={
            # Polars reads and writes with the other half.
            "memory_limit": f"{max(memory // 2, LEAST_MEMORY) >> 20}MiB",
            "threads": min(os.cpu_count() or 1, 4),
            "temp_directory": str(folder / "temp"),
            "max_temp_directory_size": f"{int(free * DISK_SHARE) >> 20}MiB",
            "preserve_insertion_order": True,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_persistent_secrets": False,
        }
    )
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute(f"SET allowed_directories = [{_text(folder)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def _told() -> Iterator[None]:
    """Raise what DuckDB says as an error of ours."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise from_duckdb(error) from error


@contextmanager
def _fitting() -> Iterator[None]:
    """Raise what DuckDB cannot do, and Polars can, as Unfit."""
    import duckdb

    try:
        yield
    except (duckdb.Error, MillraceError, NotImplementedError, TypeError) as error:
        raise Unfit((str(error).strip().splitlines() or ["DuckDB cannot do it"])[0]) from error


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
