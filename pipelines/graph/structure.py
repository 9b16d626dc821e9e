"""How nodes hang together: cycles, the order in which rows pass them, groups, what leads where."""

from collections import deque
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from pipelines.graph.findings import Code, Finding
from pipelines.graph.values import Graph, Kind, Node


def structure(graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a cycle."""
    sorter = TopologicalSorter({node.id: () for node in graph.nodes})
    for edge in graph.edges:
        sorter.add(edge.target, edge.source)
    try:
        sorter.prepare()
    except CycleError as error:
        # Each feeds the next one, and the first is the last.
        names = " → ".join(error.args[1])
        text = f"Rows would go round in a circle: {names}; remove one of these edges"
        yield Finding(Code.CYCLE, text, path="edges")


def in_order(graph: Graph) -> list[Node]:
    """Return the nodes so that each stands behind all that feed it, else in the graph's order.

    The graph has no cycle.
    """
    waiting = {node.id: len(graph.incoming(node.id)) for node in graph.nodes}
    ready = [graph.places[name] for name, count in waiting.items() if count == 0]
    found: list[Node] = []
    while ready:
        node = graph.nodes[heappop(ready)]
        found.append(node)
        for edge in graph.outgoing(node.id):
            waiting[edge.target] -= 1
            if waiting[edge.target] == 0:
                heappush(ready, graph.places[edge.target])
    return found


def groups(graph: Graph, nodes: Iterable[str]) -> list[set[str]]:
    """Return the groups of these nodes that edges connect, in the order of their first nodes."""
    left = set(nodes)
    found: list[set[str]] = []
    for node in graph.nodes:
        if node.id in left:
            found.append(_reached(graph, [node.id], back=True, forth=True) & left)
            left -= found[-1]
    return found


def loaded(graph: Graph) -> set[str]:
    """Return the ids of loaders and of all whose rows reach one."""
    return _reached(graph, [node.id for node in graph.of_kind(Kind.LOADER)], back=True)


def _reached(
    graph: Graph, starts: Iterable[str], *, back: bool = False, forth: bool = False
) -> set[str]:
    found = set(starts)
    waiting = deque(found)
    while waiting:
        name = waiting.popleft()
        near = [edge.source for edge in graph.incoming(name)] if back else []
        near += [edge.target for edge in graph.outgoing(name)] if forth else []
        waiting += (one for one in dict.fromkeys(near) if one not in found)
        found.update(near)
    return found
