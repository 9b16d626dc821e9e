"""PostgreSQL: tables, views and queries as a source, tables as a destination, never row by row."""

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from connectors import base
from connectors.base import (
    Access,
    CheckReport,
    Extraction,
    Marker,
    RunKey,
    Source,
    Staging,
    State,
    Stream,
    Target,
    WriteMode,
)
from connectors.errors import Cancelled, ConfigError
from connectors.olake import remark
from connectors.sql.checks import run_checks
from connectors.sql.destination import LoadingDestination
from connectors.sql.options import TableReadOptions, TableWriteOptions
from connectors.sql.postgres import catalog
from connectors.sql.postgres.errors import told
from connectors.sql.postgres.loading import Load, stored, table_of
from connectors.sql.postgres.scanning import Scan
from connectors.sql.postgres.session import Server
from connectors.sql.postgres.settings import PostgresSettings
from connectors.sql.postgres.writing import held

if TYPE_CHECKING:
    import polars as pl
    from psycopg import Connection


class Postgres(Source, LoadingDestination):
    """Reads with DuckDB's scanner, in parallel and in one snapshot; writes with one binary COPY."""

    name = "postgres"
    label = "PostgreSQL"
    description = "Tables, views and queries of a PostgreSQL database; tables can be written."
    aliases = ("postgresql", "postgres-extractor", "postgres-loader")
    Settings = PostgresSettings
    ReadOptions = TableReadOptions
    WriteOptions = TableWriteOptions
    write_modes = frozenset(WriteMode)
    evolves = True
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
        self._scans: list[Scan] = []
        self._loads: list[Load] = []

    def check(self) -> CheckReport:
        """Connect, and look whether there is anything to read."""
        details: dict[str, Any] = {}

        def connect() -> str:
            version = self._one("SELECT version()")
            details["version"] = " ".join(str(version).split()[:2])
            return f"Connected to {details['version']}{remark(self.settings.update_method)}"

        def look() -> str:
            with self._told():
                counts = catalog.count(self._connected(), self.settings.schemas)
            if missing := [name for name in self.settings.schemas if name not in counts]:
                raise ConfigError(f"There is no schema {missing[0]!r}", field="schemas")
            return f"{sum(counts.values())} tables and views can be read"

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
            return catalog.streams(self._connected(), self.settings.schemas)

    def scan(self, options: base.ReadOptions, state: State | None = None) -> Extraction:
        """Return a lazy frame over a table or query; only the columns that are needed are read."""
        assert isinstance(options, TableReadOptions)
        scan = Scan(self._server, self._connected(), options)
        self._scans.append(scan)
        return scan.extraction(state)

    @classmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise DataError for a type that PostgreSQL cannot hold."""
        held(name, dtype)

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

    def interrupt(self) -> None:
        """End the sessions that read or write, and the statement that runs."""
        super().interrupt()
        for scan in self._scans:
            scan.interrupt()
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
        if "_server" in self.__dict__:
            self._server.forget()

    @cached_property
    def _server(self) -> Server:
        return self.settings.server(self.access.scratch)

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
