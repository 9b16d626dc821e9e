"""The watchers' side of the tests: sockets that are opened and read, events written meanwhile."""

import asyncio
import json
import threading

import pytest
from websockets.asyncio.client import ClientConnection, connect

from config.live.tests import platform

SECONDS = 20


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, SECONDS))


def open_socket(address: str, room: str, token: str = "", **query):
    parts = [f"{name}={value}" for name, value in ({"token": token} | query).items() if value != ""]
    # Without compression, or a slow socket's window would hold thousands of these texts.
    options = {"proxy": None, "compression": None, "close_timeout": 1}
    return connect(f"{address}/{room}?{'&'.join(parts)}", **options)


async def texts(socket: ClientConnection, count: int) -> list[int]:
    """Read so many events and return their `seq`."""
    return [json.loads(await socket.recv())["seq"] for _ in range(count)]


async def close_code(socket: ClientConnection) -> int:
    await socket.wait_closed()
    return socket.close_code


async def in_thread(function, *args, **kwargs):
    """Write from another thread, as another process would."""

    def work():
        try:
            function(*args, **kwargs)
        finally:
            platform.connection.close()

    await asyncio.to_thread(work)


async def asked(query: dict[str, int]) -> None:
    """Return when the table was asked this."""
    while query not in platform.queries:
        await asyncio.sleep(0.02)


def wait_until(is_so) -> None:
    step = threading.Event()
    for _ in range(500):
        if is_so():
            return
        step.wait(0.02)
    pytest.fail("It did not come to be.")
