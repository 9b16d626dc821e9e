"""Catalogs of Iceberg tables: opened so that they reach no file and no host that is closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    ForbiddenError,
    RESTError,
    UnauthorizedError,
)
from pyiceberg.io import FileIO
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import Table
from requests import Session
from requests.adapters import HTTPAdapter

from connectors.base import Access
from connectors.errors import ConfigError, TransientError
from connectors.files.objects import open_store
from connectors.http.networks import resolve as resolve_host
from connectors.http.networks import vet_url
from connectors.lakes.iceberg.settings import IcebergSettings
from connectors.lakes.iceberg.storage import GuardedIO, Storage
from connectors.paths import resolve

Catalog = SqlCatalog | RestCatalog
PORT = 5432
SECONDS, TIMEOUT = 4.0, 60.0
# What a REST server's configuration may set.
HEARD = ("prefix", "namespace-separator")


class GuardedSql(SqlCatalog):
    """A catalog in SQLite or PostgreSQL."""

    def __init__(self, name: str, storage: Storage, **properties: str) -> None:
        """Open the database; its tables are made where they are missing."""
        self._storage = storage
        super().__init__(name, **properties)

    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:
        """Return our files, whatever a table's own properties say."""
        return GuardedIO(self._storage)

    def _convert_orm_to_iceberg(self, orm: Any) -> Table:
        """Open the table of a row."""
        files = self._load_file_io()
        metadata = FromInputFile.table_metadata(files.new_input(orm.metadata_location))
        name = (*orm.table_namespace.split("."), orm.table_name)
        return Table(name, metadata, orm.metadata_location, files, self)


class GuardedAdapter(HTTPAdapter):
    """Connections to hosts that are open here, wherever a server sends us."""

    def __init__(self, access: Access) -> None:
        """Keep which networks are open."""
        self._access = access
        super().__init__()

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Judge the host, then ask it."""
        vet_url(request.url, self._access.networks)
        pieces = urlsplit(request.url)
        port = pieces.port or (443 if pieces.scheme == "https" else 80)
        resolve_host(pieces.hostname or "", port, self._access.networks, SECONDS)
        kwargs["timeout"] = kwargs.get("timeout") or (SECONDS, TIMEOUT)
        return super().send(request, *args, **kwargs)


class GuardedRest(RestCatalog):
    """A catalog behind a REST server."""

    def __init__(self, name: str, storage: Storage, **properties: str) -> None:
        """Ask the server for its configuration."""
        self._storage = storage
        super().__init__(name, **properties)

    def _create_session(self) -> Session:
        """Return a session that reaches open hosts only."""
        adapter = GuardedAdapter(self._storage.access)
        session = super()._create_session()
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        return session

    def _fetch_config(self) -> None:
        """Hear how paths are spelled; a server may not choose programs, files, hosts or keys."""
        own = dict(self.properties)
        super()._fetch_config()
        told = {name: self.properties[name] for name in HEARD if name in self.properties}
        self.properties = {**told, **own}
        self.uri = own["uri"]

    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:
        """Return our files, whatever the server says."""
        return GuardedIO(self._storage)


def judge(settings: IcebergSettings, access: Access) -> None:
    """Raise ConfigError for what this installation forbids; reach for nothing."""
    storage = Storage(settings, access)
    if settings.catalog_type == "rest":
        for url in (settings.uri, settings.oauth2_uri):
            _vet(url, access)
    else:
        storage.place(settings.warehouse)
        if "://" not in settings.uri:
            resolve(settings.uri, access, field="uri")


def open_catalog(settings: IcebergSettings, access: Access) -> Catalog:
    """Open the catalog; raise ConfigError or TransientError where it cannot be."""
    judge(settings, access)
    storage = Storage(settings, access)
    if settings.endpoint_url:
        # Opening asks nothing of the store; it judges the host, by its addresses too.
        open_store(storage.at("s3://any-bucket/"), "any-bucket", access)
    with told():
        if settings.catalog_type == "rest":
            return _open_rest(settings, storage)
        if "://" in settings.uri:
            uri = _postgres(settings)
        else:
            path = resolve(settings.uri, access, field="uri")
            path.parent.mkdir(parents=True, exist_ok=True)
            uri = f"sqlite:///{path}?timeout=30"
        return GuardedSql(settings.catalog_name, storage, uri=uri)


def identity(settings: IcebergSettings, access: Access) -> str:
    """Return what tells this catalog from all others."""
    if settings.catalog_type == "rest":
        return f"{settings.uri.rstrip('/')}/{settings.warehouse}"
    is_file = "://" not in settings.uri
    where = str(resolve(settings.uri, access, field="uri")) if is_file else settings.uri
    return f"{where}/{settings.catalog_name}"


@contextmanager
def told() -> Iterator[None]:
    """Say in our words what a catalog answered; a lost race passes as it is."""
    from requests.exceptions import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except CommitFailedException:
        raise
    except SQLAlchemyError as error:
        text = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        if "disk is full" in text:
            raise TransientError(
                "The disk is full (the catalog): free some space; the run is tried again"
            ) from None
        if "authentication failed" in text or "does not exist" in text:
            raise ConfigError(f"The catalog's database refused: {text}", field="uri") from None
        raise TransientError(f"The catalog's database answered: {text}") from None
    except (UnauthorizedError, ForbiddenError) as error:
        first = str(error).splitlines()[0]
        raise ConfigError(
            f"The catalog refused the log-in: {first}; check token or credential", field="token"
        ) from None
    except RESTError as error:
        first = (str(error).splitlines() or ["no text"])[0]
        raise TransientError(f"The catalog answered: {first[:300]}") from None
    except RequestException as error:
        kind = type(error).__name__
        raise TransientError(f"The catalog did not answer ({kind}); check uri") from None


def _open_rest(settings: IcebergSettings, storage: Storage) -> RestCatalog:
    secrets = {"token": settings.token, "credential": settings.credential}
    properties = {
        "uri": settings.uri,
        "warehouse": settings.warehouse,
        # Files are reached with the keys of the settings only.
        "header.X-Iceberg-Access-Delegation": "",
        **{name: secret.get_secret_value() for name, secret in secrets.items() if secret},
    }
    if settings.oauth2_uri:
        properties["oauth2-server-uri"] = settings.oauth2_uri
    if settings.scope:
        properties["scope"] = settings.scope
    return GuardedRest(settings.catalog_name, storage, **properties)


def _vet(url: str | None, access: Access) -> None:
    if url is None:
        return
    try:
        vet_url(url, access.networks)
    except ConfigError as error:
        raise ConfigError(error.message, field="uri") from None


def _postgres(settings: IcebergSettings) -> str:
    """Return the address as SQLAlchemy wants it, for the driver that the platform has."""
    pieces = urlsplit(settings.uri)
    user = quote(settings.username or pieces.username or "", safe="")
    secret = settings.password.get_secret_value() if settings.password else ""
    login = f"{user}:{quote(secret, safe='')}@" if user else ""
    query = f"?{pieces.query}&connect_timeout=4" if pieces.query else "?connect_timeout=4"
    host = f"{pieces.hostname or 'localhost'}:{pieces.port or PORT}"
    return f"postgresql+psycopg://{login}{host}{pieces.path}{query}"
