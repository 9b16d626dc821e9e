"""How long a graph of 200 nodes takes to be validated, columns and all."""

from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.measuring import Result
from pipelines.graph.outside import Nowhere
from pipelines.graph.reading import read_graph
from pipelines.graph.validating import validate
from pipelines.graph.values import Node

NODES = 200
ROUNDS = 20
LIMIT = 0.25


class Known(Nowhere):
    """A world in which every source has the same twenty columns."""

    def columns_of(self, node: Node) -> dict[str, Any]:
        """Return the columns."""
        import polars as pl

        return {f"c{number}": pl.Int64() for number in range(20)}


def graph(nodes: int) -> dict[str, Any]:
    """Return ten chains from a file through filters to a file, of so many nodes together."""
    made: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for number in range(nodes):
        chain, place = divmod(number, nodes // 10)
        name = f"n{number}"
        if place:
            edges.append({"source": f"n{number - 1}", "target": name})
        if place in (0, nodes // 10 - 1):
            kind, config = "extractor" if place == 0 else "loader", {"path": f"{chain}.csv"}
            made.append({"id": name, "type": kind, "module": "csv", "config": config})
            continue
        config = {"column": f"c{place}", "operator": "gt", "value": ":least"}
        made.append({"id": name, "type": "transformer", "module": "filter", "config": config})
    return {"nodes": made, "edges": edges, "params": {"least": 5}}


def measure(_folder: Path) -> list[Result]:
    """Return the median of some rounds, each from JSON to findings."""
    given = graph(NODES)
    seconds: list[float] = []
    for _ in range(ROUNDS + 1):
        began = perf_counter()
        verdict = validate(read_graph(given), Known())
        seconds.append(perf_counter() - began)
        if not verdict.is_valid or len(verdict.columns) != NODES:
            raise RuntimeError(f"The graph is not valid: {verdict.findings[:3]}")
    # The first round imports the engines.
    p50, most = median(seconds[1:]), max(seconds[1:])
    return [
        Result(
            f"validate {NODES} nodes",
            "–",
            f"p50 {p50 * 1000:.0f} ms, max {most * 1000:.0f} ms",
            f"p50 {LIMIT * 1000:.0f} ms",
            p50 <= LIMIT,
        )
    ]
