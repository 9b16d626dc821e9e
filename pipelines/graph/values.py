"""A graph as values: nodes, the edges between them, and in which order rows pass them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any


class Kind(StrEnum):
    """What a node does."""

    EXTRACTOR = "extractor"
    TRANSFORMER = "transformer"
    LOADER = "loader"


@dataclass(frozen=True)
class Node:
    """One module with its settings; `extras` is what only a front end understands."""

    id: str
    type: Kind
    module: str
    name: str = ""
    description: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    position: Mapping[str, Any] | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the node as plain JSON."""
        said = {"name": self.name, "description": self.description, "position": self.position}
        return {
            "id": self.id,
            "type": self.type.value,
            "module": self.module,
            **{key: value for key, value in said.items() if value},
            "config": dict(self.config),
            **self.extras,
        }


@dataclass(frozen=True)
class Edge:
    """Rows go from one node to another; handles name an output of the one, an input of the other."""

    source: str
    target: str
    source_handle: str | None = None
    target_handle: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the edge as plain JSON, in the spelling of the front end."""
        handles = {"sourceHandle": self.source_handle, "targetHandle": self.target_handle}
        return {
            "source": self.source,
            "target": self.target,
            **{key: value for key, value in handles.items() if value is not None},
            **self.extras,
        }


@dataclass(frozen=True)
class Graph:
    """Nodes and edges in the order in which they were given."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the graph as plain JSON: one shape, whatever shape it came in."""
        return {
            "nodes": [node.stored() for node in self.nodes],
            "edges": [edge.stored() for edge in self.edges],
            **self.extras,
        }

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """Return the nodes by their ids."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def places(self) -> dict[str, int]:
        """Return where in the list each node stands, by id."""
        return {node.id: number for number, node in enumerate(self.nodes)}

    @cached_property
    def _incoming(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge)
        return found

    @cached_property
    def _outgoing(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge)
        return found

    def incoming(self, node: str) -> list[Edge]:
        """Return the edges that lead to a node, in order."""
        return self._incoming[node]

    def outgoing(self, node: str) -> list[Edge]:
        """Return the edges that lead away from a node, in order."""
        return self._outgoing[node]

    def of_kind(self, kind: Kind) -> Iterator[Node]:
        """Yield the nodes of one kind, in order."""
        return (node for node in self.nodes if node.type is kind)

    def path_of(self, node: str, *rest: str) -> str:
        """Return the path of a place in a node, as `nodes.2.config.query`."""
        return ".".join(["nodes", str(self.places[node]), *rest])
