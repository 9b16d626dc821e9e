"""What is wrong with a graph, all at once and with its place."""

import polars as pl
import pytest

from pipelines.graph.params import settle
from pipelines.graph.validating import validate
from pipelines.tests.graph.graphs import PEOPLE, World, chain, graph_of, node

CSV = node("read", "E", "csv", {"path": "people.csv"})
OUT = node("write", "L", "parquet", {"path": "out"})


def found(reading, params=None):
    """Return code, node and path of each finding."""
    verdict = validate(reading, World(), params)
    return [(one.code.value, one.node, one.path) for one in verdict.findings]


def piped(*middle, read=CSV, write=OUT, **more):
    """Return the reading of a chain of nodes."""
    nodes = [read, *middle, write]
    return graph_of(*nodes, edges=chain(*(one["id"] for one in nodes)), **more)


def run_of(reading, **given):
    """Return the params of a run."""
    return settle(reading.graph.extras.get("params"), given, built_in={"run_id": "r1"})


def test_a_good_graph_is_valid_and_knows_its_columns():
    pick = node("pick", "T", "select", {"columns": ["age", "id"]})
    verdict = validate(piped(pick), World())
    assert verdict.findings == ()
    assert verdict.is_valid
    assert verdict.columns == {
        "read": {"": PEOPLE},
        "pick": {"": {"age": pl.Int64(), "id": pl.Int64()}},
        "write": {"": {"age": pl.Int64(), "id": pl.Int64()}},
    }


def test_an_empty_pipeline_says_what_to_do_first():
    assert found(graph_of()) == [("empty_pipeline", None, "")]
    assert [code for code, *_ in found(graph_of(CSV))] == ["missing_loader", "unreachable_node"]


def test_the_contracts_warning_is_word_for_word():
    plain = node("node-2", "T", "select", {"columns": ["id"]}, description="")
    verdict = validate(piped(plain), World())
    assert [one.message for one in verdict.findings] == ["Node 'node-2' has no description"]
    assert verdict.is_valid


def test_every_wrong_setting_is_told():
    read = node("read", "E", "csv", {"delimiter": ";;", "skip_rows": -1, "colour": "red"})
    write = node("write", "L", "postgres", {"connection_id": "ours"})
    pick = node("pick", "T", "select", {"columnz": ["id"]})
    assert found(piped(pick, read=read, write=write)) == [
        ("bad_setting", "read", "nodes.0.config.colour"),
        ("bad_setting", "read", "nodes.0.config.delimiter"),
        ("missing_setting", "read", "nodes.0.config.path"),
        ("bad_setting", "read", "nodes.0.config.skip_rows"),
        ("missing_setting", "pick", "nodes.1.config.columns"),
        ("bad_setting", "pick", "nodes.1.config.columnz"),
        ("missing_setting", "write", "nodes.2.config.table"),
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ours", None),
        ("theirs", "forbidden_connection"),
        ("lite", "bad_setting"),
        ("gone", "unknown_connection"),
    ],
)
def test_a_connection_must_be_there_allowed_and_of_the_kind(name, code):
    read = node("read", "E", "postgres", {"connection_id": name, "table": "t"})
    place = ("read", "nodes.0.config.connection_id")
    assert found(piped(read=read)) == ([] if code is None else [(code, *place)])


def test_edges_must_fit_the_nodes():
    nodes = [CSV, node("pick", "T", "select", {"columns": ["id"]}), OUT, OUT | {"id": "lone"}]
    edges = [*chain("read", "pick", "write"), *chain("read", "write"), *chain("write", "read")]
    reading = graph_of(*nodes, edges=[edges[0], edges[0], *edges[1:3]])
    assert [(code, name) for code, name, _ in found(reading)] == [
        ("wrong_edge", "pick"),
        ("wrong_edge", "pick"),
        ("wrong_edge", "write"),
        ("unconnected_input", "lone"),
    ]
    backwards = graph_of(*nodes[:3], edges=chain("pick", "read"))
    assert {(code, name) for code, name, _ in found(backwards)} == {
        ("wrong_edge", "read"),
        ("unconnected_input", "pick"),
        ("unconnected_input", "write"),
        ("unreachable_node", "read"),
        ("unreachable_node", "pick"),
    }


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    pick = node("pick", "T", "select", {"columns": ["id", "age"]})
    keep = node("keep", "T", "filter", {"column": "name", "operator": "eq", "value": "Ada"})
    verdict = validate(piped(pick, keep), World())
    (finding,) = verdict.findings
    assert (finding.code, finding.node) == ("unknown_column", "keep")
    assert "There is no column 'name'; there are: id, age" in finding.message
    # What stands behind it is not known, and nothing is said of it.
    assert list(verdict.columns) == ["read", "pick"]


def test_a_loader_tells_of_a_key_that_is_not_there():
    config = {"connection_id": "ours", "table": "t", "mode": "upsert", "key": ["id", "nr"]}
    reading = piped(write=node("write", "L", "postgres", config))
    assert found(reading) == [("unknown_column", "write", "nodes.1.config.key")]


def test_nothing_is_said_of_columns_that_cannot_be_known():
    read = node("read", "E", "csv", {"path": "unknown.csv"})
    keep = node("keep", "T", "filter", {"column": "any", "operator": "eq", "value": "Ada"})
    assert found(piped(keep, read=read)) == []


def test_a_cycle_and_wrong_settings_are_told_together():
    nodes = [node(name, "T", "select", {"columns": []}) for name in "ab"]
    codes = {code for code, *_ in found(graph_of(CSV, *nodes, edges=chain("a", "b", "a")))}
    assert {"cycle", "bad_setting", "missing_loader"} <= codes


def test_params_must_be_known_and_for_a_run_have_values():
    query = "SELECT * FROM t WHERE at > :since AND x = ':no' AND by = :who AND run = :run_id"
    config = {"connection_id": "ours", "query": query}
    read = node("read", "E", "postgres", config)
    write = OUT | {"config": {"path": "out/:day/:nobody.parquet"}}
    declared = [{"name": "since", "type": "date"}, {"name": "day", "type": "date"}]
    reading = piped(read=read, write=write, params=declared)
    unknown = [
        ("unknown_param", "read", "nodes.0.config.query"),
        ("unknown_param", "write", "nodes.1.config.path"),
    ]
    assert found(reading) == unknown
    params = run_of(reading, since="2026-01-31", who="ada", more=1)
    assert found(reading, params) == [
        ("missing_param", "write", "nodes.1.config.path"),
        unknown[1],
        ("unused_param", None, "params.more"),
    ]


def test_a_value_of_the_wrong_type_is_told():
    reading = piped(params={"day": {"type": "date", "default": "soon"}, "run_id": "mine"})
    verdict = validate(reading, World())
    assert [one.message for one in verdict.findings] == [
        "Param 'day' cannot be 'soon': it must be a date such as 2026-01-31",
        "Param 'run_id' is set by the platform; give yours another name",
    ]


def test_a_param_cannot_say_which_bucket():
    write = node("write", "L", "csv", {"path": "s3://:day/:day.csv"})
    assert found(piped(write=write, params={"day": "monday"})) == [
        ("bad_param", "write", "nodes.1.config.path")
    ]
