"""Where files may lie, which a path means, and what is refused."""

from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread

import polars as pl
import pytest

from connectors.configuration import validate
from connectors.errors import ConfigError, TransientError
from connectors.files.locations import name_parts
from connectors.files.settings import FileSettings
from connectors.library.csv import Csv
from connectors.tests.loads import System, access_to

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def server():
    """A web server that gives one small CSV file, and redirects from /away to a private network."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/away"):
                self.send_response(302)
                self.send_header("Location", "http://10.0.0.1/t.csv")
                self.end_headers()
                return
            found = self.path.startswith("/t.csv")
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(b"a,b\n1,x\n" if found else b"")

        def log_message(self, format, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def remote(files, url, networks=LOOPBACK):
    return System(Csv, replace(access_to(files), networks=networks), path=url)


def test_a_url_is_read_and_leaves_nothing_behind(files, server):
    system = remote(files, f"{server}/t.csv?token=secret")
    assert system.read().rows() == [(1, "x")]
    assert not list((files / "scratch").iterdir())
    with system.opened() as connector:
        assert connector.check().passed
        assert [stream.name for stream in connector.discover()] == ["t"]


@pytest.mark.parametrize("path", ["/t.csv", "/away"])
def test_private_networks_are_refused_behind_redirects_too(files, server, path):
    networks = () if path == "/t.csv" else LOOPBACK
    system = remote(files, server + path, networks)
    with pytest.raises(ConfigError, match="not a public address"):
        system.read()
    with system.opened() as connector:
        report = connector.check()
    assert not report.passed
    assert "not a public address" in report.checks[-1].message


def test_a_url_that_is_not_there_says_so_without_its_query(files, server):
    with pytest.raises(ConfigError) as caught:
        remote(files, f"{server}/none.csv?token=secret").read()
    assert "404" in caught.value.message
    assert "secret" not in caught.value.message


def test_a_url_cannot_be_written(files, server):
    with pytest.raises(ConfigError, match="can be read and not written"):
        remote(files, f"{server}/t.csv").marker()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("../outside.csv", "outside of the folders"),
        ("/etc/passwd", "outside of the folders"),
        ("link/secret.csv", "outside of the folders"),
        (".hidden/a.csv", "begin with a dot"),
        (".millrace/*/*.csv", "begin with a dot"),
        ("../*/secret.csv", "outside of the folders"),
        ("link/*.csv", "outside of the folders"),
        ("linked.csv", "outside of the folders"),
        ("linked*.csv", "outside of the folders"),
        (".", "outside of the folders"),
        ("ftp://host/a.csv", "cannot be reached; known: a local path, https://, s3://"),
        ("file:///etc/passwd", "cannot be reached"),
        ("s3://Bad_Bucket/x", "not the name of a bucket"),
        ("s3://bucket/.millrace/x", "begin with a dot"),
        ("none.csv", "There is no file to read at"),
        ("none*.csv", "There is no file to read at"),
    ],
)
def test_places_that_are_closed_are_refused(files, csv, path, message):
    outside = files.parent / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a\n1\n")
    (files / "link").symlink_to(outside)
    (files / "linked.csv").symlink_to(outside / "secret.csv")
    (files / ".hidden").mkdir()
    (files / ".hidden/a.csv").write_text("a\n1\n")
    with pytest.raises(ConfigError, match=message):
        csv(path).read()
    with csv(path).opened() as connector:
        assert connector.check().passed == (path in {"none.csv", "none*.csv"})


def test_a_path_without_control_characters_and_both_keys_is_asked_for():
    with pytest.raises(ConfigError, match="no control characters"):
        validate(FileSettings, {"path": "a\0b"})
    with pytest.raises(ConfigError, match="go together"):
        validate(FileSettings, {"path": "s3://bucket/x", "access_key_id": "a"})


def test_patterns_and_folders_mean_their_visible_files(files, csv):
    for name in (
        "in/a.csv",
        "in/b.csv",
        "in/.c.csv",
        "in/d.txt",
        "in/e.md",
        "in/sub/f.csv",
        "in[1].csv",
    ):
        path = files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"name\n{name}\n")
    read = {
        "in/*.csv": ["in/a.csv", "in/b.csv"],
        "in/[ab].csv": ["in/a.csv", "in/b.csv"],
        "**/*.csv": ["in/a.csv", "in/b.csv", "in/sub/f.csv", "in[1].csv"],
        "in": ["in/a.csv", "in/b.csv", "in/d.txt"],
        "in[1].csv": ["in[1].csv"],
    }
    for path, expected in read.items():
        assert csv(path).read()["name"].to_list() == expected


def test_a_folder_lists_its_files_and_folders_as_streams(files, csv):
    for name in ("shop/orders.csv", "shop/old/2020.csv", "shop/empty/x.md"):
        path = files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id\n1\n")
    (files / "shop/old/2021.csv").write_text("id\n2\n")
    streams = csv("shop").discover()
    assert {name: stream.options for name, stream in streams.items()} == {
        "orders": {"table": "orders.csv"},
        "old": {"table": "old"},
    }
    assert csv("shop").read(table="old")["id"].to_list() == [1, 2]
    assert csv("shop").read(table="orders")["id"].to_list() == [1]
    assert csv("shop").read(table="old/2021.csv")["id"].to_list() == [2]
    with pytest.raises(ConfigError, match=r"`table` may be one of: old, orders\.csv"):
        csv("shop").read(table="none")


def test_the_parts_of_one_table_are_one_stream(files, csv):
    csv("shop/orders").load(pl.DataFrame({"id": [1]}), mode="append")
    csv("shop/orders").load(pl.DataFrame({"id": [2]}), mode="append", fence=2)
    assert {name: s.options for name, s in csv("shop/orders").discover().items()} == {"orders": {}}
    assert csv("shop").read(table="orders")["id"].sort().to_list() == [1, 2]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.csv", ("a", ".csv", None)),
        ("a.b.CSV.GZ", ("a.b", ".csv", "gzip")),
        ("a.parquet", ("a", ".parquet", None)),
        ("data.2026", ("data.2026", "", None)),
        ("out", ("out", "", None)),
        (".csv", (".csv", "", None)),
    ],
)
def test_names_say_format_and_packing(name, parts):
    assert name_parts(name) == parts


def test_a_check_says_what_is_there(files, csv):
    (files / "a.csv").write_text("a\n")
    for path, message in {
        "a.csv": "1 file",
        "none/new.csv": "it can be written",
    }.items():
        with csv(path).opened() as connector:
            report = connector.check()
        assert report.passed
        assert message in report.checks[-1].message
    assert sorted(path.name for path in files.iterdir()) == ["a.csv", "scratch"]


def test_buckets_are_read_by_pattern_and_folder(files, s3_store):
    client = s3_store.client()
    for key in ("in/a.csv", "in/b.csv", "in/.c.csv", "in/d.md", "in/sub/e.csv", "x y.csv"):
        client.put_object(Bucket=s3_store.bucket, Key=key, Body=f"name\n{key}\n".encode())
    client.close()
    for path, expected in {
        "in": ["in/a.csv", "in/b.csv"],
        "in/a.csv": ["in/a.csv"],
        "in/*.csv": ["in/a.csv", "in/b.csv"],
        "in/[a].csv": ["in/a.csv"],
        "**/*.csv": ["in/a.csv", "in/b.csv", "in/sub/e.csv", "x y.csv"],
        "x y.csv": ["x y.csv"],
    }.items():
        assert bucket(files, s3_store, path).read()["name"].to_list() == expected
    streams = bucket(files, s3_store, "in").discover()
    assert {name: s.options for name, s in streams.items()} == {
        "a": {"table": "a.csv"},
        "b": {"table": "b.csv"},
        "sub": {"table": "sub"},
    }
    with pytest.raises(ConfigError, match="There is no file to read at s3://"):
        bucket(files, s3_store, "none").read()


def test_a_bucket_says_what_is_wrong_with_it(files, s3_store):
    with bucket(files, s3_store, "new").opened() as connector:
        assert connector.check().passed
    wrong = replace(s3_store, bucket="no-such-bucket")
    with bucket(files, wrong, "x").opened() as connector:
        assert "no such bucket" in connector.check().checks[-1].message
    with pytest.raises(ConfigError, match="no such bucket"):
        bucket(files, wrong, "x").read()
    closed = replace(s3_store, endpoint="http://127.0.0.1:9")
    with bucket(files, closed, "x").opened() as connector:
        assert "did not answer" in connector.check().checks[-1].message


def test_a_bucket_in_a_private_network_is_refused(files, s3_store):
    system = bucket(files, replace(s3_store, endpoint="http://169.254.169.254"), "x")
    with pytest.raises(ConfigError, match="not a public address") as caught:
        system.read()
    assert caught.value.field == "endpoint_url"
    assert not isinstance(caught.value, TransientError)


def test_no_secret_is_shown(files, s3_store):
    system = bucket(files, s3_store, "x")
    with system.opened() as connector:
        assert s3_store.secret_key not in repr(connector.settings)


def bucket(files, store, path):
    return System(
        Csv,
        replace(access_to(files), networks=LOOPBACK),
        path=f"s3://{store.bucket}/{path}",
        endpoint_url=store.endpoint,
        access_key_id=store.access_key,
        secret_access_key=store.secret_key,
        region=store.region,
    )


@pytest.mark.parametrize("region", ["evil.example/?", "@127.0.0.1:80/", "x y", ""])
def test_a_region_cannot_lead_to_another_host(region):
    with pytest.raises(ValueError, match="region"):
        FileSettings(path="s3://bucket/key", region=region)
