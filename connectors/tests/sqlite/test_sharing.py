"""One file among readers and writers of this process and of others."""

import sqlite3
import subprocess
import sys
import threading

import polars as pl
import pytest

from connectors.errors import TransientError
from connectors.tests.sqlite.database import PEOPLE, run_sql


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_one_file_can_be_source_and_destination_at_once(system, journal):
    rows = pl.DataFrame({"id": pl.int_range(200_000, eager=True)})
    system.load(rows, table="t")
    run_sql(system, f"PRAGMA journal_mode = {journal}")
    for mode in ("append", "replace", "upsert"):
        with system.opened() as reader:
            frame = reader.scan(reader.ReadOptions(table="t")).frame
            system.load(frame, table="t", mode=mode, key=["id"])
    assert system.read(table="t")["id"].n_unique() == 200_000
    assert run_sql(system, "PRAGMA journal_mode") == [(journal,)]


@pytest.fixture
def holder(system):
    """Another process that holds the write lock."""
    system.load(PEOPLE, table="t")
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(system.access.base / "a.sqlite3")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        process.stdout.readline()
        yield process
        process.communicate("\n")


def test_a_file_that_another_process_locks_is_waited_for(system, holder, monkeypatch):
    monkeypatch.setattr("connectors.sql.sqlite.files.PATIENCE", 0.2)
    for call in (lambda: system.load(PEOPLE, table="t"), lambda: system.read(table="t")):
        with pytest.raises(TransientError, match="another connection holds the file"):
            call()
    with system.opened() as connector:
        report = connector.check()
    assert not report.passed
    assert report.checks[-1].hint


def test_a_commit_waits_for_a_short_lock(system):
    system.load(PEOPLE, table="t")
    path = system.access.base / "a.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: connection.execute("ROLLBACK"))
    system.load(PEOPLE, table="t", before_commit=release.start)
    release.join()
    connection.close()
    assert system.read(table="t").height == 6
