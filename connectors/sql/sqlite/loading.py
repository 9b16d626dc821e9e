"""A load into a SQLite table: rows gather in a file of their own and move in one transaction.

SQLite has one writer at a time, so nothing of the target is locked while rows come in: they go
into a database in the scratch folder, and one short transaction copies them over together with the
marker. A crash before leaves the target untouched, a crash during it is rolled back by SQLite.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Commit, Marker, PartResult, RunKey, Target, WriteMode
from connectors.errors import ConfigError, DataError
from connectors.sql.columns import check_key, check_names
from connectors.sql.growing import Growth, check_rows
from connectors.sql.markers import MARKERS, PREFIX, MarkerTable
from connectors.sql.names import quoted
from connectors.sql.sqlite import files
from connectors.sql.sqlite.growing import check_growth, grow
from connectors.sql.sqlite.meanings import held
from connectors.sql.sqlite.reading import ROWS
from connectors.sql.sqlite.types import declared, encoded, written_as

if TYPE_CHECKING:
    import polars as pl

_STAGED = f"{PREFIX}_staged"
# Results of one statement, and so values of one row, that SQLite takes without being rebuilt.
_MOST_COLUMNS = 2000


def stored(connection: sqlite3.Connection, target: Target) -> Marker | None:
    """Return the marker of the target's stream; who drops the table resets what was loaded."""
    for table in (MARKERS, _table_of(target)):
        if files.kind_of(connection, table) is None:
            return None
    return _markers(connection).get(target.place, target.stream)


def _table_of(target: Target) -> str:
    return files.placed(target.options.name())  # type: ignore[attr-defined]


def _markers(connection: sqlite3.Connection) -> MarkerTable:
    return MarkerTable(
        lambda sql, values: connection.execute(sql, values).fetchall(), schema=files.MAIN
    )


class Load:
    """One load; it begins where it is made and ends with `commit` or `abort`."""

    def __init__(
        self,
        path: Path,
        scratch: Path,
        target: Target,
        schema: Mapping[str, "pl.DataType"],
        run: RunKey,
    ) -> None:
        """Check that the rows will fit, clear what dead attempts left, and make room."""
        self.path = path
        self._target = target
        self._schema = schema
        self._run = run
        self._mode = target.options.mode
        self._table = _table_of(target)
        self._key = [quoted(name) for name in target.options.key]
        self._parts: set[str] = set()
        self._casts: dict[str, pl.DataType] = {}
        check_names(schema, is_case_sensitive=False)
        check_key(target.options.key, schema)
        if len(schema) > _MOST_COLUMNS:
            raise ConfigError(f"SQLite holds {_MOST_COLUMNS} columns, and here are {len(schema)}")
        self._definitions = self._defined()
        if path.exists():
            self._check_target()
            self._definitions = self._defined()
        self._staged = files.gathering(scratch, target.place, run)
        self._gathering = self._gather()

    def sink(self, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink into the gathered rows; a part that comes again starts anew."""
        if part in self._parts:
            self._gathering.execute(f"DELETE FROM {_STAGED}")
        self._parts = {part}
        return frame.sink_batches(self._insert, chunk_size=ROWS, lazy=True)

    def count(self) -> int:
        """Return the rows that came in."""
        with files.told(self._staged):
            found = self._gathering.execute(f"SELECT count(*) FROM {_STAGED}").fetchone()
        return int(found[0])

    def commit(self, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Make the rows visible together with the marker."""
        rows = self.count()
        with files.told(self._staged):
            if self._mode is WriteMode.UPSERT:
                self._keep_last()
            self._gathering.execute("COMMIT")
            self._gathering.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = files.open_to_write(self.path)
        try:
            with files.told(self.path):
                done = self._move(connection, marker)
        finally:
            connection.close()
        self.abort()
        return Commit(rows if done is None else done.rows, self._target.place)

    def interrupt(self) -> None:
        """Make what runs in another thread end soon."""
        with suppress(sqlite3.Error):
            self._gathering.interrupt()

    def abort(self) -> None:
        """Remove the gathered rows."""
        with suppress(sqlite3.Error):
            self._gathering.close()
        files.remove(self._staged)

    def _defined(self) -> str:
        """Return the columns in the types that rows are written as."""
        types = {**self._schema, **self._casts}
        return ", ".join(f"{quoted(name)} {declared(name, kind)}" for name, kind in types.items())

    def _check_target(self) -> None:
        connection = files.open_to_read(self.path)
        try:
            with files.told(self.path):
                self._check(connection, stored(connection, self._target))
        finally:
            connection.close()

    def _check(self, connection: sqlite3.Connection, marker: Marker | None) -> Growth | None:
        """Return how a table that stays must grow, None for a new one; raise where rows may not."""
        kind = files.kind_of(connection, self._table)
        if kind == "view":
            raise ConfigError(
                f"{self._table} is a view; rows can be written to a table", field="table"
            )
        is_own = marker is not None and marker.run == self._run.run
        if kind is not None and self._mode is WriteMode.ERROR and not is_own:
            raise ConfigError(
                f"{self._table} exists already, and write mode 'error' asks for a new table; "
                "choose another table or another mode",
                field="mode",
            )
        if kind is None or self._mode not in (WriteMode.APPEND, WriteMode.UPSERT):
            return None
        return self._check_columns(connection)

    def _check_columns(self, connection: sqlite3.Connection) -> Growth:
        import polars as pl

        folded = {name.lower(): dtype for name, dtype in self._schema.items()}
        columns = [row for row in files.info(connection, self._table) if row["hidden"] == 0]
        keys = [row for row in columns if row["pk"]]
        # A single INTEGER PRIMARY KEY numbers itself.
        is_numbered = len(keys) == 1 and keys[0]["type"].upper() == "INTEGER"
        types = {
            row["name"]: held(row["type"], folded.get(row["name"].lower(), pl.Null()))
            for row in columns
        }
        growth = check_rows(
            self._schema,
            types,
            evolve=self._target.options.evolve,
            required=[
                row["name"]
                for row in columns
                if row["notnull"] and row["dflt_value"] is None and not (row["pk"] and is_numbered)
            ],
            is_case_sensitive=False,
            table=self._table,
        )
        if growth:
            check_growth(connection, self._table, growth)
        self._casts = written_as(self._schema, {**types, **growth.widened})
        return growth

    def _gather(self) -> sqlite3.Connection:
        """Return a database of our own for the rows; it need not survive anything."""
        connection = files.open_to_write(self._staged)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"CREATE TABLE {_STAGED} ({self._definitions})")
        connection.execute("BEGIN")
        return connection

    def _insert(self, batch: "pl.DataFrame") -> None:
        marks = ", ".join("?" * len(self._schema))
        rows = encoded(batch.select(list(self._schema)).cast(self._casts)).rows()  # type: ignore[arg-type]
        with files.told(self._staged):
            self._gathering.executemany(f"INSERT INTO {_STAGED} VALUES ({marks})", rows)

    def _keep_last(self) -> None:
        """Leave one row per key, the last, so that it can be found by its key."""
        key = ", ".join(self._key)
        empty = " OR ".join(f"{name} IS NULL" for name in self._key)
        sql = f"SELECT count(*) FROM {_STAGED} WHERE {empty}"
        found = self._gathering.execute(sql).fetchone()
        if found[0]:
            raise DataError(
                f"{found[0]} rows have no value in the key {', '.join(self._target.options.key)}; "
                "a key must have one in every row"
            )
        self._gathering.execute(
            f"DELETE FROM {_STAGED} WHERE rowid NOT IN "
            f"(SELECT max(rowid) FROM {_STAGED} GROUP BY {key})"
        )
        self._gathering.execute(f"CREATE UNIQUE INDEX {_STAGED}_key ON {_STAGED} ({key})")

    def _move(self, connection: sqlite3.Connection, marker: Marker) -> Marker | None:
        """Copy the rows in one transaction; return the marker of a run that did so before."""
        connection.execute("ATTACH DATABASE ? AS staging", (str(self._staged),))
        connection.execute("BEGIN IMMEDIATE")
        try:
            markers = _markers(connection)
            markers.create()
            done = markers.admit(self._target.place, marker)
            if done is None:
                self._fill(connection)
                markers.put(self._target.place, marker)
            connection.execute("COMMIT" if done is None else "ROLLBACK")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return done

    def _fill(self, connection: sqlite3.Connection) -> None:
        table, staged = f"main.{quoted(self._table)}", f"staging.{_STAGED}"
        names = ", ".join(quoted(name) for name in self._schema)
        growth = self._check(connection, None)
        if growth:
            grow(connection, self._table, growth)
        if growth is None:
            dependents = self._replace(connection, table)
            # Whole rows between equal tables are copied as they are, without being decoded.
            connection.execute(f"INSERT INTO {table} SELECT * FROM {staged}")
            _restore(connection, dependents)
        elif self._mode is WriteMode.APPEND:
            connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staged}")
        else:
            self._merge(connection, table, names)

    def _replace(self, connection: sqlite3.Connection, table: str) -> list[str]:
        """Make the table anew and return what makes its indexes and triggers."""
        rows = connection.execute(
            "SELECT sql FROM main.sqlite_master WHERE type IN ('index', 'trigger') "
            "AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL",
            (self._table,),
        ).fetchall()
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"CREATE TABLE {table} ({self._definitions})")
        return [row[0] for row in rows]

    def _merge(self, connection: sqlite3.Connection, table: str, names: str) -> None:
        """Change the rows of known keys and add the others."""
        same = " AND ".join(f"old.{name} = new.{name}" for name in self._key)
        columns = [quoted(name) for name in self._schema]
        changes = ", ".join(f"{name} = new.{name}" for name in columns if name not in self._key)
        connection.execute(
            f"CREATE TEMP TABLE matched AS SELECT DISTINCT new.rowid AS id "
            f"FROM {table} AS old JOIN staging.{_STAGED} AS new ON {same}"
        )
        if changes:
            connection.execute(
                f"UPDATE {table} AS old SET {changes} FROM staging.{_STAGED} AS new WHERE {same}"
            )
        connection.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM staging.{_STAGED} "
            "WHERE rowid NOT IN (SELECT id FROM temp.matched)"
        )


def _restore(connection: sqlite3.Connection, statements: list[str]) -> None:
    """Make indexes and triggers of a replaced table again, as far as their columns came again."""
    for statement in statements:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if "no such column" not in str(error):
                raise
