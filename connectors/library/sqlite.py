"""SQLite files as source and destination."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, Field, field_validator

from connectors import paths
from connectors.base import (
    Access,
    CheckReport,
    Extraction,
    Marker,
    Options,
    RunKey,
    Settings,
    Source,
    Staging,
    State,
    Stream,
    Target,
    WriteMode,
)
from connectors.errors import ConfigError
from connectors.sql import Reach, TableName, Watermark, is_hidden, quoted
from connectors.sql.checks import run_checks
from connectors.sql.columns import cursors_of
from connectors.sql.destination import LoadingDestination
from connectors.sql.options import TableReadOptions, TableWriteOptions
from connectors.sql.scanning import chosen_of, condition, extract, unknown_table
from connectors.sql.sqlite import files
from connectors.sql.sqlite.comparing import Comparisons
from connectors.sql.sqlite.loading import Load, stored
from connectors.sql.sqlite.reading import Layout, Origin, batches, layouts
from connectors.sql.sqlite.types import declared

if TYPE_CHECKING:
    import polars as pl


# Rows that discovery looks at to tell what a column holds.
SAMPLE = 1000


class SqliteSettings(Settings):
    """Where the file lies."""

    path: str = Field(
        title="Path",
        description="A SQLite file; the first load makes it.",
        validation_alias=AliasChoices("path", "db_path"),
    )

    @field_validator("path")
    @classmethod
    def _require_a_file(cls, path: str) -> str:
        if path.strip().startswith((":memory:", "file:")):
            raise ValueError("give the path of a file: what is in memory ends with the run")
        return path


class Sqlite(Source, LoadingDestination):
    """One SQLite file."""

    name = "sqlite"
    label = "SQLite"
    description = "Tables of a SQLite file; a load is one short transaction."
    aliases = ("sqlite3", "sqlite-extractor", "sqlite-loader")
    Settings = SqliteSettings
    ReadOptions = TableReadOptions
    WriteOptions = TableWriteOptions
    write_modes = frozenset(WriteMode)
    evolves = True
    example = {"path": "${folder}/example.sqlite3", "table": "example"}

    settings: SqliteSettings

    def __init__(self, settings: Any, access: Access) -> None:
        """Keep what is needed; files are opened on the first call."""
        super().__init__(settings, access)
        self._open: list[sqlite3.Connection] = []
        self._loads: list[Load] = []

    def judge(self) -> None:
        """Refuse a path that is closed here."""
        self._path()

    def check(self) -> CheckReport:
        """Test the path, the file and what it holds."""
        return run_checks(
            [
                ("path", self._check_path, "Choose a path below one of the allowed folders"),
                (
                    "open",
                    self._check_file,
                    "See whether it is a SQLite file and whether somebody holds a lock on it",
                ),
            ],
            {"version": sqlite3.sqlite_version},
        )

    def discover(self) -> list[Stream]:
        """List tables and views with the columns that their values have, and primary keys."""
        connection = self._read(None)
        with self._told():
            connection.execute("BEGIN")
            names = [name for name in files.listed(connection) if not is_hidden(name)]
            return [self._stream(connection, name) for name in names]

    def scan(self, options: Options, state: State | None = None) -> Extraction:
        """Read a table or the rows of a query; columns and rows come from one snapshot."""
        assert isinstance(options, TableReadOptions)
        connection = self._read(options)
        with self._told():
            origin = self._origin(connection, options)
            wanted = chosen_of(origin.columns, options.columns, "columns")
            files.close_doors(connection)
            connection.execute("BEGIN")
            known: dict[str, Layout] = {}
            if (cursor := options.along()) is not None:
                chosen_of(origin.columns, cursor.columns[:1], "cursor")
                chosen_of(origin.columns, cursor.columns[1:], "second_cursor")
                known = layouts(connection, origin, cursor.columns)
                # What was read before need not be looked at again.
                reach = Reach(cursor, {name: one.dtype for name, one in known.items()}, state)
                origin = origin.narrowed(reach.clause(Comparisons(origin, known)))
            needed = [*wanted, *_looked_at(options, origin)]
            others = [name for name in dict.fromkeys(needed) if name not in known]
            known |= layouts(connection, origin, others)
            is_counted = options.query is None and options.filter is None
            rows = _count(connection, origin) if is_counted else None
        schema = {name: known[name].dtype for name in dict.fromkeys([*needed, *known])}
        database = Comparisons(origin, known)

        def read(names: list[str], mark: Watermark | None) -> Iterator["pl.DataFrame"]:
            narrow = origin.narrowed(condition(database, options, mark, schema))
            return self._batches(connection, narrow, [known[name] for name in names])

        # A filter's columns are read beside the wanted ones.
        chosen = options.model_copy(update={"columns": tuple(wanted)})
        return extract(schema, chosen, state, read, rows=rows)

    @classmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise ConfigError for a type that SQLite cannot hold."""
        declared(name, dtype)

    def target(self, options: Options, stream: str) -> Target:
        """Name the file and the table; SQLite does not tell upper from lower case."""
        assert isinstance(options, TableWriteOptions)
        table = files.placed(options.name())
        if is_hidden(table) or table.lower().startswith("sqlite_"):
            raise ConfigError(f"The name {table} is kept back; choose another", field="table")
        return Target(f"sqlite:{self._path()}#{table.lower()}", stream, options)

    def committed(self, target: Target) -> Marker | None:
        """Return the marker of the stream's last commit."""
        if not self._path().exists():
            return None
        connection = self._read(None)
        with self._told():
            marker = stored(connection, target)
        self._close(connection)
        return marker

    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Make a file for the rows in the scratch folder, and clear those of dead attempts."""
        self.access.scratch.mkdir(parents=True, exist_ok=True)
        load = Load(self._path(), self.access.scratch, target, schema, run)
        self._loads.append(load)
        return Staging(target, run, schema, load)

    def interrupt(self) -> None:
        """End what SQLite does for this connector."""
        super().interrupt()
        for connection in list(self._open):
            with suppress(sqlite3.Error):
                connection.interrupt()
        for load in list(self._loads):
            load.interrupt()

    def close(self) -> None:
        """Let go of all files; gathered rows that were not committed vanish."""
        for connection in list(self._open):
            self._close(connection)
        for load in self._loads:
            load.abort()
        self._loads.clear()

    def _path(self) -> Path:
        return paths.resolve(self.settings.path, self.access)

    def _told(self) -> Any:
        return files.told(self._path())

    def _read(self, options: TableReadOptions | None) -> sqlite3.Connection:
        if not self._path().is_file():
            raise ConfigError(
                f"There is no SQLite file {self.settings.path!r}; see the path, or load something "
                "into it first",
                field="path",
            )
        connection = files.open_to_read(self._path(), options)
        self._open.append(connection)
        return connection

    def _close(self, connection: sqlite3.Connection) -> None:
        self._open.remove(connection)
        connection.close()

    def _check_path(self) -> str:
        path = self._path()
        if not path.exists() and not path.parent.is_dir():
            raise ConfigError(f"There is no folder {path.parent}")
        return f"{path} may be used"

    def _check_file(self) -> str:
        if not self._path().exists():
            return "There is no file yet; the first load makes it"
        connection = self._read(None)
        with self._told():
            names = [name for name in files.listed(connection) if not is_hidden(name)]
        self._close(connection)
        return f"{len(names)} tables and views can be read"

    def _stream(self, connection: sqlite3.Connection, table: str) -> Stream:
        """Describe a table by its first rows; a scan looks at all of them."""
        rows = files.info(connection, table)
        columns = {row["name"]: row["type"] for row in rows}
        first = Origin(f"(SELECT * FROM {quoted(table)} LIMIT {SAMPLE})", columns)
        found = layouts(connection, first, list(columns))
        schema = {name: found[name].dtype for name in columns}
        key = [row["name"] for row in sorted(rows, key=lambda row: row["pk"]) if row["pk"]]
        name = str(TableName(table))
        return Stream(name, schema, {"table": name}, None, tuple(key), cursors_of(schema))

    def _origin(self, connection: sqlite3.Connection, options: TableReadOptions) -> Origin:
        """Return what is read, with the declared types of its columns."""
        (encoding,) = connection.execute("PRAGMA encoding").fetchone()
        name = options.name()
        if name is None:
            rows, sql = files.info(connection, files.QUERY, "temp"), files.QUERY
        else:
            table = files.placed(name)
            if files.kind_of(connection, table) is None:
                known = [TableName(other) for other in files.listed(connection)]
                raise unknown_table(name, [other for other in known if not is_hidden(other.table)])
            rows, sql = files.info(connection, table), f"main.{quoted(table)}"
        columns = {row["name"]: row["type"] for row in rows}
        return Origin(sql, columns, is_utf8=encoding == "UTF-8")

    def _batches(
        self, connection: sqlite3.Connection, origin: Origin, columns: list[Layout]
    ) -> Iterator["pl.DataFrame"]:
        """Yield the rows, and end the transaction that the columns were looked at in."""
        with self._told():
            if not connection.in_transaction:
                connection.execute("BEGIN")
            try:
                yield from batches(connection, origin, columns)
            finally:
                # Whoever closed the connection meanwhile ended the transaction too.
                with suppress(sqlite3.ProgrammingError):
                    connection.execute("COMMIT")


def _looked_at(options: TableReadOptions, origin: Origin) -> list[str]:
    """Return the columns of the filter; ConfigError where one is not there."""
    fitting = options.fitting()
    return [] if fitting is None else chosen_of(origin.columns, [*fitting.columns()], "filter")


def _count(connection: sqlite3.Connection, origin: Origin) -> int:
    """Return how many rows will come."""
    return int(connection.execute(origin.select(["count(*)"]), origin.values).fetchone()[0])
