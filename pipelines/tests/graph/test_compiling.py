"""Graphs as parts of a plan, and what the engine makes of them, right to the row."""

import polars as pl
import pytest

from connectors import registry
from connectors.configuration import validate as validated
from connectors.tests.loads import access_to
from jobs.engine import Execution
from pipelines.graph.compiling import compile_graph
from pipelines.graph.edges import inputs_of
from pipelines.graph.filling import filled
from pipelines.graph.params import settle
from pipelines.graph.settings import configuration
from pipelines.tests.graph.graphs import chain, graph_of, node
from tests.contract.local import LocalHost

ADULTS = {"column": "age", "operator": "ge", "value": ":least"}
INDIAN = {"column": "country", "operator": "eq", "value": "India"}


@pytest.fixture
def reading():
    """Two sources; one of them branches into two sinks, the other goes its own way."""
    return graph_of(
        node("totals", "L", "csv", {"path": "totals.csv"}),
        node("orders", "E", "csv", {"path": "orders.csv"}),
        node("people", "E", "csv", {"path": "people.csv"}),
        node("grown", "T", "filter", ADULTS),
        node("indian", "T", "filter", INDIAN),
        node("names", "T", "select", {"columns": ["name"]}),
        node("india", "L", "csv", {"path": "india.csv"}),
        node("all", "L", "sqlite", {"path": "all.db", "table": "t_:least"}),
        node("big", "T", "filter", {"column": "total", "operator": "gt", "value": 10}),
        node("lost", "T", "select", {"columns": ["id"]}),
        edges=[
            *chain("people", "grown", "indian", "names", "india"),
            *chain("grown", "all"),
            *chain("grown", "lost"),
            *chain("orders", "big", "totals"),
        ],
    )


@pytest.fixture
def values(reading):
    return settle({"least": 18}, built_in={}).values


def parts_of(reading, values, **more):
    return compile_graph(
        reading.graph, values, origin=lambda node, _: f"node:{node.id}", stream="pipe", **more
    )


def test_nodes_become_steps_in_an_order_that_is_always_the_same(reading, values):
    parts = parts_of(reading, values)
    assert [[step.id for step in part.steps] for part in parts] == [
        ["orders", "big", "totals"],
        ["people", "grown", "indian", "names", "india", "all"],
    ]
    assert [part.id for part in parts] == ["orders", "people"]
    assert parts == parts_of(reading, values)
    by_id = {step.id: step for part in parts for step in part.steps}
    assert by_id["grown"].inputs == ("people",)
    assert by_id["grown"].config["value"] == 18
    assert by_id["all"].stream == "pipe/all"
    assert by_id["all"].origin == "node:all"
    assert by_id["all"].options == {"table": "t_18"}
    assert by_id["india"].options == {"mode": "replace"}


def test_a_plan_keeps_what_is_sealed(reading, values):
    kept = {"people": {"path": "people.csv", "delimiter": {"$sealed": "x"}}}
    graph = graph_of(
        node("people", "E", "csv", {"path": "people.csv", "delimiter": ";"}),
        node("out", "L", "csv", {"path": "out.csv"}),
        edges=chain("people", "out"),
    )
    (part,) = parts_of(graph, values, kept=kept)
    assert part.steps[0].options == {"delimiter": {"$sealed": "x"}}


def run(reading, values, access):
    """Run all parts; return the rows that passed each node."""

    def opener(step):
        def opened():
            one = reading.graph.by_id[step.id]
            found = configuration(one, filled(one, values))
            plugin = registry.connector(step.connector)
            return plugin(validated(plugin.Settings, found.settings), access)

        return opened

    rows = {}
    for part in parts_of(reading, values):
        host = LocalHost("run-1", {step.id: opener(step) for step in part.steps})
        measures = Execution(part, host).run().measures
        rows |= {name: measure.rows for name, measure in measures.items()}
    return rows


def test_a_branch_and_two_sinks_are_right_to_the_row(reading, values, tmp_path):
    people = pl.DataFrame(
        {
            "id": range(1, 1001),
            "name": [f"p{number}" for number in range(1, 1001)],
            "country": ["India" if number % 3 == 0 else "Peru" for number in range(1, 1001)],
            "age": [number % 40 for number in range(1, 1001)],
        }
    )
    people.write_csv(tmp_path / "people.csv")
    orders = pl.DataFrame({"person": range(50), "total": [number % 21 for number in range(50)]})
    orders.write_csv(tmp_path / "orders.csv")
    access = access_to(tmp_path)
    counted = run(reading, values, access)
    grown = people.filter(pl.col("age") >= 18)
    indian = grown.filter(pl.col("country") == "India")
    assert pl.read_csv(tmp_path / "india.csv").rows() == indian.select("name").rows()
    sqlite = registry.source("sqlite")
    opened = sqlite(sqlite.Settings(path="all.db"), access)
    frame = opened.scan(sqlite.ReadOptions(table="t_18")).frame.collect()
    opened.close()
    assert frame.sort("id").rows() == grown.rows()
    big = orders.filter(pl.col("total") > 10)
    assert pl.read_csv(tmp_path / "totals.csv").rows() == big.rows()
    assert counted["people"] == 1000
    assert (counted["grown"], counted["indian"]) == (grown.height, indian.height)
    assert (counted["all"], counted["india"]) == (grown.height, indian.height)


@pytest.fixture
def join(monkeypatch):
    """Give `select` two inputs: how a join takes its edges, as long as there is none."""
    monkeypatch.setattr(registry.transformer("select"), "inputs", ("left", "right"))


@pytest.mark.parametrize(
    ("config", "handles", "order"),
    [
        ({}, {}, ["a", "b"]),
        ({"right_dataset": "a"}, {}, ["b", "a"]),
        ({"inputs": ["b", "a"]}, {}, ["b", "a"]),
        ({}, {"a": "right"}, ["b", "a"]),
        ({"right_dataset": "a"}, {"a": "left"}, ["a", "b"]),
        ({}, {"a": "in-1", "b": "in-2"}, ["a", "b"]),
    ],
)
def test_a_join_takes_its_inputs_by_handle_then_by_name_then_in_order(join, config, handles, order):
    edges = [
        {"source": name, "target": "j", "targetHandle": handles.get(name)} for name in ("a", "b")
    ]
    sources = [node(name, "E", "csv", {"path": "x.csv"}) for name in ("a", "b")]
    graph = graph_of(*sources, node("j", "T", "select", config), edges=edges).graph
    assert [edge.source for edge in inputs_of(graph, graph.by_id["j"])] == order
