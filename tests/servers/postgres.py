"""A private PostgreSQL server on a free port, as fast and as forgetful as a test needs."""

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


def start(owner: int | None = None, **options: str) -> tuple[str, Kept]:
    """Start a server and return the URL of its first database, and what keeps it."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    postgres = program("postgres", package="postgresql", folders=folders).resolve()
    user = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="millrace-postgres-"))
    make_cluster(postgres.with_name("initdb"), folder, user)
    port = free_port()
    settings = {**OPTIONS, **options, "port": str(port)}
    flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
    command = [postgres, "-D", folder / "data", *flags]
    server = keep(command, folder=folder, owner=owner, user=user, ending="SIGINT")
    url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
    wait_until(lambda: psycopg.connect(url, connect_timeout=2).close(), server=server)
    return url, server


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
def private_postgres(**options: str) -> Iterator[str]:
    """Run a server of one's own and give the URL of its first database."""
    url, server = start(**options)
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
