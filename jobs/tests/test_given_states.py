"""A state that a person gives: what it leaves out, and values that it cannot have."""

import sqlite3
from contextlib import closing

import pytest

from jobs.tests.api import Api
from jobs.tests.syncs import Sync

pytestmark = pytest.mark.django_db(transaction=True)
STATE = "/streams/state?stream=t"
FROM_ONE = {"state": {"column": "u", "value": "1"}}


@pytest.fixture
def sync(transactional_db, files):
    """A job that follows `u` of a SQLite table in which one row has none."""
    found = Sync(Api("ada", door="olake"), files)
    said = {"name": "lite", "source_type": "sqlite", "config": {"path": "shop.sqlite"}}
    (files / "shop.sqlite").unlink(missing_ok=True)
    execute(files, "CREATE TABLE t (id INTEGER, u INTEGER)")
    execute(files, "INSERT INTO t VALUES (1, 1), (2, NULL), (3, 2)")
    found.source = found.api("post", "/sources", said).json()["source_id"]
    return found


def execute(files, sql):
    with closing(sqlite3.connect(files / "shop.sqlite")) as connection, connection:
        connection.execute(sql)


def stream(**said):
    return {"stream": {"name": "t", "sync_mode": "incremental", "cursor_field": "u", **said}}


def loaded(sync):
    return sync.rows("list(id ORDER BY id)", "t")


@pytest.mark.parametrize(
    ("said", "rows"), [({}, [1, 1, 2, 3, 3, 4, 5]), ({"primary_key": ["id"]}, [1, 2, 3, 4, 5])]
)
def test_rows_without_a_cursor_value_are_neither_lost_nor_doubled(sync, files, said, rows):
    sync.make(stream(**said))
    sync.run()
    execute(files, "INSERT INTO t VALUES (4, NULL), (5, 5)")
    assert sync.call("put", STATE, FROM_ONE)[0] == 200
    sync.run()
    sync.run()
    assert loaded(sync) == rows
    execute(files, "INSERT INTO t VALUES (6, NULL)")
    sync.run()
    assert loaded(sync) == [*rows, 6]


def test_before_the_first_run_all_of_them_come(sync):
    sync.make(stream())
    assert sync.call("put", STATE, {"state": {"column": "u", "value": "2"}})[0] == 200
    sync.run()
    sync.run()
    assert loaded(sync) == [2, 3]
