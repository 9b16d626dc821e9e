"""An attempt that dies between its commit and its note loses nothing of what it found out."""

import sqlite3

import pytest

from connectors.library.duckdb import Duckdb
from connectors.library.sqlite import Sqlite
from connectors.tests.loads import access_to
from jobs.engine import Execution
from jobs.plan import Extract, Load, Part, SchemaPolicy
from jobs.tests.drift.changing import remake
from jobs.tests.rows import rows_of
from tests.contract.local import LocalHost


class Died(Exception):
    """The worker's end, right after a commit."""


def die():
    raise Died


@pytest.fixture
def attempt(tmp_path):
    """Run one attempt at a load with checksums; returns its host."""
    openers = {
        "read": lambda: Sqlite(Sqlite.Settings(path="in.sqlite"), access_to(tmp_path)),
        "write": lambda: Duckdb(Duckdb.Settings(db_path="out.duckdb"), access_to(tmp_path)),
    }

    def run(name, policy="notify", *, mode="replace", **hooks):
        read = Extract(
            id="read", connector="sqlite", origin="test", options={"table": "t"}, name="Extract t"
        )
        load = Load(
            id="write",
            connector="duckdb",
            origin="test",
            options={"table": "t", "mode": mode},
            stream="job/t",
            input="read",
            policy=SchemaPolicy(policy),
            checksums=True,
        )
        host = LocalHost(name, openers, **hooks)
        Execution(Part(id="t", steps=(read, load)), host).run()
        return host

    return run


def notes_of(host):
    """Return what a host was told, shortly."""
    changes = [(one["column"], one["action"]) for one in host.notes.get("schema_changes", [])]
    return changes, {check["name"]: check["passed"] for check in host.notes["checks"]}


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_what_a_dead_attempt_found_is_told_by_the_next_one(attempt, tmp_path, mode):
    remake(tmp_path / "in.sqlite", "id INTEGER", (1,), table="t")
    assert notes_of(attempt("first", mode=mode)) == ([], {"rows": True, "checksums": True})
    remake(tmp_path / "in.sqlite", "id INTEGER, note TEXT", (2, "x"), (3, "y"), table="t")
    with pytest.raises(Died):
        attempt("second", mode=mode, on_remember=die)
    held = rows_of(tmp_path / "out.duckdb", "SELECT * FROM t ORDER BY id")
    assert held == ([(2,), (3,)] if mode == "replace" else [(1,), (2,), (3,)])
    again = attempt("second", mode=mode)
    assert notes_of(again) == ([("note", "left_out")], {"checksums": True})
    assert again.columns == {"write": {"id": "Int64"}}
    assert rows_of(tmp_path / "out.duckdb", "SELECT * FROM t ORDER BY id") == held


def test_death_before_the_commit_leaves_the_columns_as_they_were(attempt, tmp_path):
    remake(tmp_path / "in.sqlite", "id INTEGER", (1,), table="t")
    attempt("first", policy="evolve")
    remake(tmp_path / "in.sqlite", "id INTEGER, note TEXT", (2, "x"), table="t")
    with pytest.raises(Died):
        attempt("second", policy="evolve", on_hold=die)
    assert rows_of(tmp_path / "out.duckdb", "SELECT * FROM t") == [(1,)]
    again = attempt("second", policy="evolve")
    assert notes_of(again) == ([("note", "added")], {"rows": True, "checksums": True})
    assert rows_of(tmp_path / "out.duckdb", "SELECT * FROM t") == [(2, "x")]


def test_rows_that_come_in_many_batches_have_one_sum(attempt, tmp_path):
    remake(tmp_path / "in.sqlite", "id INTEGER", table="t")
    with sqlite3.connect(tmp_path / "in.sqlite") as db:
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
            "INSERT INTO t SELECT i FROM n"
        )
    db.close()
    host = attempt("first")
    assert notes_of(host) == ([], {"rows": True, "checksums": True})
    assert host.notes["checks"][1]["expected"].startswith("300000 rows")
