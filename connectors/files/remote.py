"""An SFTP session: whom it trusts, what it lists, and how it brings files here."""

import contextlib
import logging
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.errors import Cancelled, ConfigError, MillraceError, TransientError
from connectors.files.keys import fingerprint, private_key

if TYPE_CHECKING:
    import paramiko

# What goes wrong is raised, too.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

CHUNK_BYTES = 1 << 20
# Requests of 32 kB that may be under way at once.
AHEAD = 64
DEEPEST, MOST_FILES = 32, 1_000_000


@dataclass(frozen=True)
class Door:
    """Where a server is, who asks, and by which keys it is known."""

    host: str
    port: int
    username: str
    password: str | None
    private_key: str | None
    passphrase: str | None
    trusted: frozenset[str]
    seconds: float


@dataclass(frozen=True)
class Entry:
    """A file at a server: its path below the root, its size in bytes, and when it changed."""

    path: str
    size: int
    modified: datetime


class Session:
    """One connection, opened when it is first needed."""

    def __init__(self, door: Door, is_stopping: Callable[[], bool]) -> None:
        """Keep where to connect; connect later."""
        self._door = door
        self._is_stopping = is_stopping
        self._transport: paramiko.Transport | None = None
        self._client: paramiko.SFTPClient | None = None

    def close(self) -> None:
        """End the connection; a call that is in flight in another thread raises."""
        if self._transport is not None:
            self._transport.close()

    def look(self, root: str) -> str:
        """Return what lies at `root`, without walking through it."""
        with self._telling(root):
            client = self._opened()
            found = self._stat(client, root)
            if not stat.S_ISDIR(found.st_mode or 0):
                return f"a file of {found.st_size} bytes"
            return f"a folder with {len(client.listdir(root))} entries"

    def files(self, root: str) -> Iterator[Entry]:
        """Yield the file at `root`, or all files below it, without what a dot hides."""
        with self._telling(root):
            client = self._opened()
            found = self._stat(client, root)
            if not stat.S_ISDIR(found.st_mode or 0):
                yield _entry("", found)
                return
            below = self._below(client, root.rstrip("/") or "/", "", 0)
            for count, entry in enumerate(below, start=1):
                if count > MOST_FILES:
                    raise ConfigError(
                        f"More than {MOST_FILES:,} files lie below {root}; name a deeper path",
                        field="path",
                    )
                yield entry

    def download(self, remote: str, target: Path, size: int) -> None:
        """Bring a file here; raise TransientError when it is gone or changes meanwhile."""
        with self._telling(remote), target.open("wb") as sink:
            with self._opened().open(remote, "rb") as source:
                before = source.stat()
                source._prefetch_thread = _quiet(source._prefetch_thread)  # noqa: SLF001
                source.prefetch(before.st_size, max_concurrent_requests=AHEAD)
                while chunk := source.read(CHUNK_BYTES):
                    if self._is_stopping():
                        raise Cancelled("Reading was stopped")
                    sink.write(chunk)
                after = source.stat()
            written = sink.tell()
        if not written == before.st_size == after.st_size == size:
            raise TransientError(
                f"{remote} had {size} bytes, and then {after.st_size}: somebody was writing it; "
                "the next attempt reads it anew"
            )

    def _stat(self, client: "paramiko.SFTPClient", root: str) -> "paramiko.SFTPAttributes":
        try:
            return client.stat(root)
        except FileNotFoundError:
            raise ConfigError(
                f"There is no {root!r} on {self._door.host} for {self._door.username!r}; check path",
                field="path",
            ) from None

    def _below(
        self, client: "paramiko.SFTPClient", root: str, path: str, depth: int
    ) -> Iterator[Entry]:
        if self._is_stopping():
            raise Cancelled("Reading was stopped")
        folder = f"{root.rstrip('/')}/{path}".rstrip("/") or "/"
        for found in sorted(client.listdir_attr(folder), key=lambda item: item.filename):
            if found.filename.startswith("."):
                continue
            below = f"{path}/{found.filename}".lstrip("/")
            if stat.S_ISDIR(found.st_mode or 0) and depth < DEEPEST:
                yield from self._below(client, root, below, depth + 1)
            # A link to a file is that file; one to a folder may lead in a circle.
            is_link = stat.S_ISLNK(found.st_mode or 0)
            real = _followed(client, f"{folder}/{found.filename}") if is_link else found
            if real is not None and stat.S_ISREG(real.st_mode or 0):
                yield _entry(below, real)

    def _opened(self) -> "paramiko.SFTPClient":
        import paramiko

        if self._client is None:
            transport = self._transport = paramiko.Transport(self._socket())
            transport.banner_timeout = transport.auth_timeout = self._door.seconds
            transport.start_client(timeout=self._door.seconds)
            self._demand_trust(transport)
            self._log_in(transport)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            channel = client.get_channel()
            assert channel is not None
            channel.settimeout(self._door.seconds)
            self._client = client
        return self._client

    def _socket(self) -> socket.socket:
        door = self._door
        try:
            return socket.create_connection((door.host, door.port), timeout=door.seconds)
        except OSError as error:
            raise TransientError(
                f"{door.host}:{door.port} cannot be reached ({error}); check host and port"
            ) from None

    def _demand_trust(self, transport: "paramiko.Transport") -> None:
        """Raise ConfigError for a server that is not known, before anything secret is sent."""
        key = transport.get_remote_server_key()
        shown = fingerprint(key.asbytes())
        if shown in self._door.trusted:
            return
        where = f"{self._door.host}:{self._door.port} shows the key {shown} ({key.get_name()})"
        if not self._door.trusted:
            raise ConfigError(
                f"{where}; compare it with what its owner says, and set host_key to it",
                field="host_key",
            )
        raise ConfigError(
            f"{where}, which is not host_key: it is another server, or its key was changed; "
            "nothing was sent to it. Ask its owner before you set host_key anew",
            field="host_key",
        )

    def _log_in(self, transport: "paramiko.Transport") -> None:
        import paramiko

        door = self._door
        try:
            if door.private_key is not None:
                key = private_key(door.private_key, door.passphrase)
                left = transport.auth_publickey(door.username, key)
            else:
                left = transport.auth_password(door.username, door.password or "")
        except paramiko.BadAuthenticationType as error:
            raise ConfigError(
                f"The server does not take that; it asks for: {', '.join(error.allowed_types)}",
                field="private_key" if door.private_key else "password",
            ) from None
        except paramiko.AuthenticationException:
            raise ConfigError(
                f"The server refused {door.username!r}; check username, password and private_key",
                field="private_key" if door.private_key else "password",
            ) from None
        if left:
            raise ConfigError(
                f"The server asks for a second proof ({', '.join(left)}), which is not offered",
                field="username",
            )

    @contextlib.contextmanager
    def _telling(self, path: str) -> Iterator[None]:
        """Say in our words what went wrong on the way."""
        import paramiko

        try:
            yield
        except MillraceError:
            raise
        except FileNotFoundError:
            raise TransientError(
                f"{path} vanished from {self._door.host} while it was read; the next attempt "
                "looks anew"
            ) from None
        except PermissionError:
            raise ConfigError(
                f"{self._door.username!r} may not read {path}; ask the server's owner",
                field="path",
            ) from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            if self._is_stopping():
                raise Cancelled("Reading was stopped") from None
            if isinstance(error, OSError) and error.errno is not None and error.filename:
                raise
            said = str(error) or type(error).__name__
            raise TransientError(
                f"The connection to {self._door.host}:{self._door.port} broke ({said})"
            ) from error


def _quiet(ask: Callable[..., None]) -> Callable[..., None]:
    """Let the thread that asks ahead end without a word; who reads hears of the same fault."""
    import paramiko

    def run(*arguments: Any) -> None:
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            ask(*arguments)

    return run


def _followed(client: "paramiko.SFTPClient", path: str) -> "paramiko.SFTPAttributes | None":
    try:
        return client.stat(path)
    except OSError:
        return None


def _entry(path: str, found: "paramiko.SFTPAttributes") -> Entry:
    modified = datetime.fromtimestamp(found.st_mtime or 0, UTC)
    return Entry(path, found.st_size or 0, modified)
