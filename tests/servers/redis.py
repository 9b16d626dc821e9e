"""A private Redis server on a free port that keeps nothing on disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from tests.servers.processes import Kept, free_port, keep, program, wait_until


def start(owner: int | None = None) -> tuple[str, Kept]:
    """Start a server and return its URL, and what keeps it."""
    binary = program("redis-server", package="redis-server")
    folder = Path(tempfile.mkdtemp(prefix="millrace-redis-"))
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = keep([binary, *options, "--dir", folder], folder=folder, owner=owner)
    url = f"redis://127.0.0.1:{port}/0"
    wait_until(lambda: ping(url), server=server)
    return url, server


def ping(url: str) -> None:
    """Ask a server whether it is there."""
    with Redis.from_url(url) as client:
        client.ping()


def empty(url: str) -> None:
    """Forget everything that a server holds."""
    with Redis.from_url(url) as client:
        client.flushall()


@contextmanager
def private_redis() -> Iterator[str]:
    """Run a server of one's own and give its URL."""
    url, server = start()
    try:
        yield url
    finally:
        server.end()
