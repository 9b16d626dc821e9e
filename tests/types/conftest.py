"""A database of its own for all pairs of one process, on the servers that all tests share."""

import pytest

from tests.servers import mongodb, mysql, postgres


@pytest.fixture(scope="session")
def postgres_database(postgres_server):
    """The URL of a PostgreSQL database."""
    with postgres.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def mysql_database(mysql_server):
    """The URL of a MariaDB database."""
    with mysql.fresh_database(mysql_server) as url:
        yield url


@pytest.fixture(scope="session")
def mongodb_database(mongodb_server):
    """The URL of a MongoDB database."""
    with mongodb.fresh_database(mongodb_server) as url:
        yield url
