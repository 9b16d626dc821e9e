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


WRONG = [" 2 ", "2.5", "1e3", "two", "12345678901234567890123456", "9223372036854775808", "٣"]


@pytest.mark.parametrize("value", WRONG)
def test_a_value_that_the_cursors_type_lacks_is_refused_when_it_is_set(sync, value):
    sync.make(stream())
    sync.run()
    code, answer = sync.call("put", STATE, {"state": {"column": "u", "value": value}})
    assert code == 400
    told = f"{value!r} is no value of the cursor column 'u', which is Int64: give a whole number"
    assert told in answer["message"]
    assert sync.run().status == "succeeded"


def test_before_a_run_the_catalog_tells_the_type(sync):
    properties = {"u": {"type": ["integer"], "logical_type": "Int64"}}
    sync.make(stream(type_schema={"properties": properties}))
    assert sync.call("put", STATE, {"state": {"column": "u", "value": "x"}})[0] == 400
    assert sync.call("put", STATE, {"state": {"column": "u", "value": "2"}})[0] == 200


@pytest.mark.parametrize("schema", [{}, {"properties": []}, {"properties": {"u": "integer"}}])
def test_where_nobody_knows_the_type_the_run_names_stream_value_and_ways_out(sync, schema):
    sync.make(stream(type_schema=schema))
    assert sync.call("put", STATE, {"state": {"column": "u", "value": "x"}})[0] == 200
    failed = sync.run()
    assert failed.status == "failed"
    told = "t cannot go on from its state: 'x' is no value of the cursor column 'u', which is Int64"
    assert told in failed.error_message
    assert "PUT /jobs/:id/streams/state" in failed.error_message
    assert sync.call("put", STATE, {"state": None})[0] == 200
    assert sync.run().rows == 3


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({**FROM_ONE, "keep": True}, "send state or keep, not both"),
        ({"state": None, "keep": True}, "send state or keep, not both"),
        ({"keep": False}, "send keep: true, or a state"),
    ],
)
def test_two_wishes_at_once_are_refused(sync, sent, told):
    sync.make(stream())
    code, answer = sync.call("put", STATE, sent)
    assert (code, told in answer["message"]) == (400, True)
    assert sync.call("get", STATE)[1]["wanted"] is None
