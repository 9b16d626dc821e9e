"""The application of objects on a real server in a thread, and sockets that talk to it."""

import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import uvicorn

from config.objects.serving import Objects


@contextmanager
def served(store):
    """Serve a store with uvicorn; yields the URL under which it answers."""
    config = uvicorn.Config(
        Objects(lambda: store), port=0, lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    ready = threading.Event()
    started = server.startup

    async def startup(sockets=None):
        await started(sockets)
        ready.set()

    server.startup = startup
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(30)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def send_beginning(url, data, *, length, headers=""):
    """Send the beginning of an upload, and return the socket on which the rest could follow."""
    parts = urlsplit(url)
    opened = socket.create_connection((parts.hostname, parts.port), timeout=30)
    head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    opened.sendall(f"{head}Content-Length: {length}\r\n{headers}\r\n".encode() + data)
    return opened
