"""A fresh database, the connector for it, and a session of one's own beside."""

from contextlib import closing
from urllib.parse import urlsplit

import pytest

from connectors.library.mysql import MySQL
from connectors.tests.loads import System, access_to
from tests.servers.mysql import connect


def settings_of(url: str) -> dict[str, object]:
    """Return a URL as the connector's settings."""
    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "database": parts.path.lstrip("/"),
        "username": parts.username,
        "password": parts.password,
    }


@pytest.fixture
def settings(mysql_url) -> dict[str, object]:
    return settings_of(mysql_url)


@pytest.fixture
def system(settings, tmp_path) -> System:
    return System(MySQL, access_to(tmp_path), **settings)


@pytest.fixture
def sql(mysql_url):
    """Run statements that commit by themselves; the rows of the last one come back as lists."""
    with closing(connect(mysql_url)) as connection, connection.cursor() as cursor:

        def run(*statements: str) -> list[list[object]]:
            for statement in statements:
                cursor.execute(statement)
            return [list(row) for row in cursor.fetchall()]

        yield run
