"""PostgreSQL: tables, views and queries as a source, tables as a destination, never row by row."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import AliasChoices, AliasPath, Field, SecretStr

from connectors import base
from connectors.base import (
    Access,
    CheckReport,
    Commit,
    Destination,
    Extraction,
    Marker,
    PartResult,
    RunKey,
    Source,
    Staging,
    State,
    Stream,
    Target,
    WriteMode,
    lazy_frame,
)
from connectors.errors import Cancelled, ConfigError
from connectors.sql import Watermark
from connectors.sql import postgres_catalog as catalog
from connectors.sql.checks import run_checks
from connectors.sql.names import quoted
from connectors.sql.options import TableReadOptions, TableWriteOptions
from connectors.sql.postgres_errors import told
from connectors.sql.postgres_loading import Load, stored, table_of
from connectors.sql.postgres_reading import Reading, ranges
from connectors.sql.postgres_session import Server
from connectors.sql.postgres_types import Column, guarded_sql, wanted_sql

if TYPE_CHECKING:
    import polars as pl
    from psycopg import Connection

_PEM = "PEM text; the server's own trust store is used without it."


class PostgresSettings(base.Settings):
    """How to reach a database."""

    host: str = Field(title="Host", min_length=1)
    port: int = Field(5432, title="Port", ge=1, le=65535)
    database: str = Field(
        title="Database", min_length=1, validation_alias=AliasChoices("database", "dbname")
    )
    username: str = Field(
        title="User", min_length=1, validation_alias=AliasChoices("username", "user")
    )
    password: SecretStr = Field(SecretStr(""), title="Password")
    ssl_mode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = Field(
        "prefer",
        title="SSL mode",
        description="verify-full also checks that the certificate is the server's own.",
        validation_alias=AliasChoices("ssl_mode", "sslmode", "ssl.mode", AliasPath("ssl", "mode")),
    )
    ssl_root: SecretStr | None = Field(
        None,
        title="Certificate authority",
        description="PEM text of whom to trust, for verify-ca and verify-full.",
        validation_alias=AliasChoices("ssl_root", AliasPath("ssl", "server_ca")),
    )
    ssl_certificate: SecretStr | None = Field(
        None,
        title="Client certificate",
        description="PEM text.",
        validation_alias=AliasChoices("ssl_certificate", AliasPath("ssl", "client_cert")),
    )
    ssl_key: SecretStr | None = Field(
        None,
        title="Client key",
        description="PEM text.",
        validation_alias=AliasChoices("ssl_key", AliasPath("ssl", "client_key")),
    )


class Postgres(Source, Destination):
    """Reads with DuckDB's scanner, in parallel and in one snapshot; writes with one binary COPY."""

    name = "postgres"
    label = "PostgreSQL"
    description = "Tables, views and queries of a PostgreSQL database; tables can be written."
    aliases = ("postgresql", "postgres-extractor", "postgres-loader")
    Settings = PostgresSettings
    ReadOptions = TableReadOptions
    WriteOptions = TableWriteOptions
    write_modes = frozenset(WriteMode)
    example: ClassVar[Mapping[str, Any]] = {
        "host": "${postgres_host}",
        "port": "${postgres_port}",
        "database": "${postgres_database}",
        "username": "${postgres_username}",
        "password": "${postgres_password}",
        "table": "example",
    }
    settings: PostgresSettings

    def __init__(self, settings: base.Settings, access: Access) -> None:
        """Keep how to reach the server."""
        super().__init__(settings, access)
        self._connection: Connection[Any] | None = None
        self._opening = threading.Lock()
        self._readings: list[Reading] = []
        self._loads: list[Load] = []

    def check(self) -> CheckReport:
        """Connect, and look whether there is anything to read."""
        details: dict[str, Any] = {}

        def connect() -> str:
            version = self._one("SELECT version()")
            details["version"] = " ".join(str(version).split()[:2])
            return f"Connected to {details['version']}"

        def look() -> str:
            count = self._one(
                "SELECT count(*) FROM pg_catalog.pg_class c WHERE relkind IN ('r', 'p', 'v', 'm') "
                "AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' "
                "AND has_table_privilege(c.oid, 'SELECT')"
            )
            return f"{count} tables and views can be read"

        return run_checks(
            [
                ("connection", connect, "Check host, port, database, username and password."),
                ("tables", look, "Grant the user USAGE on a schema and SELECT on its tables."),
            ],
            details,
        )

    def discover(self) -> list[Stream]:
        """List tables and views with their keys, and the columns that can be a cursor."""
        with self._told():
            return catalog.streams(self._connected())

    def scan(self, options: base.ReadOptions, state: State | None = None) -> Extraction:
        """Return a lazy frame over a table or query; only the columns that are needed are read."""
        assert isinstance(options, TableReadOptions)
        with self._told():
            origin, columns = self._described(options)
        chosen = _chosen(columns, options.columns)
        if options.cursor is None:
            extent = self._extent(options)
            frame = self._frame(chosen, lambda some: self._read(options, origin, some, None))
            rows, size = (extent.rows, extent.size or None) if extent else (None, None)
            return Extraction(frame, rows=rows, size=size)
        return self._increment(options, origin, columns, chosen, state)

    def target(self, options: base.WriteOptions, stream: str) -> Target:
        """Name the table, on its server."""
        assert isinstance(options, TableWriteOptions)
        target = Target("", stream, options)
        return Target(f"postgres://{self._server}/{table_of(target)}", stream, options)

    def committed(self, target: Target) -> Marker | None:
        """Return what the last commit of this stream left beside the table."""
        with self._told():
            return stored(self._connected(), target)

    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Make a staging table beside the target."""
        load = Load(self._connected(), self._server, target, schema, run)
        self._loads.append(load)
        return Staging(target, run, schema, load)

    def sink(self, staging: Staging, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink that copies into the staging table."""
        return _load(staging).sink(frame)

    def count(self, staging: Staging) -> int:
        """Count the staged rows."""
        return _load(staging).count()

    def commit(self, staging: Staging, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Swap, add or merge the staged rows, and store the marker, in one transaction."""
        return _load(staging).commit(parts, marker)

    def abort(self, staging: Staging) -> None:
        """Drop the staging table."""
        _load(staging).abort()

    def interrupt(self) -> None:
        """End the sessions that read or write, and the statement that runs."""
        super().interrupt()
        for reading in self._readings:
            reading.interrupt()
        for load in self._loads:
            load.interrupt()
        if self._connection is not None:
            self._connection.cancel_safe(timeout=2)

    def close(self) -> None:
        """Close the connections and remove the certificates."""
        for load in self._loads:
            load.close()
        if self._connection is not None:
            self._connection.close()
        for path in self._pem_files.values():
            path.unlink(missing_ok=True)

    def _described(self, options: TableReadOptions) -> tuple[str, list[Column]]:
        """Return what stands behind FROM, and its columns."""
        connection = self._connected()
        if name := options.name():
            name = catalog.placed(name)
            return name.quoted(), catalog.table_columns(connection, name)
        assert options.query is not None
        # A comment at the end of the query ends with its line.
        text = f"({options.query.strip().rstrip(';')}\n)"
        with connection.transaction():
            connection.execute("SET TRANSACTION READ ONLY")
            columns = catalog.columns_of(connection, f"{text} AS q")
        names = ", ".join(quoted(column.name) for column in columns)
        return f"{text} AS q ({names})", columns

    def _extent(self, options: TableReadOptions) -> catalog.Extent | None:
        name = options.name()
        if name is None:
            return None
        with self._told():
            return catalog.extent_of(self._connected(), catalog.placed(name))

    def _increment(
        self,
        options: TableReadOptions,
        origin: str,
        columns: Sequence[Column],
        chosen: Sequence[Column],
        state: State | None,
    ) -> Extraction:
        """Return an extraction of the rows that came since `state`."""
        cursor = next((column for column in columns if column.name == options.cursor), None)
        if cursor is not None and not cursor.is_ordered:
            raise ConfigError(
                f"Column {cursor.name!r} cannot be a cursor: read as {cursor.dtype}, it does not "
                "sort as in the database; choose one of whole numbers, numeric(p,s), dates, "
                "timestamps or text",
                field="cursor",
            )
        is_extra = cursor is not None and cursor not in chosen
        needed = [*chosen, cursor] if cursor is not None and is_extra else list(chosen)
        schema = {column.name: column.dtype for column in needed}
        watermark = Watermark(str(options.cursor), schema, state)
        assert cursor is not None
        since = None if watermark.value is None else _since(cursor, watermark.value)

        def batches(_: Sequence[Column]) -> Iterator["pl.DataFrame"]:
            # Rows that were read before are known by all of their columns.
            return watermark.follow(self._read(options, origin, needed, since))

        frame = self._frame(needed, batches).select([column.name for column in chosen])
        return Extraction(frame, watermark.state)

    def _frame(self, columns: Sequence[Column], batches: Any) -> "pl.LazyFrame":
        known = {column.name: column for column in columns}
        return lazy_frame(
            {column.name: column.dtype for column in columns},
            lambda names: batches([known[name] for name in names]),
        )

    def _read(
        self,
        options: TableReadOptions,
        origin: str,
        columns: Sequence[Column],
        since: str | None,
    ) -> Iterator["pl.DataFrame"]:
        if self.stopping.is_set():
            raise Cancelled("The reading was ended")
        where = [guarded_sql(columns), *([since] if since else [])]
        queries = [
            f"SELECT {wanted_sql(columns)} FROM {origin} WHERE {' AND '.join([*where, cut])}"
            for cut in self._cuts(options, is_increment=since is not None)
        ]
        reading = Reading(self._server, queries, columns)
        self._readings.append(reading)
        yield from reading.batches()

    def _cuts(self, options: TableReadOptions, *, is_increment: bool) -> list[str]:
        """Return the conditions that cut a table for sessions side by side."""
        name, extent = options.name(), self._extent(options)
        if name is None or extent is None or extent.pages == 0:
            return ["true"]
        with self._told():
            is_found = is_increment and catalog.leads_an_index(
                self._connected(), catalog.placed(name), str(options.cursor)
            )
        return ["true"] if is_found else ranges(extent.pages)

    @cached_property
    def _server(self) -> Server:
        settings = self.settings
        return Server(
            host=settings.host,
            port=settings.port,
            database=settings.database,
            username=settings.username,
            password=settings.password.get_secret_value(),
            tls={"sslmode": settings.ssl_mode}
            | {name: str(path) for name, path in self._pem_files.items()},
            scratch=self.access.scratch,
        )

    @cached_property
    def _pem_files(self) -> dict[str, Path]:
        """Write the PEM texts where only this user can read them; libpq takes paths only."""
        texts = {
            "sslrootcert": self.settings.ssl_root,
            "sslcert": self.settings.ssl_certificate,
            "sslkey": self.settings.ssl_key,
        }
        files = {}
        for name, text in texts.items():
            if text is not None:
                path = self.access.scratch / f"{name}-{id(self):x}.pem"
                path.touch(mode=0o600)
                path.write_text(text.get_secret_value())
                files[name] = path
        return files

    def _connected(self) -> "Connection[Any]":
        """Return the connection for statements, opened anew where it broke."""
        with self._opening:
            if self.stopping.is_set():
                raise Cancelled("The work was ended")
            if self._connection is None or self._connection.closed:
                self._connection = self._server.connect()
            return self._connection

    def _one(self, sql: str) -> Any:
        with self._told():
            row = self._connected().execute(sql.encode()).fetchone()
        assert row is not None
        return row[0]

    def _told(self) -> Any:
        return told(self.settings.password.get_secret_value())


def _load(staging: Staging) -> Load:
    load = staging.place
    assert isinstance(load, Load)
    return load


def _chosen(columns: Sequence[Column], names: Sequence[str] | None) -> list[Column]:
    if names is None:
        return list(columns)
    known = {column.name: column for column in columns}
    missing = [name for name in names if name not in known]
    if missing:
        raise ConfigError(
            f"There is no column {missing[0]!r}; known: {', '.join(known)}", field="columns"
        )
    return [known[name] for name in names]


def _since(cursor: Column, value: str) -> str:
    """Return the condition for rows from `value` on, text by its bytes."""
    import polars as pl
    from psycopg import sql

    literal = sql.Literal(value).as_string(None)
    if cursor.dtype == pl.String:
        return f'({cursor.sql})::text COLLATE "C" >= {literal}'
    return f"{quoted(cursor.name)} >= {literal}"
