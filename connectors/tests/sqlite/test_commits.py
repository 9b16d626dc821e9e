"""Markers, fences, and what failed and dead loads leave."""

import subprocess
import sys
import uuid

import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError, LeaseLost
from connectors.tests.sqlite.database import PEOPLE, run_sql


def test_a_second_commit_of_one_run_changes_nothing(system):
    run = str(uuid.uuid4())
    for _ in range(2):
        assert system.load(PEOPLE, table="t", run=run, state={"read": {"n": 1}}).rows == 3
    assert system.read(table="t").height == 3
    marker = system.marker(table="t")
    assert (marker.run, marker.state, marker.rows) == (run, {"read": {"n": 1}}, 3)
    assert system.marker(table="t", stream="job/2") is None
    assert system.marker(table="other") is None


def test_who_drops_the_table_resets_what_was_loaded(system):
    system.load(PEOPLE, table="t", state={"read": {"value": "3"}})
    run_sql(system, "DROP TABLE t")
    assert system.marker(table="t") is None


def test_a_worker_with_an_older_fence_cannot_commit(system):
    system.load(PEOPLE, table="t", fence=7, stream="job/2")
    with pytest.raises(LeaseLost, match="taken over"):
        system.load(PEOPLE, table="t", fence=6, mode="replace")

    def overtake():
        system.load(PEOPLE, table="t", fence=9, stream="job/2")

    with pytest.raises(LeaseLost):
        system.load(PEOPLE, table="t", fence=8, before_commit=overtake)
    assert system.read(table="t").height == 6


def test_what_a_dead_attempt_gathered_is_cleared_by_the_next(system):
    with system.opened() as connector:
        target = connector.target(connector.WriteOptions(table="t"), "job/1")

    def scratch():
        return sorted(path.name for path in system.access.scratch.iterdir())

    system.load(PEOPLE, table="t", before_commit=lambda: None)
    script = (
        "import os, pathlib, polars as pl, sys\n"
        "from connectors.base import RunKey\n"
        "from connectors.library.sqlite import Sqlite\n"
        "from connectors.tests.loads import access_to\n"
        "connector = Sqlite(Sqlite.Settings(path='a.sqlite3'), access_to(pathlib.Path(sys.argv[1])))\n"
        "target = connector.target(Sqlite.WriteOptions(table=sys.argv[2]), 'job/1')\n"
        "rows = pl.DataFrame({'id': [1], 'name': ['x']}).lazy()\n"
        "staging = connector.begin(target, rows.collect_schema(), RunKey('dead', 'p', 2))\n"
        "connector.sink(staging, rows, 'p').collect()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    for table in ("t", "other"):
        command = [sys.executable, "-c", script, str(system.access.base), table]
        assert subprocess.run(command, check=False).returncode == -9
    assert len(scratch()) == 2
    assert target.place.endswith("#t")
    system.load(PEOPLE, table="t", fence=3)
    assert len(scratch()) == 1
    assert system.read(table="t").height == 6


def test_a_load_that_fails_leaves_no_trace(system):
    system.load(PEOPLE, table="t")

    def fail():
        assert system.read(table="t").height == 3
        raise DataError("the engine found another number of rows")

    for mode in ("append", "replace", "upsert"):
        with pytest.raises(DataError, match="another number"):
            system.load(PEOPLE, table="t", mode=mode, key=["id"], before_commit=fail)
    assert set(system.discover()) == {"t"}
    assert list(system.access.scratch.iterdir()) == []
    assert_frame_equal(system.read(table="t"), PEOPLE)


def test_names_that_are_kept_back_cannot_be_written(system):
    for table in ("_millrace_commits", "sqlite_sequence"):
        with pytest.raises(ConfigError, match="kept back"):
            system.load(PEOPLE, table=table)
