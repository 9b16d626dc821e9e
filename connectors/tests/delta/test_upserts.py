"""Upserts rewrite the files that hold a key, and no others."""

import polars as pl
import pytest

from connectors.base import Marker, PartResult, RunKey
from connectors.configuration import validate
from connectors.errors import Cancelled, ConfigError, DataError

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"], "n": [1, 2, 3]})


def files_of(lake, table="t"):
    with lake.opened() as connector:
        return {path for path, _, _ in connector.tables.version(table).files}


def test_only_files_with_a_key_are_rewritten(lake):
    lake.load(ROWS, table="t")
    lake.load(ROWS.with_columns(pl.col("id") + 10), table="t", mode="append")
    before = files_of(lake)
    change = pl.DataFrame({"id": [12, 99], "name": ["new", "more"], "n": [0, 0]})
    lake.load(change, table="t", mode="upsert", key=["id"])
    assert len(files_of(lake) & before) == 1
    assert lake.read(table="t").sort("id").rows() == [
        (1, "a", 1),
        (2, "b", 2),
        (3, "c", 3),
        (11, "a", 1),
        (12, "new", 0),
        (13, "c", 3),
        (99, "more", 0),
    ]


def test_columns_that_do_not_come_stay_as_they_are(lake):
    lake.load(ROWS, table="t")
    change = pl.DataFrame({"name": ["new", "more"], "id": [2, 9]})
    lake.load(change, table="t", mode="upsert", key=["id"])
    assert lake.read(table="t").sort("id").rows() == [
        (1, "a", 1),
        (2, "new", 2),
        (3, "c", 3),
        (9, "more", None),
    ]


def test_a_key_of_several_columns_of_any_type_counts_as_a_whole(lake):
    rows = pl.DataFrame({"a": ["x", "x"], "b": [True, False], "v": [1, 2]})
    lake.load(rows, table="t", mode="upsert", key=["a", "b"])
    lake.load(rows.tail(1).with_columns(v=9), table="t", mode="upsert", key=["a", "b"])
    assert lake.read(table="t").sort("v").rows() == [("x", True, 1), ("x", False, 9)]


def test_a_null_in_the_key_is_refused(lake):
    lake.load(ROWS, table="t")
    rows = pl.DataFrame({"id": [1, None]})
    with pytest.raises(DataError, match="Key column 'id' holds NULL"):
        lake.load(rows, table="t", mode="upsert", key=["id"])
    assert lake.read(table="t").equals(ROWS)


def test_a_key_that_does_not_come_is_refused(lake):
    with pytest.raises(ConfigError, match="key column 'no' is not among"):
        lake.load(ROWS, table="t", mode="upsert", key=["no"])


def test_of_equal_keys_the_last_wins_into_an_empty_table_too(lake):
    rows = pl.DataFrame({"id": [1, 2, 1], "v": [1, 2, 3]})
    lake.load(rows, table="t", mode="upsert", key=["id"])
    assert lake.read(table="t").sort("id").rows() == [(1, 3), (2, 2)]


def test_an_empty_upsert_changes_no_file(lake):
    lake.load(ROWS, table="t")
    before = files_of(lake)
    lake.load(ROWS.clear(), table="t", mode="upsert", key=["id"])
    assert files_of(lake) == before


def test_a_merge_that_is_interrupted_changes_nothing(lake):
    lake.load(ROWS, table="t")
    with lake.opened() as connector:
        options = validate(connector.WriteOptions, {"table": "t", "mode": "upsert", "key": ["id"]})
        target = connector.target(options, "job/1")
        staging = connector.begin(target, ROWS.schema, RunKey("r", "p", 2))
        pl.collect_all([connector.sink(staging, ROWS.lazy(), "p")])
        connector.interrupt()
        with pytest.raises(Cancelled):
            connector.commit(staging, [PartResult("p", 3)], Marker("r", "job/1", 2))
        connector.abort(staging)
    assert lake.read(table="t").equals(ROWS)
