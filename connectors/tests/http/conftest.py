"""A server on loopback, and a client that may reach it."""

import pytest

from connectors.http import Client
from connectors.tests.http.permission import QUICK, access
from tests.servers.http import HttpServer


@pytest.fixture
def server():
    with HttpServer() as server:
        yield server


@pytest.fixture
def client(tmp_path):
    with Client(access(tmp_path), retries=QUICK) as client:
        yield client
