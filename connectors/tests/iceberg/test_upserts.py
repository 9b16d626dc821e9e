"""Upserts rewrite the files that hold a key, and no others."""

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from connectors.tests.iceberg.test_commits import change_columns

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"], "n": [1, 2, 3]})


def files_of(lake):
    with lake.opened() as connector:
        table = connector.tables.demand(("default", "t"))
        return {task.file.file_path for task in table.scan().plan_files()}


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


def test_files_from_before_a_change_of_columns_are_merged_too(lake):
    lake.load(ROWS, table="t")
    change_columns(lake)
    change = pl.DataFrame({"id": [2], "title": ["new"], "city": ["x"]})
    lake.load(change, table="t", mode="upsert", key=["id"])
    assert lake.read(table="t").sort("id").rows() == [
        (1, "a", 1, None),
        (2, "new", 2, "x"),
        (3, "c", 3, None),
    ]


def test_rows_that_another_program_deleted_stay_deleted(lake):
    lake.load(ROWS, table="t")
    with lake.opened() as connector:
        connector.tables.demand(("default", "t")).delete("id == 3")
    lake.load(ROWS.head(1).with_columns(n=9), table="t", mode="upsert", key=["id"])
    assert lake.read(table="t").sort("id").rows() == [(1, "a", 9), (2, "b", 2)]


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


def test_a_key_of_several_columns_counts_as_a_whole(lake):
    rows = pl.DataFrame({"a": ["x", "x"], "b": [True, False], "v": [1, 2]})
    lake.load(rows, table="t", mode="upsert", key=["a", "b"])
    lake.load(rows.tail(1).with_columns(v=9), table="t", mode="upsert", key=["a", "b"])
    assert lake.read(table="t").sort("v").rows() == [("x", True, 1), ("x", False, 9)]


def test_keys_that_cannot_be_are_refused(lake):
    lake.load(ROWS, table="t")
    with pytest.raises(DataError, match="Key column 'id' holds NULL"):
        lake.load(pl.DataFrame({"id": [1, None]}), table="t", mode="upsert", key=["id"])
    with pytest.raises(ConfigError, match="key column 'no' is not among"):
        lake.load(ROWS, table="t", mode="upsert", key=["no"])
    assert lake.read(table="t").equals(ROWS)


def test_of_equal_keys_the_last_wins_into_an_empty_table_too(lake):
    rows = pl.DataFrame({"id": [1, 2, 1], "v": [1, 2, 3]})
    lake.load(rows, table="t", mode="upsert", key=["id"])
    assert lake.read(table="t").sort("id").rows() == [(1, 3), (2, 2)]
