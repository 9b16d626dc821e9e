"""Reaching a server: log-ins, rights, cuts, hangs, certificates, and what is told of them."""

import ssl
import threading
import time

import polars as pl
import pytest

from connectors.configuration import validate
from connectors.documents.options import CollectionReadOptions
from connectors.documents.settings import MongoSettings
from connectors.errors import Cancelled, ConfigError, TransientError
from connectors.library.mongodb import MongoDB
from tests.contract.subjects import access_to
from tests.servers.certificates import self_signed
from tests.servers.mongodb import MongoServer

ORDERS = CollectionReadOptions(table="orders")


def test_a_check_tells_version_and_collections(database, opened):
    database.orders.insert_one({})
    report = opened().check()
    assert report.passed
    assert report.checks[0].message.startswith("Connected to MongoDB ")
    assert report.checks[1].message == "1 collections and views can be read"


def test_a_wrong_password_is_told_without_it(opened):
    (check,) = opened(password="wrong-one").check().checks
    assert not check.passed
    assert "refused the log-in" in check.message
    assert "authdb" in check.hint
    assert "wrong-one" not in check.message


def test_a_connection_string_does_as_well(mongodb_url, database, tmp_path):
    database.orders.insert_one({"_id": 1})
    source = MongoDB(MongoSettings.model_validate({"uri": mongodb_url}), access_to(tmp_path))
    try:
        assert source.scan(ORDERS).frame.collect().height == 1
    finally:
        source.close()


def test_a_server_that_is_not_there_is_told_in_time(tmp_path):
    settings = MongoSettings.model_validate({"hosts": ["127.0.0.1:1"], "database": "shop"})
    source = MongoDB(settings, access_to(tmp_path))
    began = time.monotonic()
    (check,) = source.check().checks
    source.close()
    assert time.monotonic() - began < 20
    assert check.message.startswith("127.0.0.1:1 does not answer")
    assert check.hint


def test_a_user_without_rights_is_told_which_to_ask_for(server, source):
    server.engine["shop"]["orders"].insert_one({})
    server.forbidden.add("find")
    with pytest.raises(ConfigError, match="grant the user the role `read` on 'shop'"):
        source.scan(ORDERS)
    server.forbidden.add("listCollections")
    connection, collections = source.check().checks
    assert connection.passed
    assert not collections.passed


def test_a_line_that_is_cut_while_reading_may_work_later(server, source):
    server.batch = 10
    server.engine["shop"]["orders"].insert_many([{"_id": n} for n in range(100)])
    scan = source.scan(ORDERS)

    def cut(command):
        if "getMore" in command and command["collection"] == "orders":
            raise ConnectionResetError

    server.before = cut
    with pytest.raises(TransientError, match="does not answer"):
        scan.frame.collect()
    server.before = lambda _command: None
    assert scan.frame.collect().height == 100


def test_a_cursor_that_the_server_forgot_may_work_later(server, source):
    server.batch = 10
    server.engine["shop"]["orders"].insert_many([{"_id": n} for n in range(100)])
    scan = source.scan(ORDERS)
    server.before = lambda command: server.cursors.clear() if "getMore" in command else None
    with pytest.raises(TransientError, match=r"cursor id \d+ not found"):
        scan.frame.collect()


def test_an_interrupt_ends_a_read_that_hangs_here_and_at_the_server(server, source):
    server.engine["shop"]["orders"].insert_many([{"_id": n} for n in range(10)])
    scan = source.scan(ORDERS)
    hanging, gate = threading.Event(), threading.Event()

    def hang(command):
        if "find" in command:
            hanging.set()
            gate.wait(10)
        elif "killOp" in command:
            gate.set()

    server.before = hang
    ended: list[BaseException] = []

    def collect():
        try:
            scan.frame.collect()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            ended.append(error)

    reader = threading.Thread(target=collect)
    reader.start()
    assert hanging.wait(60)
    began = time.monotonic()
    source.interrupt()
    reader.join(60)
    assert time.monotonic() - began < 30
    assert isinstance(ended[0], Cancelled | pl.exceptions.ComputeError)
    assert gate.wait(60), "the server was not asked to end the operation"
    with pytest.raises(Cancelled):
        source.scan(ORDERS)


@pytest.mark.parametrize("command", ["ping", "listCollections"])
def test_a_server_that_hangs_is_told_in_time(server, source, command):
    gate = threading.Event()
    server.before = lambda given: gate.wait(60) if command in given else None
    began = time.monotonic()
    report = source.check()
    gate.set()
    assert time.monotonic() - began < 20
    assert not report.passed
    assert "does not answer" in report.checks[-1].message or "time" in report.checks[-1].message


def test_a_read_may_take_longer_than_an_answer(server, source):
    server.batch = 10
    server.engine["shop"]["orders"].insert_many([{"_id": n} for n in range(30)])
    scan = source.scan(ORDERS)
    sent: list[dict] = []
    server.before = sent.append
    assert scan.frame.collect().height == 30
    # The driver tells the server of a limit of time, if there is one.
    assert not [one for one in sent if "maxTimeMS" in one]


def test_an_interrupt_ends_a_look_at_a_sample(server, source):
    server.engine["shop"]["orders"].insert_one({})
    hanging, gate = threading.Event(), threading.Event()

    def hang(command):
        if "find" in command:
            hanging.set()
            gate.wait(10)

    server.before = hang
    ended: list[BaseException] = []

    def discover():
        try:
            source.discover()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            ended.append(error)

    reader = threading.Thread(target=discover)
    reader.start()
    assert hanging.wait(60)
    source.interrupt()
    reader.join(3)
    gate.set()
    assert isinstance(ended[0], Cancelled)


@pytest.mark.parametrize(
    ("host", "said", "is_reached"),
    [
        ("localhost", {"mode": "require"}, True),
        ("localhost", {"mode": "verify-full", "server_ca": "its own"}, True),
        ("127.0.0.1", {"mode": "verify-full", "server_ca": "its own"}, False),
        ("127.0.0.1", {"mode": "verify-ca", "server_ca": "its own"}, True),
        ("localhost", True, False),
        ("localhost", False, False),
    ],
)
def test_certificates_are_judged_as_the_mode_says(tmp_path, host, said, is_reached):
    certificate = self_signed(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # The key stays with the server.
    text = certificate.read_text()
    trusted = text[text.index("-----BEGIN CERTIFICATE") :]
    with MongoServer(tls=context) as server:
        given = {"hosts": f"{host}:{server.port}", "database": "shop", "ssl": said}
        if isinstance(said, dict) and "server_ca" in said:
            given["ssl"] = {**said, "server_ca": trusted}
        source = MongoDB(MongoSettings.model_validate(given), access_to(tmp_path))
        try:
            assert source.check().passed is is_reached
        finally:
            source.close()
    assert not list((tmp_path / "scratch").glob("*.pem"))


# --- Settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "hosts"),
    [
        ({"host": "db"}, ("db:27017",)),
        ({"hosts": "a:1,b"}, ("a:1", "b:27017")),
        ({"hosts": ["a", "b:2"], "port": 9}, ("a:9", "b:2")),
        ({"uri": "mongodb://a,b:2/other?replicaSet=rs"}, ("a:27017", "b:2")),
        ({"uri": "mongodb+srv://cluster.example.com"}, ("cluster.example.com",)),
        ({"hosts": ["[::1]:27018"]}, ("[::1]:27018",)),
    ],
)
def test_servers_may_be_said_in_several_ways(settings, hosts):
    made = MongoSettings.model_validate({"database": "shop", **settings})
    assert made.address().hosts == hosts
    assert made.mode() == ("verify-full" if "srv" in str(settings) else "disable")


def test_a_connection_string_is_taken_apart():
    uri = "mongodb://me:p%40ss@a/shop?authSource=x&tls=true&readPreference=primary&w=1&compressors=zlib"
    made = MongoSettings.model_validate({"uri": uri})
    there = made.address()
    assert (there.username, there.password, there.database) == ("me", "p@ss", "shop")
    assert there.options["authdb"] == "x"
    assert there.options["read_preference"] == "primary"
    assert there.parameters == {"compressors": "zlib"}
    assert made.mode() == "verify-full"
    assert "p@ss" not in repr(there)
    assert "p%40ss" not in repr(made)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "give either `hosts` or `uri`"),
        ({"hosts": ["a"], "uri": "mongodb://b/x"}, "give either `hosts` or `uri`"),
        ({"hosts": ["a"]}, "`database` is missing"),
        ({"uri": "mongodb://a"}, "`database` is missing"),
        ({"uri": "http://a/x"}, "begins with mongodb://"),
        ({"uri": "mongodb://a/x", "username": "me"}, "put user and password into `uri`"),
        ({"hosts": ["a/b"], "database": "x"}, "is not a host"),
        ({"hosts": ["a:0"], "database": "x"}, "is not a host"),
        ({"hosts": ["a", "b"], "srv": True, "database": "x"}, "SRV takes one host"),
        ({"uri": "mongodb://a/x?tlsCAFile=/etc/passwd"}, "'tlsCAFile' is not among"),
        (
            {"hosts": ["a"], "database": "x", "additional_params": {"proxyHost": "evil"}},
            "'proxyHost' is not among",
        ),
        (
            {"hosts": ["a"], "database": "x", "additional_params": {"replicaSet": "rs"}},
            "has a setting of its own: `replica_set`",
        ),
        ({"hosts": ["a"], "database": "x", "use_iam": True}, "AWS IAM"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, told):
    with pytest.raises(ConfigError) as caught:
        validate(MongoSettings, settings)
    assert told in caught.value.message
