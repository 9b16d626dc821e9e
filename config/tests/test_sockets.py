"""Sockets that nobody serves."""

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator

from config.asgi import application


@pytest.mark.parametrize("path", ["/", "/no/such/socket", "/health"])
def test_a_socket_on_an_unknown_path_is_refused(path):
    assert async_to_sync(connect)(path) == (False, 4404)


async def connect(path: str) -> tuple[bool, int]:
    connected, code = await WebsocketCommunicator(application, path).connect()
    return connected, code
