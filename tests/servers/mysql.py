"""A private MariaDB server on a free port, as fast and as forgetful as a test needs."""

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pymysql

from tests.servers.postgres import unprivileged_user
from tests.servers.processes import Kept, free_port, keep, program, wait_until

USER = PASSWORD = "millrace"
PACKAGE = "mariadb-server-core and mariadb-client-core"
# Nothing here outlives the tests, so nothing has to be safe on disk.
OPTIONS = {
    "bind-address": "127.0.0.1",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-doublewrite": "0",
    "innodb-buffer-pool-size": "256M",
    "innodb-log-file-size": "256M",
    "skip-name-resolve": "",
    "skip-log-bin": "",
    "max-connections": "200",
}
FOLDERS = (Path("/usr/sbin"), Path("/usr/local/sbin"))


def start(owner: int | None = None, **options: str) -> tuple[str, Kept]:
    """Start a server and return the URL of its first database, and what keeps it."""
    binary = program("mariadbd", package=PACKAGE, folders=FOLDERS)
    install = program("mariadb-install-db", package=PACKAGE, folders=FOLDERS)
    user = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="millrace-mysql-"))
    make_data(install, folder, user)
    port = free_port()
    given = {name.replace("_", "-"): value for name, value in options.items()}
    settings = {**OPTIONS, **given, "port": str(port)}
    flags = [f"--{name}={value}" if value else f"--{name}" for name, value in settings.items()]
    places = [f"--datadir={folder / 'data'}", f"--socket={folder / 'socket'}"]
    places += [f"--pid-file={folder / 'pid'}", f"--init-file={folder / 'users.sql'}"]
    command = [binary, "--no-defaults", *places, *flags]
    server = keep(command, folder=folder, owner=owner, user=user)
    url = f"mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/test"
    wait_until(lambda: connect(url).close(), server=server)
    return url, server


def make_data(install: Path, folder: Path, user: str | None) -> None:
    """Make the data folder of a server with one user, who has a password and every right."""
    users = folder / "users.sql"
    users.write_text(
        f"CREATE USER IF NOT EXISTS {USER}@'%' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON *.* TO {USER}@'%' WITH GRANT OPTION;\n"
        "CREATE DATABASE IF NOT EXISTS test;\n"
    )
    if user:
        shutil.chown(folder, user)
        shutil.chown(users, user)
    options = ["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]
    command = [install, *options, f"--datadir={folder / 'data'}"]
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder)


def connect(url: str, **options: Any) -> "pymysql.Connection[Any]":
    """Open a connection to a database that commits every statement."""
    parts = urlsplit(url)
    settings = {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "database": parts.path.strip("/"),
        "autocommit": True,
        "connect_timeout": 5,
        "charset": "utf8mb4",
    }
    return pymysql.connect(**settings | options)


@contextmanager
def private_mysql(**options: str) -> Iterator[str]:
    """Run a server of one's own and give the URL of its first database."""
    url, server = start(**options)
    try:
        yield url
    finally:
        server.end()


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make an empty database on a server, give its URL, and drop it."""
    name = f"test_{secrets.token_hex(6)}"
    with closing(connect(server_url)) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield server_url.rpartition("/")[0] + f"/{name}"
    finally:
        with closing(connect(server_url)) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
