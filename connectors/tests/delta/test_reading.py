"""Tables are found, and read with less than all of them."""

import polars as pl
import pytest

from connectors.errors import ConfigError

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"]})


def test_tables_below_a_path_are_streams(lake):
    lake.load(ROWS, table="b")
    lake.load(ROWS, table="a")
    streams = lake.discover()
    assert list(streams) == ["a", "b"]
    assert streams["a"].options == {"table": "a"}
    assert streams["a"].cursors == ("id",)
    assert dict(streams["a"].schema) == dict(ROWS.schema)


def test_columns_and_predicates_are_applied(lake):
    lake.load(ROWS, table="t")
    with lake.opened() as connector:
        options = connector.ReadOptions(table="t", columns=("name",))
        found = connector.scan(options)
        assert found.rows == 3
        assert found.frame.filter(pl.col("name") > "a").collect().rows() == [("b",), ("c",)]
        with pytest.raises(ConfigError, match="no column 'x'; known: id, name"):
            connector.scan(connector.ReadOptions(table="t", columns=("x",)))


def test_an_empty_table_tells_its_columns(lake):
    lake.load(ROWS.clear(), table="t")
    assert lake.read(table="t").schema == ROWS.schema


def test_a_cursor_reads_what_is_new(lake):
    lake.load(ROWS, table="t")
    first, state = lake.read_on(table="t", cursor="id")
    assert first.height == 3
    more = pl.DataFrame({"id": [3, 4], "name": ["same cursor", "d"]})
    lake.load(more, table="t", mode="append")
    second, state = lake.read_on(state, table="t", cursor="id", columns=["name", "id"])
    assert second.sort("id").rows() == [("same cursor", 3), ("d", 4)]
    third, _ = lake.read_on(state, table="t", cursor="id", columns=["name", "id"])
    assert third.height == 0


def test_a_cursor_looks_back_and_at_gaps_and_a_filter_is_kept(lake):
    rows = pl.DataFrame({"id": [10, None, 20, 19], "kind": ["a", "a", "b", "a"]})
    lake.load(rows, table="t")
    options = {"table": "t", "cursor": "id", "look_back": "5"}
    options["filter"] = {"column": "kind", "operator": "=", "value": "a"}
    first, state = lake.read_on(**options)
    assert sorted(first["id"].to_list(), key=str) == [10, 19, None]
    more = pl.DataFrame({"id": [14, 13, None, 25], "kind": ["a", "a", "a", "b"]})
    lake.load(more, table="t", mode="append")
    second, state = lake.read_on(state, **options)
    assert sorted(second["id"].to_list(), key=str) == [14, None]
    assert lake.read(state, **options).height == 0


def test_a_table_that_is_not_there_is_told_with_the_known_ones(lake):
    lake.load(ROWS, table="orders")
    with pytest.raises(ConfigError, match=r"no Delta table at .*; `table` may be one of: orders"):
        lake.read(table="order")


@pytest.mark.parametrize("path", ["https://host/t", "lake/*", "../outside", "/etc"])
def test_places_that_cannot_be_are_refused(lake, path):
    lake.settings["path"] = path
    with lake.opened() as connector, pytest.raises(ConfigError):
        connector.judge()
