"""From a valid graph to parts of a plan: one part for each group of nodes that edges connect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.configuration import Configuration
from connectors.sql.parameters import Value
from jobs.plan import AnyStep, Extract, Load, Part, Transform
from pipelines.graph.edges import inputs_of
from pipelines.graph.filling import filled
from pipelines.graph.modules import transformer_of
from pipelines.graph.settings import configuration, transformer
from pipelines.graph.structure import groups, in_order, loaded
from pipelines.graph.values import Edge, Graph, Kind, Node

# Says where the settings of an extractor or loader are found: a connection, or the node's own.
Origin = Callable[[Node, Configuration], str]


def compile_graph(
    graph: Graph,
    values: Mapping[str, Value],
    *,
    origin: Origin,
    stream: str,
    kept: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Part, ...]:
    """Return the parts, with nodes as steps; what reaches no loader is left out.

    `stream` names the pipeline as the writer of its targets. `kept` has the configs by node id as
    they are stored: a plan is kept, so what is sealed there is so in the plan.
    """
    work = _Work(graph, values, origin, stream, kept or {})
    ordered = in_order(graph)
    parts = []
    for number, group in enumerate(groups(graph, loaded(graph)), 1):
        steps = tuple(work.step(node) for node in ordered if node.id in group)
        parts.append(Part(id=steps[0].id, name=f"Graph {number}", steps=steps))
    return tuple(parts)


@dataclass(frozen=True)
class _Work:
    graph: Graph
    values: Mapping[str, Value]
    origin: Origin
    stream: str
    kept: Mapping[str, Mapping[str, Any]]

    def step(self, node: Node) -> AnyStep:
        """Return the step that a node becomes."""
        config, name = filled(node, self.values), node.name or node.id
        edges = inputs_of(self.graph, node)
        inputs = tuple(_input(self.graph, edge, self.values) for edge in edges)
        if node.type is Kind.TRANSFORMER:
            module = transformer_of(node.module).name
            return Transform(
                id=node.id, name=name, transformer=module, config=config, inputs=inputs
            )
        found = configuration(node, config)
        ends: dict[str, Any] = {
            "id": node.id,
            "name": name,
            "connector": found.connector.name,
            "origin": self.origin(node, found),
            "options": _sealed(node, found.options, self.kept.get(node.id, {})),
        }
        if node.type is Kind.EXTRACTOR:
            return Extract(**ends)
        return Load(**ends, stream=f"{self.stream}/{node.id}", input=inputs[0])


def _input(graph: Graph, edge: Edge, values: Mapping[str, Value]) -> str:
    """Return the step that an edge leads from, with the name of its output if it has several."""
    node = graph.by_id[edge.source]
    if node.type is not Kind.TRANSFORMER:
        return node.id
    outputs = transformer(node, filled(node, values)).outputs()
    return f"{node.id}.{edge.source_handle}" if edge.source_handle in outputs else node.id


def _sealed(node: Node, options: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options, those that are stored otherwise than they are known as they are stored."""
    return {
        key: kept[key] if key in kept and kept[key] != node.config.get(key) else value
        for key, value in options.items()
    }
