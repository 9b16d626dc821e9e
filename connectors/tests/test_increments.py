"""Incremental reads: nothing lost, nothing doubled, whatever the cursor's type."""

import datetime as dt
import json
import sqlite3
from contextlib import closing
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError
from connectors.library.duckdb import Duckdb
from connectors.library.sqlite import Sqlite
from connectors.sql.increments import Cursor, Watermark, decode, encode
from connectors.sql.increments import rows as known_rows
from connectors.tests.loads import System, access_to

CURSORS = {
    "int64": pl.Series([-(2**63), 2**63 - 1]),
    "uint64": pl.Series([0, 2**64 - 1], dtype=pl.UInt64),
    "int128": pl.Series([-(2**127), 2**127 - 1], dtype=pl.Int128),
    "decimal": pl.Series([Decimal("-1.50"), Decimal(10**35)], dtype=pl.Decimal(38, 2)),
    "text": pl.Series(["", "Zürich 🚀"]),
    "date": pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
    "datetime_ms": pl.Series([-1, 1]).cast(pl.Datetime("ms")),
    "datetime_us": pl.Series([dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)]),
    "datetime_ns": pl.Series([-1, 2**62]).cast(pl.Datetime("ns")),
    "datetime_zone": pl.Series([-1, 10**15]).cast(pl.Datetime("us", "Europe/Berlin")),
}


@pytest.mark.parametrize("name", CURSORS)
def test_a_cursor_value_survives_as_text(name):
    series = CURSORS[name]
    for value in (series.head(1), series.tail(1)):
        kept = json.loads(json.dumps(encode(value)))
        assert_frame_equal(decode(kept, value.dtype).to_frame("x"), value.to_frame("x"))


def read(state, *batches, cursor="at"):
    """Pass the batches by a watermark as a database would give them."""
    along = Cursor(cursor) if isinstance(cursor, str) else cursor
    mark = Watermark(along, batches[0].schema, json.loads(json.dumps(state)))
    found = pl.concat([batches[0].clear(), *mark.follow(iter(batches))])
    return found, mark.state()


ROWS = pl.DataFrame({"id": [1, 2, 3, 4], "at": [10, 20, 20, None], "note": ["a", "b", None, "d"]})


def test_equal_values_are_neither_lost_nor_doubled():
    found, state = read(None, ROWS)
    assert found.height == 4
    later = pl.DataFrame({"id": [5, 6], "at": [20, 30], "note": ["e", "f"]})
    from_20 = pl.concat([ROWS.filter(pl.col("at") == 20), later])
    found, state = read(state, from_20.head(1), from_20.tail(3))
    assert_frame_equal(found, later)
    found, state = read(state, later.tail(1))
    assert found.height == 0
    assert state["value"] == "30"


def test_rows_that_are_equal_in_every_column_are_counted():
    twins = pl.DataFrame({"at": [1, 1]})
    _, state = read(None, twins)
    found, state = read(state, pl.concat([twins, twins.head(1)]))
    assert found.height == 1
    found, _ = read(state, pl.concat([twins, twins.head(1)]))
    assert found.height == 0


def test_a_row_that_changed_without_moving_its_cursor_comes_again():
    _, state = read(None, ROWS)
    changed = ROWS.filter(pl.col("id") == 3).with_columns(note=pl.lit("new"))
    found, _ = read(state, changed)
    assert_frame_equal(found, changed)


def test_the_order_of_rows_does_not_matter():
    shuffled = ROWS.reverse()
    _, state = read(None, shuffled.head(2), shuffled.tail(2))
    assert read(state, ROWS.filter(pl.col("at") == 20))[0].height == 0


def test_nothing_read_leaves_the_state():
    assert read(None, ROWS.clear())[1] is None
    _, state = read(None, ROWS)
    found, after = read(state, ROWS.clear())
    assert (found.height, after["value"]) == (0, "20")


def test_a_read_that_ends_early_leaves_the_state():
    mark = Watermark(Cursor("at"), ROWS.schema, None)
    next(mark.follow(iter([ROWS, ROWS])))
    assert mark.state() is None


def test_a_column_that_was_added_does_not_make_old_rows_new():
    _, state = read(None, ROWS)
    wider = ROWS.filter(pl.col("at") == 20).with_columns(extra=pl.lit(1))
    assert read(state, wider)[0].height == 0


LAST = ROWS.filter((pl.col("at") == 20) | pl.col("at").is_null())
OTHERWISE = [LAST.drop("note"), LAST.with_columns(pl.col("at").cast(pl.Decimal(20, 2)))]


@pytest.mark.parametrize("rows", OTHERWISE)
def test_rows_whose_columns_changed_are_counted(rows):
    _, state = read(None, ROWS)
    found, after = read(state, pl.concat([rows, rows.head(1).with_columns(pl.col("at") + 1)]))
    assert found.height == 1
    assert after["value"].startswith("21")
    with pytest.raises(DataError, match="reset the state"):
        read(state, pl.concat([rows, rows.head(1)]))


@pytest.mark.parametrize("rows", OTHERWISE)
def test_rows_whose_columns_changed_come_again_where_they_are_merged(rows):
    _, state = read(None, ROWS, cursor=Cursor("at", may_repeat=True))
    found, _ = read(state, rows, cursor=Cursor("at", may_repeat=True))
    assert found.height == rows.height


def test_nanoseconds_and_all_types_tell_rows_apart():
    moments = pl.Series([1, 1, 1]).cast(pl.Datetime("ns"))
    other = pl.Series([5, 6, 7]).cast(pl.Datetime("ns"))
    rows = pl.DataFrame({"at": moments, "other": other, "list": [[1], [2], None]})
    _, state = read(None, rows.head(2))
    found, _ = read(state, rows)
    assert_frame_equal(found, rows.tail(1))


def test_a_group_too_big_for_digests_is_watched_as_a_whole(monkeypatch):
    monkeypatch.setattr(known_rows, "DIGESTS", 3)
    many = pl.DataFrame({"id": range(10), "at": [7] * 10})
    _, state = read(None, many.head(5), many.tail(5))
    assert "digests" not in state
    later = pl.DataFrame({"id": [99], "at": [8]})
    found, after = read(state, many.reverse(), later)
    assert_frame_equal(found, later)
    assert after["value"] == "8"
    for changed in (many.head(9), many.with_columns(id=pl.col("id") + 1)):
        with pytest.raises(DataError, match="10 rows with at = 7 were read before"):
            read(state, changed)


def test_a_state_of_a_few_that_grows_beyond_the_digests_stays_right(monkeypatch):
    monkeypatch.setattr(known_rows, "DIGESTS", 3)
    many = pl.DataFrame({"id": range(6), "at": [7] * 6})
    _, state = read(None, many.head(2))
    found, state = read(state, many)
    assert found["id"].to_list() == [2, 3, 4, 5]
    assert read(state, many)[0].height == 0


@pytest.mark.parametrize(
    "dtype", [pl.Float64(), pl.Boolean(), pl.Binary(), pl.Time(), pl.List(pl.Int8)]
)
def test_columns_without_an_exact_order_cannot_be_cursors(dtype):
    with pytest.raises(ConfigError, match="cannot be a cursor"):
        Watermark(Cursor("at"), {"at": dtype})


def test_another_cursor_than_that_of_the_state_is_refused():
    _, state = read(None, ROWS)
    with pytest.raises(ConfigError, match="kept for column 'at', not for column 'id'"):
        Watermark(Cursor("id"), ROWS.schema, state)
    with pytest.raises(ConfigError, match="no cursor column 'x'"):
        Watermark(Cursor("x"), ROWS.schema)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), max_size=8), max_size=6))
def test_growing_tables_arrive_once_and_whole(steps):
    """Each step adds rows at or above the highest cursor value so far."""
    table, state, found = [], None, []
    for step in steps:
        top = max((row[1] for row in table), default=0)
        table += [(len(table) + n, top + jump) for n, jump in enumerate(sorted(step))]
        frame = pl.DataFrame(table, schema={"id": pl.Int64, "at": pl.Int64}, orient="row")
        since = frame if state is None else frame.filter(pl.col("at") >= int(state["value"]))
        fresh, state = read(state, since)
        found += fresh["id"].to_list()
    assert sorted(found) == [row[0] for row in table]


@pytest.fixture(params=[(Duckdb, "db_path"), (Sqlite, "path")], ids=["duckdb", "sqlite"])
def system(request, tmp_path):
    plugin, setting = request.param
    return System(plugin, access_to(tmp_path), **{setting: "a.db"})


@pytest.mark.parametrize("name", CURSORS)
def test_databases_continue_exactly_where_they_ended(system, name):
    low, high = CURSORS[name].head(1), CURSORS[name].tail(1)
    first = pl.DataFrame({"at": pl.concat([low, high, high]), "id": [1, 2, 3]})
    second = pl.DataFrame({"at": pl.concat([low, high]), "id": [4, 5]})
    system.load(first, table="t")
    found, state = system.read_on(table="t", cursor="at")
    assert found["id"].sort().to_list() == [1, 2, 3]
    system.load(second, table="t")
    for options in (
        {"table": "t"},
        {"query": "SELECT * FROM t"},
        {"table": "t", "columns": ["id"]},
    ):
        if "columns" in options:
            _, state = system.read_on(table="t", cursor="at", columns=["id"])
            assert system.read(state, cursor="at", **options).height == 0
            continue
        found, after = system.read_on(json.loads(json.dumps(state)), cursor="at", **options)
        # What came with the highest value is read, what came late with a low one is not.
        assert found["id"].to_list() == [5]
        assert system.read(after, cursor="at", **options).height == 0


def test_sqlite_moments_of_fewer_digits_are_not_lost(tmp_path):
    system = System(Sqlite, access_to(tmp_path), path="a.db")
    at = pl.Series([0, 500_000]).cast(pl.Datetime("us"))
    system.load(pl.DataFrame({"at": at, "id": [1, 2]}), table="t")
    _, state = system.read_on(table="t", cursor="at")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("INSERT INTO t VALUES ('1970-01-01 00:00:00.5', 3)")
        connection.execute("INSERT INTO t VALUES ('1970-01-01 00:00:01', 4)")
        connection.execute("INSERT INTO t VALUES ('1970-01-01 00:00:00.4', 5)")
    assert system.read(state, table="t", cursor="at")["id"].to_list() == [3, 4]


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("VARCHAR COLLATE NOCASE", "B", "a"),
        ("INTERVAL", "10 days", "2 days"),
        ("UUID", "0" * 32, "f" * 32),
    ],
)
def test_columns_of_another_order_than_text_are_followed_as_the_text_they_arrive_as(
    tmp_path, kind, first, second
):
    system = System(Duckdb, access_to(tmp_path), db_path="a.db")
    with duckdb.connect(str(tmp_path / "a.db")) as connection:
        connection.execute(f'CREATE TABLE t ("at" {kind})')
        connection.execute("INSERT INTO t VALUES (?)", [first])
    _, state = system.read_on(table="t", cursor="at")
    with duckdb.connect(str(tmp_path / "a.db")) as connection:
        connection.execute("INSERT INTO t VALUES (?)", [second])
    assert system.read(state, table="t", cursor="at").height == 1


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(st.text(min_size=1, max_size=3), min_size=2, max_size=12))
def test_text_cursors_follow_one_order_in_polars_and_in_the_database(system, values):
    frame = pl.DataFrame({"at": values, "id": range(len(values))})
    half = len(values) // 2
    system.load(frame.head(half), table="t", mode="replace")
    found, state = system.read_on(table="t", cursor="at")
    top = max(value.encode() for value in values[:half])
    late = {n for n in range(half, len(values)) if values[n].encode() < top}
    system.load(frame.tail(len(values) - half), table="t")
    more, _ = system.read_on(state, table="t", cursor="at")
    assert {*found["id"], *more["id"]} == set(range(len(values))) - late
    assert found.height + more.height == len(values) - len(late)
