"""Reaching PostgreSQL: settings, checks, what is told of failures, and who sees the password."""

import socket
import time
from pathlib import Path

import psycopg
import pytest

from connectors import registry
from connectors.configuration import split, validate
from connectors.errors import ConfigError, TransientError
from connectors.library.postgres import Postgres
from tests.servers.processes import free_port

SECRET = "s3cr'et \\ %s{}"


def report(system):
    with system.opened() as connector:
        return connector.check()


def test_a_check_tells_the_version_and_leaves_nothing(system, sql):
    found = report(system)
    assert found.passed
    assert found.details["version"].startswith("PostgreSQL 1")
    assert sql.execute("SELECT count(*) FROM pg_class WHERE relname ~ 'millrace'").fetchone() == (
        0,
    )


def test_the_names_of_the_contracts_are_accepted():
    flat = {"type": "postgres-extractor", "host": "h", "port": "5433", "user": "u", "database": "d"}
    for ssl in ({"ssl.mode": "require"}, {"ssl": {"mode": "require"}}, {"ssl_mode": "require"}):
        found = split({**flat, **ssl, "query": "SELECT 1"}, "source")
        settings = validate(Postgres.Settings, found.settings)
        assert (settings.username, settings.port, settings.ssl_mode) == ("u", 5433, "require")
    assert registry.connector("postgresql") is Postgres


def test_a_wrong_password_is_told_without_it(system):
    system.settings["password"] = SECRET
    with pytest.raises(ConfigError, match="password authentication failed") as caught:
        system.discover()
    assert "s3cr" not in str(caught.value)
    found = report(system)
    assert not found.passed
    assert "check username and password" in found.checks[0].message


def test_a_database_that_is_not_there_is_told(system):
    system.settings["database"] = "nowhere"
    with pytest.raises(ConfigError, match=r'"nowhere" does not exist.*name of the database'):
        system.discover()


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_server_that_cannot_be_reached_may_come_later(system, host):
    system.settings |= {"host": host, "port": free_port()}
    with pytest.raises(TransientError, match="check host"):
        system.discover()


def test_a_server_that_says_nothing_is_given_up_within_five_seconds(system):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        system.settings["port"] = silent.getsockname()[1]
        began = time.perf_counter()
        assert not report(system).passed
        assert time.perf_counter() - began < 20


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(system):
    system.settings["ssl_mode"] = "require"
    with pytest.raises(ConfigError, match="ssl_mode"):
        system.discover()


def test_a_password_of_odd_characters_opens_every_door_and_shows_nowhere(
    system, sql, settings, tmp_path
):
    role = psycopg.sql.Identifier("odd role")
    sql.execute(psycopg.sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}").format(role, SECRET))
    try:
        system.settings |= {"username": "odd role", "password": SECRET}
        sql.execute("CREATE TABLE t AS SELECT generate_series(1, 300000) AS id")
        seen = []

        def look():
            seen.append(Path("/proc/self/cmdline").read_text())
            seen.extend(map(str, sql.execute("SELECT * FROM pg_stat_activity").fetchall()))

        rows = system.read(table="t")
        system.load(rows, table="u", mode="replace", before_commit=look)
        assert seen
        assert not [text for text in seen if "s3cr" in text]
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    finally:
        sql.execute(psycopg.sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))
