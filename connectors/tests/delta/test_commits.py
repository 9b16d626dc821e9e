"""One version per load, with its marker; whoever is late or stale changes nothing."""

import json

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from connectors.base import RunKey
from connectors.configuration import validate
from connectors.errors import ConfigError, LeaseLost, TransientError

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"]})


def test_a_load_is_one_version_and_says_who_wrote_it(lake, files):
    lake.load(ROWS, table="t", run="r1")
    lake.load(ROWS, table="t", run="r2", mode="append")
    history = DeltaTable(files / "lake/t").history()
    assert [entry["version"] for entry in history] == [1, 0]
    assert history[0]["engineInfo"] == "Millrace"
    assert list((files / "lake/t/.millrace").iterdir()) == []


def test_markers_survive_checkpoints_and_the_cleaning_of_the_log(lake, files):
    lake.load(ROWS, table="t", state={"cursor": 7}, stream="job/other")
    for number in range(12):
        lake.load(ROWS, table="t", run=f"r{number}", mode="append", fence=number + 1)
    log = files / "lake/t/_delta_log"
    assert (log / f"{10:020}.checkpoint.parquet").exists()
    for number in range(10):
        (log / f"{number:020}.json").unlink()
    marker = lake.marker(table="t", stream="job/other")
    assert marker is not None
    assert marker.state == {"cursor": 7}
    assert lake.marker(table="t").run == "r11"
    assert lake.read(table="t").height == 39


def test_another_program_may_write_between_begin_and_commit(lake, files):
    lake.load(ROWS, table="t")

    def meanwhile():
        write_deltalake(files / "lake/t", pl.DataFrame({"id": [9], "name": ["z"]}), mode="append")

    lake.load(ROWS, table="t", mode="append", before_commit=meanwhile)
    assert lake.read(table="t")["id"].sort().to_list() == [1, 1, 2, 2, 3, 3, 9]
    changed = pl.DataFrame({"id": [9], "name": ["ours"]})
    lake.load(changed, table="t", mode="upsert", key=["id"], before_commit=meanwhile)
    assert lake.read(table="t").filter(pl.col("id") == 9).rows() == [(9, "ours")]
    write_deltalake(files / "lake/t", ROWS, mode="append")
    assert lake.marker(table="t") is not None


def test_a_version_that_is_taken_is_never_overwritten(lake, files):
    lake.load(ROWS, table="t")
    with lake.opened() as connector:
        keeper = connector.tables.keeper("t")
        assert not keeper.create(f"_delta_log/{0:020}.json", b"other")
    assert lake.read(table="t").height == 3


def test_a_stale_worker_commits_nothing_and_leaves_nothing(lake, files):
    lake.load(ROWS, table="t", fence=1)
    before = sorted(path.name for path in (files / "lake/t").glob("*.parquet"))

    def overtake():
        lake.load(ROWS, table="t", run="later", mode="append", fence=3, stream="job/2")

    with pytest.raises(LeaseLost):
        lake.load(ROWS, table="t", fence=2, mode="replace", before_commit=overtake)
    assert lake.read(table="t").height == 6
    after = sorted(path.name for path in (files / "lake/t").glob("*.parquet"))
    assert len(after) == len(before) + 1


def test_a_dead_attempt_is_cleared_and_cannot_commit_any_more(lake, files):
    def clear():
        with lake.opened() as connector:
            target = connector.target(validate(connector.WriteOptions, {"table": "t"}), "job/1")
            connector.begin(target, ROWS.schema, RunKey("later", "p", 9))

    with pytest.raises(LeaseLost, match="cleared by another"):
        lake.load(ROWS, table="t", before_commit=clear)
    assert lake.discover() == {}


def test_a_table_that_changes_its_columns_meanwhile_is_tried_again(lake, files):
    lake.load(ROWS, table="t")

    def widen():
        more = ROWS.with_columns(city=pl.lit("x"))
        write_deltalake(files / "lake/t", more, mode="append", schema_mode="merge")

    with pytest.raises(TransientError, match=r"columns .* were changed meanwhile"):
        lake.load(ROWS, table="t", mode="append", before_commit=widen)
    lake.load(ROWS, table="t", mode="append")
    assert lake.read(table="t").height == 9


def test_a_table_that_appears_meanwhile_is_refused_in_error_mode(lake, files):
    def appear():
        write_deltalake(files / "lake/t", ROWS)

    with pytest.raises(ConfigError, match="exists"):
        lake.load(ROWS, table="t", mode="error", before_commit=appear)
    assert len(list((files / "lake/t").glob("*.parquet"))) == 1


def test_old_versions_can_be_read(lake):
    lake.load(ROWS, table="t")
    lake.load(ROWS.head(1), table="t", mode="replace")
    assert lake.read(table="t").height == 1
    assert lake.read(table="t", version=0).height == 3
    with pytest.raises(ConfigError, match="version 7"):
        lake.read(table="t", version=7)


@pytest.mark.parametrize(
    ("properties", "mode", "message"),
    [
        ({"delta.appendOnly": "true"}, "replace", "delta.appendOnly"),
        ({"delta.enableChangeDataFeed": "true"}, "append", "changeDataFeed|writer version"),
    ],
)
def test_tables_with_rules_that_cannot_be_kept_are_refused(lake, files, properties, mode, message):
    write_deltalake(files / "lake/t", ROWS, configuration=properties)
    with pytest.raises(ConfigError, match=message):
        lake.load(ROWS, table="t", mode=mode)


def test_a_partitioned_table_of_another_program_is_read_and_replaced(lake, files):
    rows = ROWS.with_columns(day=pl.lit("1 % 2/3"))
    write_deltalake(files / "lake/t", rows, partition_by=["day"])
    assert lake.read(table="t").sort("id").equals(rows)
    with pytest.raises(ConfigError, match="partitions by day"):
        lake.load(rows, table="t", mode="append")
    lake.load(ROWS, table="t", mode="replace")
    assert lake.read(table="t").equals(ROWS)
    assert DeltaTable(files / "lake/t").metadata().partition_columns == []


def test_a_log_that_names_files_elsewhere_is_refused(lake, files):
    lake.load(ROWS, table="t")
    secret = files.parent / "secret.parquet"
    ROWS.write_parquet(secret)
    for path in (str(secret), f"file://{secret}", "../../../secret.parquet"):
        write_add(files / "lake/t", path)
        with pytest.raises(ConfigError, match="outside of its folder"):
            lake.read(table="t")
        (files / f"lake/t/_delta_log/{1:020}.json").unlink()


def write_add(table, path):
    action = {"path": path, "partitionValues": {}, "size": 1, "modificationTime": 1}
    line = json.dumps({"add": {**action, "dataChange": True}})
    (table / f"_delta_log/{1:020}.json").write_text(line)
