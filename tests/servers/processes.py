"""Starting a server for a process that owns it, waiting until it answers, ending it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers import keeper

START_SECONDS = 60.0
LOOK_SECONDS = 0.02


class ServerMissingError(Exception):
    """A server's program is not installed; the text says which, and what to install."""


class ServerBrokenError(Exception):
    """A server ended or never answered; the text ends with its log."""


@dataclass(frozen=True)
class Kept:
    """A server under a keeper: the keeper's process id and the folder of the server."""

    pid: int
    folder: Path

    def log(self) -> str:
        """Return the end of what the server printed."""
        file = self.folder / "server.log"
        return file.read_text(errors="replace")[-4000:] if file.exists() else "(no log)"

    def end(self) -> None:
        """End the server, and return when it and its folder have gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        while not keeper.has_ended(self.pid):
            continue


def keep(
    command: Sequence[str | Path],
    *,
    folder: Path,
    owner: int | None = None,
    user: str | None = None,
    ending: str = "SIGTERM",
) -> Kept:
    """Start a server that ends with its owner (this process unless said otherwise)."""
    options = [f"--owner={owner or os.getpid()}", f"--folder={folder}", f"--signal={ending}"]
    if user:
        options.append(f"--user={user}")
    started = subprocess.run(
        [sys.executable, keeper.__file__, *options, "--", *map(str, command)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Kept(pid=int(started.stdout), folder=folder)


def wait_until(check: Callable[[], object], *, server: Kept) -> None:
    """Try a check until it does not raise; ServerBrokenError when the server ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            check()
        except Exception as error:
            if (server.folder / "ended").exists() or time.monotonic() > deadline:
                log = server.log()
                server.end()
                raise ServerBrokenError(f"{error}\n{log}") from error
            time.sleep(LOOK_SECONDS)
        else:
            return


def connect(port: int) -> None:
    """Open and close a connection to a local port."""
    socket.create_connection(("127.0.0.1", port), timeout=1).close()


def free_port() -> int:
    """Return a local port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str, *, package: str, folders: Sequence[Path] = ()) -> Path:
    """Find a program on PATH or in these folders; ServerMissingError says which package has it."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissingError(f"{name} is not installed (Debian package: {package}).")
    return Path(found)
