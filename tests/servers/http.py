"""A real HTTP server on loopback whose answers a test writes down, wrong ones included."""

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What the server received; header names in lower case, the last value of each parameter."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What the server sends; `promised` lies about the length, `parts` come one by one.

    Before each part after the first the server waits until `gate` is set.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    parts: tuple[bytes, ...] = ()
    gate: threading.Event | None = None


Answering = Callable[[Request], Reply]


class HttpServer:
    """Answers `routes` (by path) and keeps every request; `url` has no slash at its end."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port, with TLS where a context is given."""
        self.routes: dict[str, Answering] = {}
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(
            (host, 0), type("Handler", (_Handler,), {"serving": self})
        )
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, without waiting for answers that still hang at a gate."""
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()

    def answer(self, request: Request) -> Reply:
        """Return what the test wrote down for this path."""
        self.requests.append(request)
        route = self.routes.get(request.path)
        return route(request) if route else Reply(b"nothing here", 404)


def replies(*series: Reply) -> Answering:
    """Answer with each reply once, then with the last one for ever."""
    waiting = list(series)
    return lambda _request: waiting.pop(0) if len(waiting) > 1 else waiting[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    serving: ClassVar[HttpServer]

    def log_message(self, *_: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionResetError:
            # A client that has seen enough leaves.
            self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The library looks for do_GET, do_POST and so on.
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _handle(self) -> None:
        split = urlsplit(self.path)
        request = Request(
            self.command,
            split.path,
            {name: values[-1] for name, values in parse_qs(split.query).items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("content-length", 0))),
        )
        try:
            self._send(self.serving.answer(request))
        except OSError:
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        parts = reply.parts or (reply.body,)
        length = sum(map(len, parts)) if reply.promised is None else reply.promised
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(length), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        for position, part in enumerate(parts):
            if position and reply.gate is not None:
                reply.gate.wait(30)
            self.wfile.write(part)
        if reply.promised is not None:
            # The rest of what was promised never comes.
            self.close_connection = True
