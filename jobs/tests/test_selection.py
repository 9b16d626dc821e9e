"""Which streams a config selects, in the words of Olake's clients and in our own."""

import json
import re
from pathlib import Path

import pytest

from connectors.base import WriteMode
from connectors.errors import ConfigError
from connectors.transformers.filter import FilterConfig
from jobs.selection import SyncMode, choices, condition

# As a client of the contract sends it: both halves of the catalog, edited.
CATALOG = {
    "selected_streams": {
        "public": [
            {
                "stream_name": "orders",
                "partition_regex": "",
                "normalization": True,
                "append_mode": False,
                "filter_config": {
                    "logical_operator": "OR",
                    "conditions": [
                        {"column": "amount", "operator": ">", "value": 10},
                        {"column": "note", "operator": "is null"},
                    ],
                },
                "selected_columns": {
                    "columns": ["id", "amount", "updated_at", "_olake_id"],
                    "sync_new_columns": False,
                },
            }
        ]
    },
    "streams": [
        {
            "stream": {
                "name": "orders",
                "namespace": "public",
                "type_schema": {"properties": {}},
                "source_defined_primary_key": ["id"],
                "cursor_field": "updated_at",
                "sync_mode": "incremental",
                "destination_table": "orders_copy",
            }
        },
        {"stream": {"name": "customers", "namespace": "public", "sync_mode": "full_refresh"}},
    ],
}


def test_only_what_is_selected_runs_with_what_both_halves_say():
    (orders,) = choices(CATALOG)
    assert (orders.full_name, orders.mode) == ("public.orders", SyncMode.INCREMENTAL)
    assert (orders.cursor, orders.key, orders.table) == ("updated_at", ("id",), "orders_copy")
    assert orders.columns == ("id", "amount", "updated_at")
    assert orders.filter == {
        "any": [
            {"column": "amount", "operator": ">", "value": 10},
            {"column": "note", "operator": "is null"},
        ]
    }


def test_without_a_selection_every_described_stream_runs():
    config = {"streams": [{"name": "a"}, {"stream": {"name": "b", "sync_mode": "full_refresh"}}]}
    assert [one.full_name for one in choices(config)] == ["a", "b"]


def test_one_place_can_say_everything():
    config = {
        "streams": [
            {
                "stream_name": "a",
                "mode": "incremental",
                "cursor": "id",
                "primary_key": ["id"],
                "columns": ["id", "b"],
                "filter": {"column": "b", "operator": "eq", "value": 1},
                "write_mode": "append",
            }
        ]
    }
    (one,) = choices(config)
    assert (one.write_mode, one.columns, one.key) == (WriteMode.APPEND, ("id", "b"), ("id",))


def test_a_second_cursor_stands_behind_a_colon():
    (one,) = choices(stream(sync_mode="incremental", cursor_field=" updated_at : id ", look_back=5))
    assert (one.cursor, one.second_cursor, one.look_back) == ("updated_at", "id", 5)
    (one,) = choices(stream(sync_mode="incremental", cursor="a:b", second_cursor="c"))
    assert (one.cursor, one.second_cursor) == ("a:b", "c")


def test_a_filter_counts_in_either_half():
    said = {"logical_operator": "OR", "conditions": [{"column": "b", "operator": "is null"}]}
    meant = {"any": [{"column": "b", "operator": "is null"}]}
    (one,) = choices(stream(filter_config=said, selected_columns={"columns": ["b"]}))
    assert (one.filter, one.columns) == (meant, ("b",))
    config = stream(filter=meant) | {"selected_streams": {"": [{"stream_name": "a", "filter": ""}]}}
    (one,) = choices(config)
    assert one.filter == meant


def test_the_examples_of_the_docs_are_what_is_read():
    text = (Path(__file__).parents[2] / "docs" / "sync-jobs.md").read_text()
    section = text.partition("## Incremental loads")[2].partition("\n## ")[0]
    first, second = map(json.loads, re.findall(r"```json\n(.*?)```", section, re.DOTALL))
    (one,) = choices({"streams": [first]})
    assert (one.mode, one.cursor, one.second_cursor) == (SyncMode.INCREMENTAL, "updated_at", "id")
    assert (one.look_back, one.null_cursors, one.key) == ("2h", "read", ("id",))
    filters = FilterConfig.model_validate(condition(second))
    assert [*filters.columns()] == ["country", "amount", "note"]


def test_new_columns_join_where_the_client_says_so():
    chosen = {"stream_name": "a", "selected_columns": {"columns": ["x"], "sync_new_columns": True}}
    (one,) = choices({"streams": [{"name": "a"}], "selected_streams": {"": [chosen]}})
    assert one.columns is None


@pytest.mark.parametrize("config", [{}, {"streams": []}, {"selected_streams": {}}])
def test_nothing_may_be_selected(config):
    assert choices(config) == []


def stream(**said):
    return {"streams": [{"name": "a", **said}]}


def chosen(**said):
    selected = {"": [{"stream_name": "a", **said}]}
    return {"streams": [{"name": "a"}], "selected_streams": selected}


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"streams": {"a": 1}}, "config.streams must be a list"),
        ({"streams": [{}]}, "config.streams.0 needs a name"),
        ({"streams": [5]}, "config.streams.0 needs a name"),
        ({"selected_streams": []}, "must be an object of lists"),
        ({"selected_streams": {"x": "y"}}, "must be a list of objects with stream_name"),
        (
            {"streams": [{"name": "a"}], "selected_streams": {"p": [{"stream_name": "b"}]}},
            "names 'p.b', which streams does not describe",
        ),
        (stream(sync_mode="cdc"), "stream 'a': sync_mode: cdc is not offered yet"),
        (stream(sync_mode="sometimes"), "full_refresh"),
        (stream(sync_mode="incremental"), "needs cursor_field"),
        (
            stream(sync_mode="incremental", cursor_field="x:y", columns=["x"]),
            "must select its key and cursor: y",
        ),
        (stream(sync_mode="incremental", cursor_field=":y"), "needs cursor_field"),
        (stream(columns=[]), "selects no column"),
        (stream(namespace=["a"]), "the namespace of stream 'a' must be a text"),
        ({"streams": [{"name": "a"}, {"name": "a"}]}, "stream 'a' is chosen twice"),
        (chosen(selected_columns={"columns": 5}), "selected_columns must be"),
        (chosen(selected_columns={"columns": "id"}), "selected_columns must be"),
        (chosen(selected_columns={"columns": [1]}), "selected_columns must be"),
        (chosen(filter_config={"logical_operator": "AND", "conditions": 5}), "must be a list"),
        (stream(normalization=False), "rows are written as columns"),
        (stream(columns=["b"], primary_key=["id"]), "must select its key and cursor: id"),
        (stream(write_mode="sideways"), "write_mode"),
    ],
)
def test_a_config_that_cannot_be_meant_is_refused(config, told):
    with pytest.raises(ConfigError, match=told):
        choices(config)


def test_a_stream_is_chosen_once():
    twice = [{"stream_name": "a"}, {"stream_name": "a"}]
    with pytest.raises(ConfigError, match="stream 'a' is chosen twice"):
        choices({"streams": [{"name": "a"}], "selected_streams": {"": twice}})


@pytest.mark.parametrize("nothing", [None, "", {}, {"logical_operator": "AND", "conditions": []}])
def test_an_empty_filter_is_none(nothing):
    assert condition(nothing) is None


@pytest.mark.parametrize("bad", ["a > 1", {"logical_operator": "XOR", "conditions": []}])
def test_a_filter_that_cannot_be_read_is_refused(bad):
    with pytest.raises(ConfigError, match=r"a filter is an object|must be AND or OR"):
        condition(bad)
