"""Connections that go only where they may, and that end when they should.

Imported on first use, because the HTTP library costs 70 ms.
"""

import errno
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, TypeVar

import httpcore2
import httpx2

from connectors.errors import Cancelled, ConfigError
from connectors.http.networks import Networks, resolve

Result = TypeVar("Result")
# How long a blocked call stays deaf to a stop.
SLICE_SECONDS = 0.2
FOREVER = float("inf")


class Guard:
    """What every connection of one client asks: may it go there, may it go on."""

    def __init__(self, networks: Networks, stopping: threading.Event) -> None:
        """Allow public addresses and `networks`, until `stopping` is set."""
        self.networks = networks
        self.stopping = stopping
        # The moment (monotonic) when the current request must be over.
        self.deadline = FOREVER

    def patiently(
        self,
        call: Callable[[], Result],
        seconds: float | None,
        sock: socket.socket,
        errors: tuple[type[Exception], type[Exception]],
    ) -> Result:
        """Repeat a socket call in short slices until it is done, too late or stopped.

        `errors` are raised for a time-out and for a broken connection.
        """
        late, broken = errors
        until = min(self.deadline, time.monotonic() + (FOREVER if seconds is None else seconds))
        while True:
            if self.stopping.is_set():
                raise Cancelled("The request was stopped")
            left = until - time.monotonic()
            if left <= 0:
                raise late("timed out")
            try:
                sock.settimeout(min(left, SLICE_SECONDS))
                return call()
            except TimeoutError:
                continue
            except OSError as error:
                raise _translate(error, broken) from error


def _translate(error: OSError, broken: type[Exception]) -> Exception:
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConfigError(
            f"The server's certificate is not trusted: {error.verify_message}; "
            "name the file of your own authority in SSL_CERT_FILE",
            field="url",
        )
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return ConfigError("The server does not speak TLS here; try http://", field="url")
    return broken(str(error))


class GuardedStream(httpcore2.NetworkStream):
    """One connection whose every wait ends soon after a stop and at the request's deadline."""

    def __init__(self, sock: socket.socket, guard: Guard) -> None:
        """Take over a connected socket."""
        self._sock = sock
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what arrived; nothing at the end."""
        errors = (httpcore2.ReadTimeout, httpcore2.ReadError)
        call = partial(self._sock.recv, max_bytes)
        return self._guard.patiently(call, timeout, self._sock, errors)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of the buffer."""
        errors = (httpcore2.WriteTimeout, httpcore2.WriteError)
        view = memoryview(buffer)
        while view:
            call = partial(self._sock.send, view)
            view = view[self._guard.patiently(call, timeout, self._sock, errors) :]

    def close(self) -> None:
        """End the connection."""
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Return the connection with TLS on top, the certificate checked against the host's name."""
        errors = (httpcore2.ConnectTimeout, httpcore2.ConnectError)
        try:
            tls = ssl_context.wrap_socket(
                self._sock, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._sock = tls
            self._guard.patiently(tls.do_handshake, timeout, tls, errors)
        except BaseException:
            self.close()
            raise
        return GuardedStream(tls, self._guard)

    def get_extra_info(self, info: str) -> Any:
        """Answer what the connection pool asks of a connection."""
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "is_readable":
            return self._sock.fileno() < 0 or _is_ready(self._sock, select.POLLIN, 0)
        answers = {"socket": lambda: self._sock, "server_addr": self._sock.getpeername}
        return answers[info]() if info in answers else None


def _is_ready(sock: socket.socket, event: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(sock, event)
    return bool(poll.poll(seconds * 1000))


class GuardedBackend(httpcore2.NetworkBackend):
    """Resolves a name, checks its addresses and connects to exactly those."""

    def __init__(self, guard: Guard) -> None:
        """Keep the guard that all connections ask."""
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Return a connection to the first allowed address of the host that answers."""
        until = min(
            self._guard.deadline, time.monotonic() + (FOREVER if timeout is None else timeout)
        )
        left = min(max(until - time.monotonic(), 0), threading.TIMEOUT_MAX)
        addresses = resolve(host, port, self._guard.networks, left)
        for position, address in enumerate(addresses):
            # Each address gets its share of what is left of the time.
            left = (until - time.monotonic()) / (len(addresses) - position)
            try:
                return self._connect(address, port, left)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if position == len(addresses) - 1:
                    raise
        raise httpcore2.ConnectError(f"{host} has no address")

    def _connect(self, address: str, port: int, seconds: float) -> GuardedStream:
        errors = (httpcore2.ConnectTimeout, httpcore2.ConnectError)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _begin_connection(sock, (address, port))
            self._guard.patiently(partial(_await_connection, sock), seconds, sock, errors)
        except BaseException:
            sock.close()
            raise
        return GuardedStream(sock, self._guard)


def _begin_connection(sock: socket.socket, address: tuple[str, int]) -> None:
    sock.settimeout(0)
    code = sock.connect_ex(address)
    if code not in (0, errno.EINPROGRESS):
        raise httpcore2.ConnectError(os.strerror(code))


def _await_connection(sock: socket.socket) -> None:
    """Return when the socket is connected; raise TimeoutError while it is not."""
    if not _is_ready(sock, select.POLLOUT, SLICE_SECONDS):
        raise TimeoutError
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


@cache
def _trusted(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Return the authorities to trust; read once, because reading them takes 100 ms."""
    return httpx2.create_ssl_context()


class GuardedTransport(httpx2.HTTPTransport):
    """The HTTP library's transport over guarded connections; no proxy, HTTP/1.1."""

    def __init__(self, guard: Guard) -> None:
        """Make an empty pool of connections."""
        context = _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=8,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(guard),
        )
