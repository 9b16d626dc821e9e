"""One file among readers and writers of this process and of others."""

import subprocess
import sys

import duckdb
import polars as pl
import pytest

from connectors.errors import TransientError
from connectors.tests.duckdb.database import PEOPLE


def test_one_file_can_be_source_and_destination_at_once(system):
    rows = pl.DataFrame({"id": pl.int_range(400_000, eager=True)})
    system.load(rows, table="t")
    for mode in ("append", "replace", "upsert"):
        with system.opened() as writer, system.opened() as reader:
            # As the engine does it: the destination comes first.
            writer.committed(writer.target(writer.WriteOptions(table="t"), "s"))
            frame = reader.scan(reader.ReadOptions(table="t")).frame
            system.load(frame, table="t", mode=mode, key=["id"])
    assert system.read(table="t")["id"].n_unique() == 400_000
    assert system.read(table="t").height == 800_000


def test_a_file_that_this_process_reads_is_waited_for(system):
    system.load(PEOPLE, table="t")
    with system.opened() as reader:
        reader.discover()
        with pytest.raises(TransientError, match="being read in this process"):
            system.load(PEOPLE, table="t")


@pytest.fixture
def holder(system):
    """The id of another process that has the file open."""
    system.load(PEOPLE, table="t")
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    command = [sys.executable, "-c", script, str(system.access.base / "a.duckdb")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        process.stdout.readline()
        yield process.pid
        process.communicate("\n")


def test_a_file_that_another_process_holds_is_waited_for(system, holder):
    for call in (lambda: system.load(PEOPLE, table="t"), lambda: system.read(table="t")):
        with pytest.raises(TransientError, match=f"PID {holder}"):
            call()
    with system.opened() as connector:
        report = connector.check()
    assert not report.passed
    assert str(holder) in report.checks[-1].message


def test_readers_of_other_processes_do_not_keep_readers_out(system):
    system.load(PEOPLE, table="t")
    path = str(system.access.base / "a.duckdb")
    with duckdb.connect(path, read_only=True):
        pass
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", script, path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        process.stdout.readline()
        assert system.read(table="t").height == 3
        process.communicate("\n")
