"""MySQL and MariaDB: tables, views and queries as a source, tables as a destination."""

import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
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
from connectors.errors import Cancelled
from connectors.olake import remark
from connectors.sql.checks import run_checks
from connectors.sql.destination import LoadingDestination
from connectors.sql.mysql import catalog
from connectors.sql.mysql.errors import told
from connectors.sql.mysql.loading import Load, stored, table_of
from connectors.sql.mysql.options import MySQLWriteOptions
from connectors.sql.mysql.scanning import Scan
from connectors.sql.mysql.server import Server
from connectors.sql.mysql.settings import MySQLSettings
from connectors.sql.mysql.writing import held
from connectors.sql.options import TableReadOptions

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.mysql.driver import Session


class MySQL(Source, LoadingDestination):
    """Reads the binary protocol column by column; writes whole batches, then renames or inserts."""

    name = "mysql"
    label = "MySQL and MariaDB"
    description = "Tables, views and queries of a MySQL or MariaDB database; tables can be written."
    aliases = ("mariadb", "mysql-extractor", "mysql-loader", "mariadb-extractor", "mariadb-loader")
    Settings = MySQLSettings
    ReadOptions = TableReadOptions
    WriteOptions = MySQLWriteOptions
    write_modes = frozenset(WriteMode)
    evolves = True
    example: ClassVar[Mapping[str, Any]] = {
        "host": "${mysql_host}",
        "port": "${mysql_port}",
        "database": "${mysql_database}",
        "username": "${mysql_username}",
        "password": "${mysql_password}",
        "table": "example",
    }
    settings: MySQLSettings

    def __init__(self, settings: base.Settings, access: Access) -> None:
        """Keep how to reach the server."""
        super().__init__(settings, access)
        self._session: Session | None = None
        self._opening = threading.Lock()
        self._scans: list[Scan] = []
        self._loads: list[Load] = []

    def check(self) -> CheckReport:
        """Connect, and look whether there is anything to read."""
        details: dict[str, Any] = {}

        def connect() -> str:
            with self._told(), closing(self._server.connect()) as session:
                version = str(session.run("SELECT VERSION()")[0][0])
                details["version"] = version
                details["encrypted"] = session.is_encrypted
            return f"Connected to {version}{remark(self.settings.update_method)}"

        def look() -> str:
            with self._told(), closing(self._server.connect()) as session:
                [(count,)] = session.run(
                    "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s",
                    self.settings.database,
                )
            return f"{count} tables and views can be read"

        return run_checks(
            [
                ("connection", connect, "Check host, port, database, username and password."),
                ("tables", look, "Grant the user SELECT on the database."),
            ],
            details,
        )

    def discover(self) -> list[Stream]:
        """List tables and views with their keys, and the columns that can be a cursor."""
        with self._told():
            return catalog.streams(
                self._connected(), self.settings.database, self.settings.reading()
            )

    def scan(self, options: base.ReadOptions, state: State | None = None) -> Extraction:
        """Return a lazy frame over a table or query; only the columns that are needed are read."""
        assert isinstance(options, TableReadOptions)
        settings = self.settings
        # Not the session that writes: a query runs as the server's own settings would have it.
        with closing(self._server.connect()) as session:
            scan = Scan(self._server, session, options, settings.reading(), settings.sessions)
        self._scans.append(scan)
        return scan.extraction(state)

    @classmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise DataError for a type that MySQL cannot hold."""
        held(name, dtype)

    def target(self, options: base.WriteOptions, stream: str) -> Target:
        """Name the table, on its server."""
        assert isinstance(options, MySQLWriteOptions)
        table = table_of(Target("", stream, options), self._server)
        return Target(f"mysql://{self._server}/{table}", stream, options)

    def committed(self, target: Target) -> Marker | None:
        """Return what the last commit of this stream left beside the table."""
        with self._told():
            return stored(self._connected(), self._server, target)

    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Make a staging table beside the target."""
        load = Load(self._connected(), self._server, target, schema, run)
        self._loads.append(load)
        return Staging(target, run, schema, load)

    def interrupt(self) -> None:
        """End the statements that read or write."""
        super().interrupt()
        for scan in self._scans:
            scan.interrupt()
        for load in self._loads:
            load.interrupt()
        if self._session is not None and self._session.open:
            self._server.kill(self._session.thread_id())

    def close(self) -> None:
        """Close the connections and remove the certificates."""
        for load in self._loads:
            load.close()
        if self._session is not None:
            with suppress(Exception):
                self._session.close()
        if "_server" in self.__dict__:
            for path in self._server.files.values():
                Path(path).unlink(missing_ok=True)

    @cached_property
    def _server(self) -> Server:
        return self.settings.server(self.access.scratch)

    def _connected(self) -> "Session":
        """Return the session for statements, opened anew where it broke."""
        with self._opening:
            if self.stopping.is_set():
                raise Cancelled("The work was ended")
            if self._session is None or not self._session.open:
                self._session = self._server.connect(is_writing=True)
            return self._session

    def _told(self) -> Any:
        return told(self.settings.password.get_secret_value())
