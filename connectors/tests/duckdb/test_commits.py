"""Markers, fences and failed loads."""

import uuid

import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError, LeaseLost
from connectors.tests.duckdb.database import PEOPLE, run_sql


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
    system.load(PEOPLE, table="t", fence=7)
    assert system.read(table="t").height == 6


def test_a_load_that_commits_meanwhile_in_this_process_is_seen(system):
    system.load(PEOPLE, table="t")

    def overtake():
        system.load(PEOPLE, table="t", fence=3, stream="job/2")

    with pytest.raises(LeaseLost):
        system.load(PEOPLE, table="t", fence=2, before_commit=overtake)
    assert system.read(table="t").height == 6


def test_a_load_that_fails_leaves_no_trace(system):
    system.load(PEOPLE, table="t")

    def fail():
        assert system.read(table="t").height == 3
        raise DataError("the engine found another number of rows")

    for mode in ("append", "replace", "upsert"):
        with pytest.raises(DataError, match="another number"):
            system.load(PEOPLE, table="t", mode=mode, key=["id"], before_commit=fail)
    assert run_sql(system, "SELECT table_name FROM duckdb_tables() ORDER BY 1") == [
        ("_millrace_commits",), ("t",),
    ]  # fmt: skip
    assert_frame_equal(system.read(table="t"), PEOPLE)


def test_our_own_tables_cannot_be_written(system):
    with pytest.raises(ConfigError, match="kept by Millrace"):
        system.load(PEOPLE, table="_millrace_commits")
