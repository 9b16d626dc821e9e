"""Which edges of a directed graph lie on a circle: those inside a strongly connected component."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

Edge = TypeVar("Edge", bound=Hashable)
Node = TypeVar("Node", bound=Hashable)


def circular(edges: Iterable[tuple[Edge, Node, Node]]) -> set[Edge]:
    """Return the edges, of (id, source, target), that lie on a circle; one from a node to itself does.

    An edge does if both of its ends are in one strongly connected component. Takes time in
    proportion to the edges, and no recursion, so a long chain is no danger.
    """
    known = list(edges)
    targets: dict[Node, list[Node]] = defaultdict(list)
    for _, source, target in known:
        targets[source].append(target)
    component: dict[Node, int] = {}
    for number, members in enumerate(_components(targets)):
        component |= dict.fromkeys(members, number)
    return {edge for edge, source, target in known if component[source] == component[target]}


def _components(targets: dict[Node, list[Node]]) -> Iterator[list[Node]]:
    """Yield the strongly connected components, after Tarjan, with a stack of its own."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    open_nodes: list[Node] = []
    is_open: set[Node] = set()
    for root in list(targets):
        # What is to be looked at: a node, and how far its targets have been followed.
        path: list[tuple[Node, Iterator[Node]]] = [] if root in index else [(root, iter(()))]
        while path:
            node, rest = path[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                open_nodes.append(node)
                is_open.add(node)
                rest = iter(targets.get(node, ()))
                path[-1] = (node, rest)
            target = next((one for one in rest if one not in index or one in is_open), None)
            if target is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    yield _closed(open_nodes, is_open, node)
            elif target in index:
                low[node] = min(low[node], index[target])
            else:
                path.append((target, iter(())))


def _closed(open_nodes: list[Node], is_open: set[Node], root: Node) -> list[Node]:
    """Take the component of a root from the stack."""
    members: list[Node] = []
    while not members or members[-1] != root:
        members.append(open_nodes.pop())
    is_open.difference_update(members)
    return members
