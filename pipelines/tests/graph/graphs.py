"""Graphs for tests, said shortly."""

from itertools import pairwise

import polars as pl

from pipelines.graph.outside import Saved
from pipelines.graph.reading import read_graph

PEOPLE = {"id": pl.Int64(), "name": pl.String(), "country": pl.String(), "age": pl.Int64()}


def node(name, kind, module, config=None, **more):
    """Return a node; `kind` is E, T or L."""
    words = {"E": "extractor", "T": "transformer", "L": "loader"}
    given = {"id": name, "type": words[kind], "module": module, "config": config or {}}
    return given | ({"description": "What it is for"} if kind == "T" else {}) | more


def chain(*names):
    """Return edges from each to the next."""
    return [{"source": a, "target": b} for a, b in pairwise(names)]


def graph_of(*nodes, edges=(), **more):
    """Return the reading of a graph."""
    return read_graph({"nodes": list(nodes), "edges": list(edges), **more})


class World:
    """Two saved connections, and extractors that bring people."""

    saved = {
        "ours": Saved("postgres", {"host": "h"}),
        "theirs": Saved("postgres", {"host": "h"}, may_use=False),
        "lite": Saved("sqlite", {"path": "a.db"}),
    }

    def connection(self, connection_id):
        return self.saved.get(connection_id)

    def columns_of(self, node):
        return None if node.config.get("path") == "unknown.csv" else PEOPLE
