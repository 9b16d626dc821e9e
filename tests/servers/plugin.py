"""The servers as fixtures; a service that is missing fails in CI and skips loudly elsewhere."""

import os
from collections.abc import Callable

import pytest

from tests.servers import mongodb, mysql, postgres, redis, s3, sftp, sharing
from tests.servers.platform import embedded_platform, service_platform
from tests.servers.processes import Kept, ServerMissingError


def service(kind: str, start: Callable[[int], tuple[str, Kept]]) -> str:
    """Return the URL of a service, or give the test up."""
    try:
        return sharing.given_or_shared(kind, start)
    except ServerMissingError as error:
        return give_up(str(error))


def give_up(reason: str):
    """Fail where everything must be tested, and skip so that it is seen elsewhere."""
    if sharing.is_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(f"NOT TESTED: {reason}")


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of the first database of a PostgreSQL server, one for the whole test run."""
    return service("postgres", postgres.start)


@pytest.fixture
def postgres_url(postgres_server: str):
    """The URL of an empty PostgreSQL database, a fresh one for every test."""
    with postgres.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def mysql_server() -> str:
    """The URL of the first database of a MariaDB server, one for the whole test run."""
    return service("mysql", mysql.start)


@pytest.fixture
def mysql_url(mysql_server: str):
    """The URL of an empty MariaDB database, a fresh one for every test."""
    with mysql.fresh_database(mysql_server) as url:
        yield url


@pytest.fixture(scope="session")
def mongodb_server():
    """The URL of a MongoDB server: the one that was given, or mongomock behind its protocol."""
    if url := os.environ.get("MILLRACE_TEST_MONGODB_URL"):
        yield url
        return
    with mongodb.MongoServer(login=("millrace", "river-7")) as server:
        yield server.url("admin")


@pytest.fixture
def mongodb_url(mongodb_server: str):
    """The URL of an empty MongoDB database, a fresh one for every test."""
    with mongodb.fresh_database(mongodb_server) as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> str:
    """The URL of a Redis server, one for each process of the test run."""
    return service("redis", redis.start)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a Redis server that holds nothing when the test begins."""
    redis.empty(redis_server)
    return redis_server


@pytest.fixture(scope="session")
def s3_server() -> str:
    """The URL, with the log-in in it, of an S3-compatible store, one for the whole test run."""
    return service("s3", s3.start)


@pytest.fixture
def s3_store(s3_server: str):
    """An S3-compatible store with a fresh bucket for every test: endpoint, keys, bucket."""
    with s3.fresh_bucket(s3_server) as store:
        yield store


@pytest.fixture(scope="session")
def sftp_url() -> str:
    """The URL of an OpenSSH server, one for the whole test run; its path holds the keys."""
    return service("sftp", sftp.start)


@pytest.fixture
def sftp_server(sftp_url: str, tmp_path):
    """An OpenSSH server with an empty folder for every test: port, user, keys, folder."""
    folder = tmp_path / "served"
    folder.mkdir()
    return sftp.described(sftp_url, folder)


@pytest.fixture(scope="module", params=["embedded", "services"])
def platform(request, tmp_path_factory):
    """The whole product, ready: on SQLite and files, then on PostgreSQL and Redis; one a module.

    It gives `url`, `data_dir`, `pids()` (web, runs, quick, clock), `worker_children()`, `log()`.
    """
    data_dir = tmp_path_factory.mktemp("platform")
    if request.param == "embedded":
        with embedded_platform(data_dir) as running:
            yield running
        return
    server = request.getfixturevalue("postgres_server")
    try:
        with service_platform(data_dir, server) as running:
            yield running
    except ServerMissingError as error:
        give_up(str(error))
