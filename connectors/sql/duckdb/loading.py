"""A load into a DuckDB table: all of it is one transaction, so that a crash leaves nothing behind.

Append writes into the table itself, replace and error into one that takes the name of the old at
once, upsert into one beside it that is merged at the end. Nobody sees any of it before the commit.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from connectors.base import Commit, Marker, PartResult, RunKey, Target, WriteMode
from connectors.base.lazy import BATCH_ROWS
from connectors.errors import ConfigError, DataError
from connectors.sql.columns import check_key, check_names
from connectors.sql.duckdb import tables
from connectors.sql.duckdb.instances import Opened, told
from connectors.sql.duckdb.types import created, held, sent
from connectors.sql.growing import check_rows
from connectors.sql.markers import MARKERS, PREFIX, MarkerTable
from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

# A view over whatever batch is at hand; a view per batch would hold on to all of them.
_BATCH = f"{PREFIX}_batch"


def stored(cursor: "DuckDBPyConnection", target: Target) -> Marker | None:
    """Return the marker of the target's stream; who drops the table resets what was loaded."""
    for table in (TableName(MARKERS, tables.MAIN), _table_of(target)):
        if tables.kind_of(cursor, table) is None:
            return None
    return _markers(cursor).get(target.place, target.stream)


def _table_of(target: Target) -> TableName:
    name: TableName = target.options.name()  # type: ignore[attr-defined]
    return tables.placed(name)


def _markers(cursor: "DuckDBPyConnection") -> MarkerTable:
    return MarkerTable(
        lambda sql, values: cursor.execute(sql, values).fetchall(), schema=tables.MAIN
    )


class _Feed:
    """What DuckDB asks for rows when a statement reads the view over it."""

    def __init__(self, frame: "pl.DataFrame") -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


class Load:
    """One load; it begins where it is made and ends with `commit` or `abort`."""

    def __init__(
        self, opened: Opened, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey
    ) -> None:
        """Check that the rows will fit, begin the transaction and make room in it."""
        self._opened = opened
        self._target = target
        self._schema = schema
        self._run = run
        self._mode = target.options.mode
        self._table = _table_of(target)
        self._filled = self._table
        self._before = 0
        self._parts: set[str] = set()
        check_names(schema, is_case_sensitive=False)
        check_key(target.options.key, schema)
        self._cursor = opened.cursor()
        with self._told():
            self._begin()

    def sink(self, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink into the transaction; a part that comes again starts it anew."""
        if part in self._parts:
            with self._told():
                self._cursor.execute("ROLLBACK")
                self._begin()
        self._parts = {part}
        return frame.sink_batches(self._insert, chunk_size=BATCH_ROWS, lazy=True)

    def count(self) -> int:
        """Return the rows that came in."""
        with self._told():
            return self._rows() - self._before

    def commit(self, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Make the rows visible together with the marker."""
        with self._told(), self._opened.instance.committing:
            # The transaction's own view of the markers is as old as its beginning.
            now = self._opened.cursor()
            is_known = tables.kind_of(now, TableName(MARKERS, tables.MAIN)) is not None
            done = _markers(now).admit(self._target.place, marker) if is_known else None
            if done is not None:
                self.abort()
                return Commit(done.rows, self._target.place)
            rows = self._rows() - self._before
            if self._mode is WriteMode.UPSERT:
                self._merge()
            self._restore_indexes()
            _markers(self._cursor).put(self._target.place, marker)
            self._cursor.execute("COMMIT")
            return Commit(rows, self._target.place)

    def abort(self) -> None:
        """Leave the file as it was."""
        import duckdb

        try:
            self._cursor.execute("ROLLBACK")
        except duckdb.Error:
            # Nothing is open any more: DuckDB itself rolls back after a serious error.
            return

    def _told(self) -> Any:
        return told(self._opened.instance.path)

    def _begin(self) -> None:
        cursor, table = self._cursor, self._table
        cursor.execute("BEGIN TRANSACTION")
        _markers(cursor).create()
        kind = tables.kind_of(cursor, table)
        if kind == "view":
            raise ConfigError(
                f"{tables.shown(table)} is a view; rows can be written to a table", field="table"
            )
        if kind is not None and self._mode is WriteMode.ERROR:
            self._require_own(table)
        self._indexes: list[str] = []
        is_kept = kind is not None and self._mode in (WriteMode.APPEND, WriteMode.UPSERT)
        if is_kept:
            self._fit_columns()
        else:
            self._create(is_there=kind is not None)
        self._filled = self._table
        if self._mode is WriteMode.UPSERT:
            self._filled = TableName(f"{PREFIX}_{self._run.short}", table.schema)
            cursor.execute(f"CREATE TABLE {self._filled.quoted()} ({self._definitions()})")
        self._before = self._rows()
        self._feed()

    def _require_own(self, table: TableName) -> None:
        marker = _markers(self._cursor).get(self._target.place, self._target.stream)
        if marker is None or marker.run != self._run.run:
            raise ConfigError(
                f"{tables.shown(table)} exists already, and write mode 'error' asks for a new table; "
                "choose another table or another mode",
                field="mode",
            )

    def _fit_columns(self) -> None:
        """Refuse rows that do not fit, or let the columns grow inside of the transaction."""
        columns = tables.columns_of(self._cursor, self._table.quoted())
        growth = check_rows(
            self._schema,
            held(self._schema, columns),
            evolve=self._target.options.evolve,
            required=tables.required_of(self._cursor, self._table),
            is_case_sensitive=False,
            table=str(tables.shown(self._table)),
        )
        if growth:
            self._indexes = tables.grow(self._cursor, self._table, growth)

    def _create(self, *, is_there: bool) -> None:
        table = self._table
        if is_there:
            self._indexes = tables.indexes_of(self._cursor, table)
            self._cursor.execute(f"DROP TABLE {table.quoted()}")
        self._cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.schema or tables.MAIN)}")
        self._cursor.execute(f"CREATE TABLE {table.quoted()} ({self._definitions()})")

    def _definitions(self) -> str:
        return ", ".join(
            f"{quoted(name)} {created(name, dtype)}" for name, dtype in self._schema.items()
        )

    def _feed(self) -> None:
        import polars as pl

        self._source = _Feed(sent(pl.DataFrame(schema=self._schema)))
        self._cursor.register(_BATCH, self._source)

    def _insert(self, batch: "pl.DataFrame") -> None:
        names = ", ".join(quoted(name) for name in self._schema)
        self._source.frame = sent(batch.select(list(self._schema)))
        with self._told():
            self._cursor.execute(
                f"INSERT INTO {self._filled.quoted()} ({names}) SELECT {names} FROM {_BATCH}"
            )
        self._source.frame = self._source.frame.clear()

    def _rows(self) -> int:
        found = self._cursor.execute(f"SELECT count(*) FROM {self._filled.quoted()}").fetchone()
        return int(found[0]) if found else 0

    def _merge(self) -> None:
        """Change the rows of known keys and add the others; of equal keys the last row wins."""
        staged, key = self._filled.quoted(), [quoted(name) for name in self._target.options.key]
        empty = " OR ".join(f"{name} IS NULL" for name in key)
        found = self._cursor.execute(f"SELECT count(*) FROM {staged} WHERE {empty}").fetchone()
        if found and found[0]:
            raise DataError(
                f"{found[0]} rows have no value in the key {', '.join(self._target.options.key)}; "
                "a key must have one in every row"
            )
        names = [quoted(name) for name in self._schema]
        changes = ", ".join(f"{name} = new.{name}" for name in names if name not in key)
        self._cursor.execute(
            f"MERGE INTO {self._table.quoted()} AS old USING (SELECT * FROM {staged} "
            f"QUALIFY row_number() OVER (PARTITION BY {', '.join(key)} ORDER BY rowid DESC) = 1"
            f") AS new ON ({' AND '.join(f'old.{name} = new.{name}' for name in key)}) "
            + (f"WHEN MATCHED THEN UPDATE SET {changes} " if changes else "")
            + f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) "
            f"VALUES ({', '.join(f'new.{name}' for name in names)})"
        )
        self._cursor.execute(f"DROP TABLE {staged}")

    def _restore_indexes(self) -> None:
        """Make the indexes of a replaced table again, as far as their columns came again."""
        import duckdb

        for statement in self._indexes:
            # A binder error says that its column is gone, and so is the index.
            with suppress(duckdb.BinderException):
                self._cursor.execute(statement)
