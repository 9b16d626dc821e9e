"""One snapshot per load, with its marker; whoever is late or stale changes nothing."""

import polars as pl
import pytest

from connectors.base import RunKey
from connectors.configuration import validate
from connectors.errors import ConfigError, LeaseLost, TransientError

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"]})


def foreign_append(lake, table="t", rows=ROWS):
    """Write as another program would, through pyiceberg itself."""
    with lake.opened() as connector:
        found = connector.tables.demand(("default", table))
        found.append(rows.to_arrow().cast(found.schema().as_arrow()))


def change_columns(lake):
    with lake.opened() as connector:
        table = connector.tables.demand(("default", "t"))
        from pyiceberg.types import StringType

        with table.update_schema() as update:
            update.rename_column("name", "title")
            update.add_column("city", StringType())


def test_a_load_is_one_snapshot_and_says_who_wrote_it(lake, files):
    lake.load(ROWS, table="t", run="r1")
    lake.load(ROWS, table="t", run="r2", mode="append")
    with lake.opened() as connector:
        table = connector.tables.demand(("default", "t"))
        assert [s.summary["millrace.run"] for s in table.snapshots()] == ["r1", "r2"]
    assert list((files / "warehouse/default/t/.millrace").iterdir()) == []


def test_markers_of_all_streams_stay(lake):
    lake.load(ROWS, table="t", state={"cursor": 7}, stream="job/other")
    lake.load(ROWS, table="t", run="r", mode="append", fence=2)
    assert lake.marker(table="t", stream="job/other").state == {"cursor": 7}
    assert lake.marker(table="t").run == "r"
    assert lake.marker(table="none") is None


def test_another_program_may_write_between_begin_and_commit(lake):
    lake.load(ROWS, table="t")
    lake.load(ROWS, table="t", mode="append", before_commit=lambda: foreign_append(lake))
    assert lake.read(table="t").height == 9
    changed = pl.DataFrame({"id": [3], "name": ["ours"]})
    lake.load(
        changed, table="t", mode="upsert", key=["id"], before_commit=lambda: foreign_append(lake)
    )
    assert lake.read(table="t").filter(pl.col("id") == 3).rows() == [(3, "ours")]
    assert lake.read(table="t").height == 9


def test_a_stale_worker_commits_nothing_and_leaves_nothing(lake, files):
    lake.load(ROWS, table="t", fence=1)
    data = files / "warehouse/default/t/data"
    before = len(list(data.iterdir()))

    def overtake():
        lake.load(ROWS.clear(), table="t", run="later", mode="append", fence=3, stream="job/2")

    with pytest.raises(LeaseLost):
        lake.load(ROWS, table="t", fence=2, mode="replace", before_commit=overtake)
    assert lake.read(table="t").height == 3
    assert len(list(data.iterdir())) == before


def test_a_race_that_is_lost_at_the_catalog_is_judged_anew(lake):
    from pyiceberg.exceptions import CommitFailedException

    from connectors.lakes.iceberg.transactions import Single

    lake.load(ROWS, table="t")
    with lake.opened() as connector:
        table = connector.tables.demand(("default", "t"))
        late = Single(table)
        with late.update_snapshot().fast_append():
            pass
        foreign_append(lake)
        with pytest.raises(CommitFailedException):
            late.commit_transaction()
    assert lake.read(table="t").height == 6


def test_a_dead_attempt_is_cleared_and_cannot_commit_any_more(lake):
    def clear():
        with lake.opened() as connector:
            target = connector.target(validate(connector.WriteOptions, {"table": "t"}), "job/1")
            connector.begin(target, ROWS.schema, RunKey("later", "p", 9))

    with pytest.raises(LeaseLost, match="cleared by another"):
        lake.load(ROWS, table="t", before_commit=clear)
    assert lake.discover() == {}


def test_a_table_that_changes_its_columns_meanwhile_is_tried_again(lake):
    lake.load(ROWS, table="t")
    with pytest.raises(TransientError, match=r"columns .* were changed meanwhile"):
        lake.load(ROWS, table="t", mode="append", before_commit=lambda: change_columns(lake))


def test_a_table_that_appears_meanwhile_is_refused_in_error_mode(lake):
    with pytest.raises(ConfigError, match="exists"):
        lake.load(ROWS, table="t", mode="error", before_commit=lambda: lake.load(ROWS, table="t"))
    assert lake.read(table="t").height == 3


def test_old_snapshots_can_be_read(lake):
    lake.load(ROWS, table="t")
    with lake.opened() as connector:
        first = connector.tables.demand(("default", "t")).current_snapshot().snapshot_id
    lake.load(ROWS.select("id").head(1), table="t", mode="replace")
    assert lake.read(table="t").rows() == [(1,)]
    assert lake.read(table="t", snapshot=first).height == 3
    with pytest.raises(ConfigError, match="no snapshot 7"):
        lake.read(table="t", snapshot=7)


def test_a_partitioned_table_of_another_program_is_read_and_not_written(lake):
    lake.load(ROWS, table="t")
    with lake.opened() as connector:
        table = connector.tables.demand(("default", "t"))
        with table.update_spec() as update:
            update.add_identity("name")
    assert lake.read(table="t").height == 3
    for mode in ("append", "replace"):
        with pytest.raises(ConfigError, match="partitions"):
            lake.load(ROWS, table="t", mode=mode)
