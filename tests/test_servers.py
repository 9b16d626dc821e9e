"""The private servers of the tests: they answer, they are fresh, and they end with their owner."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import psycopg
import pytest
from redis import Redis

from tests.servers import keeper, plugin, sharing
from tests.servers.processes import ServerMissingError, keep, program


def test_a_postgres_database_is_empty_and_can_be_written(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)
        connection.execute("CREATE TABLE left_behind (id int)")


def test_a_postgres_server_asks_for_the_password(postgres_url):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres_url.replace(":millrace@", ":wrong@"))


def test_a_redis_server_holds_nothing(redis_url):
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_a_second_test_does_not_see_what_the_first_one_left(redis_url):
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_an_s3_bucket_is_written_and_read_by_polars(s3_store):
    target = f"s3://{s3_store.bucket}/flights.parquet"
    rows = pl.DataFrame({"flight": ["AA1", "UA2"], "delay": [3, None]})
    rows.write_parquet(target, storage_options=s3_store.storage_options)
    assert pl.read_parquet(target, storage_options=s3_store.storage_options).equals(rows)


def test_a_server_is_started_once_for_the_whole_run(redis_server):
    def must_not_start(owner):
        raise AssertionError("a second server was started")

    assert sharing.shared(f"redis-{os.getpid()}", must_not_start) == redis_server


def test_a_missing_program_is_named_with_its_package():
    with pytest.raises(ServerMissingError, match=r"no-such-server .*Debian package: nothing"):
        program("no-such-server", package="nothing")


def test_a_server_ends_with_its_owner_however_that_ended():
    folder = Path(tempfile.mkdtemp())
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = keep(["cat", "/dev/stdin"], folder=folder, owner=owner.pid)
    sleeper = keep(["sleep", "1000"], folder=Path(tempfile.mkdtemp()), owner=owner.pid)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdin.close()
    for kept in (server, sleeper):
        assert keeper.has_ended(kept.pid, seconds=20)
        assert not kept.folder.exists()


def test_a_missing_service_fails_in_ci_and_is_skipped_loudly_elsewhere(monkeypatch):
    def not_installed(owner):
        raise ServerMissingError("s3 is not installed.")

    monkeypatch.setattr(sharing, "shared", lambda name, start: not_installed(0))
    monkeypatch.delenv("MILLRACE_TEST_S3_URL", raising=False)
    said = "s3 is not installed. MILLRACE_TEST_S3_URL would do instead."
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=said):
        plugin.service("s3", not_installed)
    monkeypatch.setenv("CI", "false")
    with pytest.raises(pytest.skip.Exception, match=f"NOT TESTED: {said}"):
        plugin.service("s3", not_installed)


def test_a_service_that_is_given_is_not_started(monkeypatch):
    monkeypatch.setenv("MILLRACE_TEST_S3_URL", "http://me:secret@store.example:9000")
    assert (
        sharing.given_or_shared("s3", lambda owner: None) == "http://me:secret@store.example:9000"
    )
