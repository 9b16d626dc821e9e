"""What the suites need beside the private servers."""

import json
from collections.abc import Iterator

import pytest

from tests.servers.http import HttpServer, Reply, Request


@pytest.fixture
def api_url() -> Iterator[str]:
    """The URL of an HTTP API that answers with three people."""
    people = json.dumps([{"id": 1, "name": "Ada"}, {"id": 2, "name": ""}, {"id": 3, "name": None}])

    def answer(request: Request) -> Reply:
        return Reply(people.encode(), headers={"Content-Type": "application/json"})

    with HttpServer() as server:
        server.routes["/people"] = answer
        yield f"{server.url}/people"
