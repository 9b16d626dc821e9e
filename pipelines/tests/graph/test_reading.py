"""Graphs in the shapes that clients send, and what is wrong with their structure."""

from itertools import pairwise

import pytest

from pipelines.graph.reading import read_graph
from pipelines.graph.structure import groups, in_order, loaded

CONTRACT = {
    "nodes": [
        {
            "id": "node-1",
            "type": "extractor",
            "module": "postgres",
            "position": {"x": 100, "y": 100},
            "config": {"connection_id": "conn-uuid", "query": "SELECT * FROM users"},
        },
        {
            "id": "node-2",
            "type": "transformer",
            "module": "filter",
            "position": {"x": 300, "y": 100},
            "config": {"column": "email", "operator": "is_not_null"},
        },
        {
            "id": "node-3",
            "type": "loader",
            "module": "parquet",
            "position": {"x": 500, "y": 100},
            "config": {"path": "s3://data-lake/processed/users/"},
        },
    ],
    "edges": [
        {"source": "node-1", "target": "node-2"},
        {"source": "node-2", "target": "node-3"},
    ],
}
CANVAS = {
    "nodes": [
        {
            "id": "node-1",
            "type": "custom",
            "position": {"x": 100, "y": 100},
            "width": 180,
            "data": {
                "label": "Users",
                "moduleId": "0c5a4b52-9a0e-4d3c-8f59-4a8ff0a1a9b1",
                "moduleName": "postgres-extractor",
                "icon": "database",
                "color": "#336791",
                "config": {"connection_id": "conn-uuid", "query": "SELECT * FROM users"},
            },
        },
        {
            "id": "node-2",
            "type": "loaders",
            "data": {"moduleType": "loader", "moduleName": "csv-loader", "config": {"path": "a"}},
        },
    ],
    "edges": [{"id": "e1", "from": "node-1", "to": "node-2", "sourceHandle": "out", "animated": 1}],
    "viewport": {"x": 0, "y": 0, "zoom": 1},
}


def codes(given):
    """Return code and path of each finding."""
    return [(finding.code.value, finding.path) for finding in read_graph(given).findings]


def node(name, kind="transformer", module="select"):
    """Return a node without settings."""
    return {"id": name, "type": kind, "module": module}


def chain(*names):
    """Return edges from each to the next."""
    return [{"source": a, "target": b} for a, b in pairwise(names)]


def test_the_contracts_shape_is_stored_as_it_came():
    reading = read_graph(CONTRACT)
    assert reading.findings == ()
    assert reading.graph.stored() == CONTRACT


def test_a_canvas_is_stored_in_the_contracts_shape_and_keeps_what_only_it_knows():
    reading = read_graph(CANVAS)
    assert reading.findings == ()
    stored = reading.graph.stored()
    assert stored == {
        "nodes": [
            {
                "id": "node-1",
                "type": "extractor",
                "module": "postgres",
                "name": "Users",
                "position": {"x": 100, "y": 100},
                "config": {"connection_id": "conn-uuid", "query": "SELECT * FROM users"},
                "width": 180,
                "data": {"icon": "database", "color": "#336791"},
            },
            {"id": "node-2", "type": "loader", "module": "csv", "config": {"path": "a"}},
        ],
        "edges": [
            {
                "source": "node-1",
                "target": "node-2",
                "sourceHandle": "out",
                "id": "e1",
                "animated": 1,
            }
        ],
        "viewport": {"x": 0, "y": 0, "zoom": 1},
    }
    assert read_graph(stored).graph.stored() == stored


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, [("bad_graph", "")]),
        ({"nodes": "many"}, [("bad_graph", "nodes")]),
        ({"nodes": [node("a")] * 1001}, [("bad_graph", "nodes")]),
        ({"nodes": ["a"]}, [("bad_graph", "nodes.0")]),
        ({"nodes": [{"type": "loader", "module": "csv"}]}, [("missing_id", "nodes.0.id")]),
        ({"nodes": [{"id": "a", "module": "csv"}]}, [("missing_type", "nodes.0.type")]),
        ({"nodes": [{"id": "a", "type": "loader"}]}, [("missing_module", "nodes.0.module")]),
        ({"nodes": [node("a", module="teleport")]}, [("unknown_module", "nodes.0.module")]),
        ({"nodes": [node("a", "loader", "api")]}, [("unknown_module", "nodes.0.module")]),
        ({"nodes": [node("a"), node("a")]}, [("doubled_id", "nodes")]),
        (
            {"nodes": [node("a") | {"config": [1]}]},
            [("bad_graph", "nodes.0.config")],
        ),
        (
            {"nodes": [node("a")], "edges": [{"source": "a", "target": "b"}, {"target": "a"}]},
            [("loose_edge", "edges.0.target"), ("loose_edge", "edges.1.source")],
        ),
        ({"nodes": [node("a")], "edges": chain("a", "a")}, [("cycle", "edges")]),
    ],
)
def test_a_broken_structure_is_told_with_its_place(given, found):
    assert codes(given) == found
    assert all(finding.is_structural for finding in read_graph(given).findings)


def test_all_faults_are_told_at_once_and_in_the_same_order():
    given = {
        "nodes": [node("a"), {"id": "b"}, node("c", module="teleport"), node("a"), node("d")],
        "edges": [*chain("a", "d", "a"), {"source": "a", "target": "nowhere"}],
    }
    found = codes(given)
    assert found == codes(given)
    assert {code for code, _ in found} == {
        *("missing_type", "missing_module", "unknown_module", "doubled_id"),
        *("loose_edge", "cycle"),
    }


def test_a_cycle_names_its_nodes_in_the_direction_of_the_rows():
    given = {"nodes": [node(name) for name in "abcd"], "edges": chain("a", "b", "c", "d", "b")}
    (finding,) = read_graph(given).findings
    circle = finding.message.removeprefix("Rows would go round in a circle: ").split(";")[0]
    assert circle in ("b → c → d → b", "c → d → b → c", "d → b → c → d")


def test_an_unknown_module_names_those_there_are():
    (finding,) = read_graph({"nodes": [node("a", "loader", "teleport")]}).findings
    said, _, names = finding.message.partition("; there are: ")
    assert said.endswith("There is no loader 'teleport'")
    assert {"csv", "postgres"} <= set(names.split(", "))
    assert "api" not in names.split(", ")


def test_nodes_stand_behind_what_feeds_them_else_in_their_order():
    given = {
        "nodes": [node("d"), node("b"), node("a"), node("c")],
        "edges": [*chain("a", "b", "d"), *chain("c", "d")],
    }
    graph = read_graph(given).graph
    assert [one.id for one in in_order(graph)] == ["a", "b", "c", "d"]


def test_groups_are_what_edges_connect():
    given = {
        "nodes": [
            node("x", "extractor", "csv"),
            node("a", "extractor", "csv"),
            node("y", "loader", "csv"),
            node("b", "loader", "csv"),
            node("lost", "extractor", "csv"),
        ],
        "edges": [*chain("a", "b"), *chain("x", "y")],
    }
    graph = read_graph(given).graph
    assert loaded(graph) == {"x", "y", "a", "b"}
    assert groups(graph, loaded(graph)) == [{"x", "y"}, {"a", "b"}]
