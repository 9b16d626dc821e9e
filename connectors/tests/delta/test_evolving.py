"""Columns of a Delta table that grow in the version that brings the rows, for every reader."""

import json

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from connectors.errors import ConfigError
from connectors.library.delta import Delta
from connectors.tests.loads import System, access_to

OLD = pl.DataFrame({"id": [1, 2], "n": [1, None]}, schema={"id": pl.Int64, "n": pl.Int32})
NEW = pl.DataFrame({"id": [3], "n": [2**40], "at": [None]}, schema_overrides={"at": pl.Datetime})
GROWN = {"id": [1, 2, 3], "n": [1, None, 2**40], "at": [None] * 3}


def actions_of(files, version):
    text = (files / f"lake/t/_delta_log/{version:020}.json").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_other_readers_see_the_grown_table(tmp_path):
    # Polars' own reader loses folders with a space in their names.
    lake = System(Delta, access_to(tmp_path), path="lake")
    lake.load(OLD, table="t")
    lake.load(NEW, table="t", mode="append", evolve=True)
    table = DeltaTable(tmp_path / "lake/t")
    assert pl.scan_delta(table).sort("id").collect().to_dict(as_series=False) == GROWN
    assert table.to_pyarrow_table().sort_by("id").to_pydict() == GROWN
    # Readers know timestamps without a zone by the protocol.
    assert "timestampNtz" in table.protocol().reader_features


def test_a_column_that_joins_leaves_the_old_files_alone(lake, files):
    lake.load(OLD, table="t")
    lake.load(NEW.drop("n"), table="t", mode="append", evolve=True)
    assert [
        key for action in actions_of(files, 1) for key in action if key in ("add", "remove")
    ] == ["add"]


def test_a_widened_column_writes_old_rows_anew_and_says_that_they_are_none(lake, files):
    lake.load(OLD, table="t")
    lake.load(OLD, table="t", mode="append")
    lake.load(NEW, table="t", mode="append", evolve=True)
    actions = actions_of(files, 2)
    assert [action["remove"]["dataChange"] for action in actions if "remove" in action] == [
        False
    ] * 2
    assert sorted(action["add"]["dataChange"] for action in actions if "add" in action) == [
        False,
        True,
    ]
    assert lake.read(table="t").height == 5


def test_a_table_that_only_grows_by_rows_may_be_widened_all_the_same(lake, files):
    write_deltalake(files / "lake/t", OLD, configuration={"delta.appendOnly": "true"})
    lake.load(NEW, table="t", mode="append", evolve=True)
    assert lake.read(table="t").sort("id").to_dict(as_series=False) == GROWN


def test_what_the_table_says_of_its_other_columns_stays(lake, files):
    write_deltalake(files / "lake/t", OLD, description="kept")
    text = (files / f"lake/t/_delta_log/{0:020}.json").read_text()
    told = text.replace('\\"metadata\\":{}', '\\"metadata\\":{\\"comment\\":\\"kept\\"}', 1)
    (files / f"lake/t/_delta_log/{0:020}.json").write_text(told)
    lake.load(NEW, table="t", mode="append", evolve=True)
    table = DeltaTable(files / "lake/t")
    assert table.metadata().description == "kept"
    assert table.schema().fields[0].metadata == {"comment": "kept"}


def test_a_lost_race_is_judged_anew_and_loses_nothing(lake, files):
    lake.load(OLD, table="t")
    lake.load(
        NEW,
        table="t",
        mode="append",
        evolve=True,
        before_commit=lambda: write_deltalake(files / "lake/t", OLD, mode="append"),
    )
    assert lake.read(table="t").height == 5


def test_names_that_differ_in_case_only_are_refused(lake):
    lake.load(OLD, table="t")
    with pytest.raises(ConfigError, match="'id' and 'ID' are one name"):
        lake.load(OLD.rename({"id": "ID"}), table="t", mode="append", evolve=True)


def test_a_column_of_text_takes_other_types_as_text_where_that_is_asked_for(lake):
    lake.load(pl.DataFrame({"v": ["a"]}), table="t")
    how = {"mode": "append", "evolve": True, "unheld_types": "text"}
    lake.load(pl.DataFrame({"v": [1.5]}), table="t", **how)
    assert sorted(lake.read(table="t")["v"]) == ["1.5", "a"]


def test_a_bucket_grows_too(bucket):
    bucket.load(OLD, table="t")
    bucket.load(NEW, table="t", mode="append", evolve=True)
    assert bucket.read(table="t").sort("id").to_dict(as_series=False) == GROWN
