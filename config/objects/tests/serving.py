"""The application of objects on a real server in a thread, and sockets that talk to it."""

import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

from config.objects.serving import Objects
from tests.servers.asgi import serving


@contextmanager
def served(store):
    """Serve a store with uvicorn; yields the URL under which it answers."""
    with serving(Objects(lambda: store), access_log=False) as port:
        yield f"http://127.0.0.1:{port}"


def send_beginning(url, data, *, length, headers=""):
    """Send the beginning of an upload, and return the socket on which the rest could follow."""
    parts = urlsplit(url)
    opened = socket.create_connection((parts.hostname, parts.port), timeout=30)
    head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    opened.sendall(f"{head}Content-Length: {length}\r\n{headers}\r\n".encode() + data)
    return opened
