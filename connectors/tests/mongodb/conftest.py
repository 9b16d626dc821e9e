"""A database to fill, and the source that reads it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pymongo
import pytest

from connectors.documents.options import CollectionReadOptions
from connectors.documents.settings import MongoSettings
from connectors.library.mongodb import MongoDB
from tests.contract.subjects import access_to
from tests.servers.mongodb import MongoServer


@pytest.fixture
def database(mongodb_url: str):
    """An empty database, by the driver."""
    with pymongo.MongoClient(mongodb_url) as client:
        yield client.get_default_database()


@pytest.fixture
def opened(mongodb_url: str, tmp_path):
    """Open the source for the database, with these settings beside."""
    sources = []

    def open_one(**settings: Any) -> MongoDB:
        url = urlsplit(mongodb_url)
        given = {
            "hosts": [f"{url.hostname}:{url.port}"],
            "database": url.path.strip("/"),
            "username": url.username or "",
            "password": url.password or "",
        }
        made = MongoDB(MongoSettings.model_validate({**given, **settings}), access_to(tmp_path))
        sources.append(made)
        return made

    yield open_one
    for source in sources:
        source.close()


@pytest.fixture
def read(opened: Callable[..., MongoDB]):
    """Read a collection, all columns or those that are named."""

    def read_one(table: str, *, state: Any = None, settings: Any = None, **options: Any):
        source = opened(**(settings or {}))
        return source.scan(CollectionReadOptions(table=table, **options), state)

    return read_one


@pytest.fixture
def server():
    """A server of one's own, without a log-in, that may be made to hang, cut and forbid."""
    with MongoServer() as running:
        yield running


@pytest.fixture
def source(server: MongoServer, tmp_path):
    """The source for the database `shop` of that server."""
    settings = {"hosts": [f"127.0.0.1:{server.port}"], "database": "shop"}
    made = MongoDB(MongoSettings.model_validate(settings), access_to(tmp_path))
    yield made
    made.close()
