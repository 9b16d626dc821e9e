"""MongoDB: collections and views as a source."""

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from connectors import base
from connectors.base import Access, CheckReport, Extraction, Source, State, Stream
from connectors.documents.options import CollectionReadOptions
from connectors.documents.settings import MongoSettings
from connectors.errors import Cancelled
from connectors.olake import remark
from connectors.sql.checks import run_checks

if TYPE_CHECKING:
    from connectors.documents.server import Client, Server

# A test of the connection ends in five seconds, whatever the server does.
CHECK_SECONDS = 3


class MongoDB(Source):
    """Reads raw batches and makes columns of them; what fits no column is kept as JSON."""

    name = "mongodb"
    label = "MongoDB"
    description = "Collections and views of a MongoDB database, read by columns."
    aliases = ("mongo", "mongodb-extractor", "mongo-extractor")
    Settings = MongoSettings
    ReadOptions = CollectionReadOptions
    example: ClassVar[Mapping[str, Any]] = {
        "host": "${mongodb_host}",
        "port": "${mongodb_port}",
        "database": "${mongodb_database}",
        "username": "${mongodb_username}",
        "password": "${mongodb_password}",
        "collection": "example",
    }
    settings: MongoSettings

    def __init__(self, settings: base.Settings, access: Access) -> None:
        """Keep how to reach the server."""
        super().__init__(settings, access)
        self._client: Client | None = None
        self._opening = threading.Lock()

    def check(self) -> CheckReport:
        """Connect, and look whether there is anything to read."""
        details: dict[str, Any] = {}

        def connect() -> str:
            with self._server.told(CHECK_SECONDS):
                client = self._connected()
                # The first call that needs the log-in.
                self._server.database(client).command("ping")
                details["version"] = client.server_info()["version"]
            asked = remark(self.settings.update_method)
            return f"Connected to MongoDB {details['version']}{asked}"

        def look() -> str:
            from connectors.documents import catalog

            with self._server.told(CHECK_SECONDS / 2):
                found = catalog.names(self._server, self._connected())
            return f"{len(found)} collections and views can be read"

        return run_checks(
            [
                (
                    "connection",
                    connect,
                    "Check hosts, username, password, authdb, replica_set and ssl.",
                ),
                ("collections", look, "Grant the user the role read on the database."),
            ],
            details,
        )

    def discover(self) -> list[Stream]:
        """List collections and views, their columns from a sample of each."""
        from connectors.documents import catalog

        server, client = self._server, self._connected()
        return [
            catalog.stream(
                catalog.look(server, client, name, kind, self.settings.sample),
                server.address.database,
            )
            for name, kind in sorted(catalog.names(server, client).items())
        ]

    def scan(self, options: base.ReadOptions, state: State | None = None) -> Extraction:
        """Return a lazy frame over a collection; only the fields that are needed are sent."""
        from connectors.documents import catalog
        from connectors.documents.scanning import Scan

        assert isinstance(options, CollectionReadOptions)
        server, client = self._server, self._connected()
        known = catalog.names(server, client)
        name = catalog.placed(options.table, list(known), server.address.database)
        found = catalog.look(server, client, name, known[name], self.settings.sample)
        return Scan(server, client, found, options, self.settings.legacy_uuids).extraction(state)

    def interrupt(self) -> None:
        """End what is read, here and at the server."""
        super().interrupt()
        self._server.interrupt()

    def close(self) -> None:
        """Close the connections and remove the certificates."""
        if self._client is not None:
            self._client.close()
        if "_server" in self.__dict__:
            self._server.forget()

    @cached_property
    def _server(self) -> "Server":
        from connectors.documents.server import Server

        return Server(self.settings, self.access.scratch)

    def _connected(self) -> "Client":
        with self._opening:
            if self.stopping.is_set():
                raise Cancelled("The work was ended")
            if self._client is None:
                self._client = self._server.open()
            return self._client
