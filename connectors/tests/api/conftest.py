"""The api connector, opened on a real server on loopback."""

import pytest

from connectors.base import Access
from connectors.configuration import split, validate
from connectors.http import parse_networks
from connectors.library.api import Api
from tests.servers.http import HttpServer


@pytest.fixture
def server():
    with HttpServer() as server:
        yield server


@pytest.fixture
def opened(tmp_path, server):
    """Open the connector with a flat configuration whose URL is a path of the server."""
    made = []

    def open_it(config=None, *, networks=("127.0.0.0/8",)):
        flat = {"type": "api", "url": "/", **(config or {})}
        flat["url"] = flat["url"] if "://" in flat["url"] else server.url + flat["url"]
        found = split(flat, "source")
        allowed = parse_networks(networks)
        access = Access(base=tmp_path, roots=(tmp_path,), scratch=tmp_path, networks=allowed)
        api = Api(validate(Api.Settings, found.settings), access)
        made.append(api)
        return api, validate(Api.ReadOptions, found.options)

    yield open_it
    for api in made:
        api.close()


@pytest.fixture
def read(opened):
    """Read all records of a flat configuration."""

    def read_it(config=None, state=None):
        api, options = opened({"max_wait": 0.01, **(config or {})})
        return api.scan(options, state).frame.collect(engine="streaming")

    return read_it
