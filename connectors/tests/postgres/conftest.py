"""A fresh database, the connector for it, and a session of one's own beside."""

from urllib.parse import urlsplit

import psycopg
import pytest

from connectors.library.postgres import Postgres
from connectors.tests.loads import System, access_to


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
def settings(postgres_url) -> dict[str, object]:
    return settings_of(postgres_url)


@pytest.fixture
def system(settings, tmp_path) -> System:
    return System(Postgres, access_to(tmp_path), **settings)


@pytest.fixture
def sql(postgres_url):
    """A connection that commits every statement."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def rows_of(sql):
    """Run a statement and return its rows as lists."""
    return lambda statement: [list(row) for row in sql.execute(statement).fetchall()]
