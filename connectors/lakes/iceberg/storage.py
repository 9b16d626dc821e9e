"""The files of Iceberg tables: their locations come from a catalog, and are not trusted."""

from typing import TYPE_CHECKING, Any

from pyiceberg.io.pyarrow import PyArrowFileIO

from connectors.base import Access
from connectors.errors import ConfigError
from connectors.files.keeping import Keeper
from connectors.files.locations import Bucketed, Local
from connectors.files.objects import DEFAULT_REGION
from connectors.files.settings import FileSettings
from connectors.lakes.homes import home_of, keeper_of, options_for
from connectors.lakes.iceberg.settings import IcebergSettings
from connectors.paths import resolve

if TYPE_CHECKING:
    from pyiceberg.io.pyarrow import PyArrowFile

SECONDS = "5"


class Storage:
    """Where tables lie: folders inside of the roots, and the one store of the settings."""

    def __init__(self, settings: IcebergSettings, access: Access) -> None:
        """Keep what may be reached."""
        self.settings = settings
        self.access = access

    def at(self, location: str) -> FileSettings:
        """Return a location with the store's keys."""
        settings = self.settings
        return FileSettings(
            path=location.removeprefix("file://"),
            endpoint_url=settings.endpoint_url,
            region=settings.region,
            access_key_id=settings.access_key_id,
            secret_access_key=settings.secret_access_key,
        )

    def place(self, location: str) -> Local | Bucketed:
        """Return a folder that may be used; raise ConfigError for one that is closed."""
        return home_of(self.at(location), None, self.access)

    def keeper(self, location: str) -> Keeper:
        """Return what moves files within a location."""
        return keeper_of(self.place(location), self.at(location), self.access)

    def options(self, location: str) -> dict[str, Any] | None:
        """Return the options with which Polars reaches a location, None for folders."""
        return options_for(self.place(location), self.at(location))

    def demand_open(self, location: str) -> None:
        """Raise ConfigError for a file that a catalog names and that is closed here."""
        scheme, _, path = location.rpartition("://")
        if scheme in ("", "file"):
            resolve(path, self.access, field="warehouse")
        elif scheme not in ("s3", "s3a"):
            raise ConfigError(
                f"The catalog names {location!r}, and {scheme}:// cannot be reached; known: local "
                "folders and s3://",
                field="warehouse",
            )

    def properties(self) -> dict[str, str]:
        """Return how pyarrow reaches the store; they hold secrets."""
        settings = self.settings
        found = {"s3.region": settings.region or DEFAULT_REGION, "s3.connect-timeout": SECONDS}
        if settings.endpoint_url:
            found["s3.endpoint"] = settings.endpoint_url
            found["s3.force-virtual-addressing"] = "false"
        if settings.access_key_id and settings.secret_access_key:
            found["s3.access-key-id"] = settings.access_key_id
            found["s3.secret-access-key"] = settings.secret_access_key.get_secret_value()
        else:
            # What the machine itself may read is not what its users may read.
            found["s3.anonymous"] = "true"
        return found


class GuardedIO(PyArrowFileIO):
    """pyiceberg's files, of which only open ones are touched."""

    def __init__(self, storage: Storage) -> None:
        """Reach what the storage reaches, and nothing that a catalog adds."""
        super().__init__(storage.properties())
        self._storage = storage

    def new_input(self, location: str) -> "PyArrowFile":
        """Return a file to read."""
        self._storage.demand_open(location)
        return super().new_input(location)

    def new_output(self, location: str) -> "PyArrowFile":
        """Return a file to write."""
        self._storage.demand_open(location)
        return super().new_output(location)

    def delete(self, location: Any) -> None:
        """Remove a file."""
        self._storage.demand_open(location if isinstance(location, str) else location.location)
        super().delete(location)
