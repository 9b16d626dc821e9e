"""Reaching MySQL: settings, checks, TLS, what is told of failures, and who sees the password."""

import json
import socket
import tempfile
import time
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.configuration import split, validate
from connectors.errors import ConfigError, TransientError
from connectors.library.mysql import MySQL
from connectors.sql.mysql.driver import Session
from connectors.tests.loads import System, access_to
from connectors.tests.mysql.conftest import settings_of
from tests.servers.certificates import self_signed
from tests.servers.mysql import private_mysql
from tests.servers.processes import free_port

SECRET = "s3cr'et \\ %s{}é"


def report(system):
    with system.opened() as connector:
        return connector.check()


def test_a_check_tells_the_version_and_leaves_nothing(system, sql):
    found = report(system)
    assert found.passed
    assert "MariaDB" in found.details["version"]
    assert sql("SHOW TABLES") == []


OLAKE = {
    "hosts": "h",
    "port": 3307,
    "database": "d",
    "username": "u",
    "password": "p",
    "jdbc_url_params": {},
    "max_threads": 5,
    "backoff_retry_count": 2,
    "update_method": {"type": "Standalone"},
    "ssl": {"mode": "verify-ca", "server_ca": "pem"},
    "ssh_config": {"type": "no_tunnel"},
}


def test_the_names_of_olake_are_accepted():
    settings = validate(MySQL.Settings, OLAKE)
    assert (settings.host, settings.port, settings.sessions) == ("h", 3307, 5)
    assert (settings.ssl_mode, settings.ssl_root.get_secret_value()) == ("verify-ca", "pem")


@pytest.mark.parametrize(
    ("change", "is_kept"), [({"database": "e", "max_threads": 9}, True), ({"hosts": "evil"}, False)]
)
def test_a_stored_password_stays_with_its_server(change, is_kept):
    before, after = (validate(MySQL.Settings, OLAKE | one) for one in ({}, change))
    assert (before.reach() == after.reach()) is is_kept


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ssh_config": {"type": "ssh_key_authentication", "host": "x"}}, "SSH tunnels"),
        ({"jdbc_url_params": {"useSSL": "true"}}, "say it with `ssl_mode`"),
    ],
)
def test_what_olake_can_and_we_cannot_is_refused_with_a_way_out(change, said):
    with pytest.raises(ConfigError, match=said):
        validate(MySQL.Settings, OLAKE | change)


def test_the_names_of_the_other_contracts_are_accepted():
    flat = {"type": "mysql-extractor", "host": "h", "port": "3307", "user": "u", "database": "d"}
    for ssl in ({"ssl.mode": "require"}, {"ssl": {"mode": "REQUIRED"}}, {"ssl_mode": "require"}):
        found = split({**flat, **ssl, "query": "SELECT 1"}, "source")
        settings = validate(MySQL.Settings, found.settings)
        assert (settings.username, settings.port, settings.ssl_mode) == ("u", 3307, "require")
    assert registry.connector("mariadb") is MySQL


def test_the_example_of_the_docs_works(settings, tmp_path, sql):
    sql("CREATE TABLE orders (id int, updated_at datetime)", "INSERT INTO orders VALUES (1, now())")
    page = (Path(__file__).parents[3] / "docs/connectors/mysql.md").read_text()
    example = json.loads(page.split("```json")[1].split("```")[0])
    assert example.keys() > settings.keys()
    found = split({**example, **settings}, "source")
    system = System(registry.connector(example["type"]), access_to(tmp_path), **found.settings)
    assert system.read(**found.options).height == 1


def test_a_wrong_password_is_told_at_once_and_without_it(system):
    system.settings["password"] = SECRET
    began = time.perf_counter()
    with pytest.raises(ConfigError, match=r"Access denied.*check username and password") as caught:
        system.discover()
    assert "s3cr" not in str(caught.value)
    assert not report(system).passed
    assert time.perf_counter() - began < 30


def test_a_database_that_is_not_there_is_told(system):
    system.settings["database"] = "nowhere"
    with pytest.raises(ConfigError, match=r"'nowhere'.*name of the database"):
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


def test_a_password_of_odd_characters_opens_the_door(system, sql):
    literal = SECRET.replace("\\", "\\\\").replace("'", "''")
    sql(f"CREATE USER odd IDENTIFIED BY '{literal}'", "GRANT ALL ON *.* TO odd")
    try:
        system.settings |= {"username": "odd", "password": SECRET}
        assert report(system).passed
    finally:
        sql("DROP USER odd")


def test_a_user_without_rights_is_told_so(system, sql):
    sql("CREATE TABLE t (id int)", "CREATE TABLE seen (id int)")
    [[database]] = sql("SELECT database()")
    sql("CREATE USER guest IDENTIFIED BY 'guest'", f"GRANT SELECT ON {database}.seen TO guest")
    try:
        system.settings |= {"username": "guest", "password": "guest"}
        assert list(system.discover()) == ["seen"]
        with pytest.raises(ConfigError, match=r"no table or view|denied"):
            system.read(table="t")
        with pytest.raises(ConfigError, match=r"denied.*grant the user the right"):
            system.load(pl.DataFrame({"id": [1]}), table="seen", mode="append")
    finally:
        sql("DROP USER guest")


def test_no_file_of_ours_is_ever_sent(system, sql, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("secret")
    sql("SET GLOBAL local_infile = 1", "CREATE TABLE t (line varchar(20))")
    with system.opened() as connector:
        session = connector.settings.server(tmp_path).connect(is_writing=True)
        with pytest.raises(Exception, match=r"not allowed|disabled"):
            session.run(f"LOAD DATA LOCAL INFILE '{mine}' INTO TABLE t")
        session.close()
    assert sql("SELECT count(*) FROM t") == [[0]]


@pytest.fixture
def open_folder():
    """A folder whose files the server's own user may read."""
    with tempfile.TemporaryDirectory(prefix="millrace-tls-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.slow
def test_tls_is_verified_as_far_as_a_person_asks(tmp_path, open_folder):
    pem, other = (self_signed(open_folder, host) for host in ("127.0.0.1", "elsewhere"))
    right, wrong = pem.read_text(), other.read_text()
    with private_mysql(ssl_cert=str(pem), ssl_key=str(pem)) as url:
        system = System(MySQL, access_to(tmp_path), **settings_of(url))

        def reach(mode, authority=None):
            system.settings |= {"ssl_mode": mode, "ssl_root": authority}
            found = report(system)
            return found.passed and bool(found.details["encrypted"])

        assert not reach("disable")
        assert reach("prefer")
        assert reach("require")
        assert reach("verify-full", right)
        assert not reach("verify-ca", wrong)
        system.settings["host"] = "localhost"
        assert not reach("verify-full", right)
        assert reach("verify-ca", right)
        assert system.read(query="SELECT seq FROM seq_1_to_300000").height == 300_000
        system.load(pl.DataFrame({"id": range(300_000)}), table="t", mode="replace")
        assert system.read(table="t")["id"].sum() == 299_999 * 150_000
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_session_says_who_it_is(system, tmp_path):
    with system.opened() as connector:
        session = connector.settings.server(tmp_path).connect()
        assert isinstance(session, Session)
        assert session.run("SELECT @@time_zone, @@autocommit") == [("+00:00", 1)]
        session.close()
