"""A private OpenSSH server on a free port that lets one key in, and what it serves."""

import getpass
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers.processes import Kept, connect, free_port, keep, program, wait_until

PACKAGE = "openssh-server"
FOLDERS = (Path("/usr/sbin"), Path("/usr/local/sbin"))
# Where a server that is run by root leaves its rights; it refuses to start without.
EMPTY = Path("/run/sshd")
CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SftpServer:
    """Where a server answers, who may log in, its key, and a folder of this machine that it shows."""

    host: str
    port: int
    username: str
    private_key: str
    host_key: str
    folder: Path

    @property
    def settings(self) -> dict[str, object]:
        """Return the same as settings of the connector."""
        return {
            "host": self.host,
            "port": self.port,
            "username": self.username,
            "private_key": self.private_key,
            "host_key": self.host_key,
            "path": str(self.folder),
        }


def start(owner: int | None = None) -> tuple[str, Kept]:
    """Start a server and return its URL, whose path is the folder of its keys."""
    binary = program("sshd", package=PACKAGE, folders=FOLDERS)
    folder = Path(tempfile.mkdtemp(prefix="millrace-sftp-"))
    write_keys(folder)
    if os.getuid() == 0:
        EMPTY.mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    server = keep([binary, "-D", "-e", "-f", folder / "config"], folder=folder, owner=owner)
    wait_until(lambda: connect(port), server=server)
    return f"sftp://{getpass.getuser()}@127.0.0.1:{port}{folder}", server


def write_keys(folder: Path) -> None:
    """Make the server's key and the key that it lets in."""
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    for name, public in (("host", "host.pub"), ("user", "authorized")):
        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(
            forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption()
        )
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(text)
        (folder / public).write_bytes(
            key.public_key().public_bytes(forms.Encoding.OpenSSH, forms.PublicFormat.OpenSSH)
        )


@contextmanager
def private_sftp() -> Iterator[str]:
    """Run a server of one's own and give its URL."""
    url, server = start()
    try:
        yield url
    finally:
        server.end()


def described(url: str, folder: Path) -> SftpServer:
    """Return how to reach a server, and a folder that it shows."""
    parts = urlsplit(url)
    keys = Path(parts.path)
    return SftpServer(
        host=parts.hostname or "",
        port=parts.port or 22,
        username=parts.username or "",
        private_key=(keys / "user").read_text(),
        host_key=(keys / "host.pub").read_text(),
        folder=folder,
    )
