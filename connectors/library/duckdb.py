"""DuckDB files as source and destination."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, Field, field_validator

from connectors import paths
from connectors.base import (
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
from connectors.base.lazy import BATCH_ROWS
from connectors.errors import ConfigError, DataError, TransientError
from connectors.sql import Watermark, is_hidden, quoted
from connectors.sql.checks import run_checks
from connectors.sql.clauses import Clause, where
from connectors.sql.columns import cursors_of
from connectors.sql.destination import LoadingDestination
from connectors.sql.names import TableName
from connectors.sql.options import TableReadOptions, TableWriteOptions
from connectors.sql.scanning import condition, extract, unknown_table

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.duckdb.instances import Opened
    from connectors.sql.duckdb.types import Column


class DuckdbSettings(Settings):
    """Where the file lies."""

    db_path: str = Field(
        title="Path",
        description="A DuckDB file; the first load makes it.",
        validation_alias=AliasChoices("db_path", "path"),
    )

    @field_validator("db_path")
    @classmethod
    def _require_a_file(cls, path: str) -> str:
        if path.strip().startswith(":memory:"):
            raise ValueError("':memory:' ends with the run; give the path of a file")
        return path

    def identity(self) -> dict[str, Any]:
        """Return the file."""
        return {"path": self.db_path}


class Duckdb(Source, LoadingDestination):
    """One DuckDB file."""

    name = "duckdb"
    label = "DuckDB"
    description = "Tables of a DuckDB file; a load is one transaction."
    aliases = ("duckdb-extractor", "duckdb-loader")
    Settings = DuckdbSettings
    ReadOptions = TableReadOptions
    WriteOptions = TableWriteOptions
    write_modes = frozenset(WriteMode)
    evolves = True
    example = {"db_path": "${folder}/example.duckdb", "table": "example"}

    settings: DuckdbSettings
    _opened: "Opened | None" = None

    def judge(self) -> None:
        """Refuse a path that is closed here."""
        self._path()

    def check(self) -> CheckReport:
        """Test the path, the file and what it holds."""
        details: dict[str, Any] = {}
        return run_checks(
            [
                ("path", self._check_path, "Choose a path below one of the allowed folders"),
                (
                    "open",
                    lambda: self._check_file(details),
                    "Close the file elsewhere, or see whether it is a DuckDB database",
                ),
            ],
            details,
        )

    def discover(self) -> list[Stream]:
        """List tables and views with their columns and primary keys."""
        from connectors.sql.duckdb import tables

        cursor = self._read().cursor()
        with self._told():
            found = [
                (shown, tables.columns_of(cursor, name.quoted()), tables.key_of(cursor, name))
                for shown, name in self._tables(cursor)
            ]
        return [self._stream(name, columns, key) for name, columns, key in found]

    def scan(self, options: Options, state: State | None = None) -> Extraction:
        """Read a table or the rows of a query, in one snapshot."""
        from connectors.sql.duckdb import tables
        from connectors.sql.duckdb.comparing import Comparisons

        assert isinstance(options, TableReadOptions)
        cursor = self._read().cursor()
        with self._told():
            origin, rows = self._origin(cursor, options)
            columns = {column.name: column for column in tables.columns_of(cursor, origin)}
        cursor.close()
        schema = {name: column.dtype for name, column in columns.items()}

        def batches(names: list[str], mark: Watermark | None) -> Iterator["pl.DataFrame"]:
            clause = condition(Comparisons(columns), options, mark, schema)
            return self._batches(options, [columns[name] for name in names], clause)

        return extract(schema, options, state, batches, rows=rows)

    @classmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise ConfigError for a type that DuckDB cannot hold."""
        from connectors.sql.duckdb.types import created

        created(name, dtype)

    def target(self, options: Options, stream: str) -> Target:
        """Name the file and the table; DuckDB does not tell upper from lower case."""
        from connectors.sql.duckdb.tables import placed

        assert isinstance(options, TableWriteOptions)
        name = options.name()
        if is_hidden(name.table):
            raise ConfigError(f"{name} is kept by Millrace; choose another table", field="table")
        place = f"duckdb:{self._path()}#{str(placed(name)).lower()}"
        return Target(place, stream, options)

    def committed(self, target: Target) -> Marker | None:
        """Return the marker of the stream's last commit."""
        from connectors.sql.duckdb.loading import stored

        if not self._path().exists():
            return None
        cursor = self._write().cursor()
        with self._told():
            return stored(cursor, target)

    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Begin the transaction; dead attempts left nothing, because theirs were never committed."""
        from connectors.sql.duckdb.loading import Load

        self._path().parent.mkdir(parents=True, exist_ok=True)
        return Staging(target, run, schema, Load(self._write(), target, schema, run))

    def interrupt(self) -> None:
        """End what DuckDB does for this connector."""
        super().interrupt()
        if self._opened is not None:
            self._opened.interrupt()

    def close(self) -> None:
        """Roll back what is open and let go of the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _path(self) -> Path:
        return paths.resolve(self.settings.db_path, self.access, field="db_path")

    def _told(self) -> Any:
        from connectors.sql.duckdb.instances import told

        return told(self._path())

    def _read(self) -> "Opened":
        if not self._path().is_file():
            raise ConfigError(
                f"There is no DuckDB file {self.settings.db_path!r}; see the path, or load "
                "something into it first",
                field="db_path",
            )
        return self._open(is_read_only=True)

    def _write(self) -> "Opened":
        return self._open(is_read_only=False)

    def _open(self, *, is_read_only: bool) -> "Opened":
        from connectors.sql.duckdb.instances import Opened

        if self._opened is None:
            self._opened = Opened(self._path(), self.access, is_read_only=is_read_only)
        return self._opened

    def _check_path(self) -> str:
        path = self._path()
        if not path.exists() and not path.parent.is_dir():
            raise ConfigError(f"There is no folder {path.parent}")
        return f"{path} may be used"

    def _check_file(self, details: dict[str, Any]) -> str:
        import duckdb

        details["version"] = duckdb.__version__
        if not self._path().exists():
            return "There is no file yet; the first load makes it"
        streams = self.discover()
        return f"{len(streams)} tables and views can be read"

    def _tables(self, cursor: Any) -> list[tuple[TableName, TableName]]:
        """Return the tables and views of people, as they are written and in full."""
        from connectors.sql.duckdb import tables

        names = [name for name, _ in tables.listed(cursor) if not is_hidden(name.table)]
        return [(tables.shown(name), name) for name in names]

    def _stream(self, name: TableName, columns: list["Column"], key: tuple[str, ...]) -> Stream:
        schema = {column.name: column.dtype for column in columns}
        options = {"table": str(name)}
        return Stream(str(name), schema, options, name.schema, key, cursors_of(schema))

    def _origin(self, cursor: Any, options: TableReadOptions) -> tuple[str, int | None]:
        """Return what to read from, and its number of rows where it is told at once."""
        from connectors.sql.duckdb import tables

        name = options.name()
        if name is None:
            return tables.hold_query(cursor, options), None
        name = tables.placed(name)
        kind = tables.kind_of(cursor, name)
        if kind is None:
            raise unknown_table(tables.shown(name), [stream for stream, _ in self._tables(cursor)])
        if kind == "view":
            return name.quoted(), None
        found = cursor.execute(f"SELECT count(*) FROM {name.quoted()}").fetchone()
        return name.quoted(), int(found[0])

    def _batches(
        self, options: TableReadOptions, columns: list["Column"], clause: Clause | None
    ) -> Iterator["pl.DataFrame"]:
        """Yield the rows in a transaction that can change nothing, not even by a function."""
        from connectors.sql.duckdb.types import received

        cursor = self._read().cursor()
        listed = ", ".join(f"{column.expression} AS {quoted(column.name)}" for column in columns)
        fitting, values = where(clause)
        with self._told():
            origin, _ = self._origin(cursor, options)
        sql = f"SELECT {listed or '1'} FROM {origin}{fitting}"
        try:
            with self._told():
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                reader = cursor.execute(sql, values).to_arrow_reader(BATCH_ROWS)
            for batch in _heard(reader):
                yield received(batch, columns)
        finally:
            cursor.close()


def _heard(reader: Any) -> Iterator[Any]:
    """Yield batches; what DuckDB finds on the way comes wrapped in Arrow's errors."""
    import pyarrow as pa

    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:
        text = str(error).strip().splitlines()[0]
        if "INTERRUPT" in text:
            raise TransientError(f"Reading was interrupted: {text}") from error
        raise DataError(f"DuckDB cannot read these rows: {text}") from error
