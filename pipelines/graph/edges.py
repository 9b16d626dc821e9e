"""Which edge feeds which input, and what is wrong with edges."""

from collections import Counter
from collections.abc import Iterator, Sequence

from pipelines.graph.findings import Code, Finding
from pipelines.graph.modules import transformer_of
from pipelines.graph.structure import loaded
from pipelines.graph.values import Edge, Graph, Kind, Node

# A join says so which of its inputs is the right one, and a list names all in their order.
_RIGHT = ("right_dataset", "right")


def input_names(node: Node) -> tuple[str, ...] | None:
    """Return the names of a node's inputs; None where it takes any number."""
    if node.type is Kind.TRANSFORMER:
        return transformer_of(node.module).inputs
    return ("input",) if node.type is Kind.LOADER else ()


def inputs_of(graph: Graph, node: Node) -> list[Edge]:
    """Return the edges that feed a node, in the order of its inputs.

    An edge's handle names its input; so does the config, by the ids of nodes; the rest follow in
    the order of the graph.
    """
    edges = graph.incoming(node.id)
    names = input_names(node) or ()
    slots: dict[int, Edge] = {}
    said = _said(node, len(names))
    for edge in edges:
        place = names.index(edge.target_handle) if edge.target_handle in names else None
        place = said.get(edge.source) if place is None else place
        if place is not None and place not in slots:
            slots[place] = edge
    rest = [edge for edge in edges if not any(edge is one for one in slots.values())]
    ordered: list[Edge] = []
    while slots or rest:
        # An input that nothing feeds is told of elsewhere; what follows moves up.
        at = len(ordered)
        taken = slots.pop(at, None) or (rest.pop(0) if rest else slots.pop(min(slots)))
        ordered.append(taken)
    return ordered


def _said(node: Node, count: int) -> dict[str, int]:
    listed = node.config.get("inputs")
    if isinstance(listed, Sequence) and not isinstance(listed, str):
        return {str(name): at for at, name in enumerate(listed)}
    right = next((node.config[key] for key in _RIGHT if isinstance(node.config.get(key), str)), "")
    return {right: count - 1} if right and count > 1 else {}


def edge_faults(graph: Graph) -> Iterator[Finding]:
    """Yield edges that cannot be, inputs that nothing feeds, and nodes whose rows go nowhere."""
    for edge, count in Counter(map(_ends, graph.edges)).items():
        if count > 1:
            text = f"Two edges lead from {edge[0]!r} to {edge[1]!r}; remove one of them"
            yield Finding(Code.WRONG_EDGE, text, edge[1], graph.path_of(edge[1]))
    reached = loaded(graph)
    for node in graph.nodes:
        yield from _of_node(graph, node)
        if node.id not in reached:
            text = f"The rows of node {node.id!r} reach no loader, so it does not run"
            yield Finding(Code.UNREACHABLE_NODE, text, node.id, graph.path_of(node.id))


def _ends(edge: Edge) -> tuple[str, str, str | None, str | None]:
    return edge.source, edge.target, edge.source_handle, edge.target_handle


def _of_node(graph: Graph, node: Node) -> Iterator[Finding]:
    names, count, path = input_names(node), len(graph.incoming(node.id)), graph.path_of(node.id)
    if node.type is Kind.LOADER and graph.outgoing(node.id):
        text = f"Loader {node.id!r} gives no rows, so no edge can lead away from it"
        yield Finding(Code.WRONG_EDGE, text, node.id, path)
    if node.type is Kind.EXTRACTOR and count:
        text = f"Extractor {node.id!r} takes no rows, so no edge can lead to it"
        yield Finding(Code.WRONG_EDGE, text, node.id, path)
    elif names is not None and count > len(names):
        wanted = "one input" if len(names) == 1 else f"{len(names)} inputs ({', '.join(names)})"
        text = f"Node {node.id!r} takes {wanted}, and {count} edges lead to it; remove some"
        yield Finding(Code.WRONG_EDGE, text, node.id, path)
    elif count < (1 if names is None else len(names)):
        free = "an input" if names is None else " and ".join((names or ("input",))[count:])
        text = f"Nothing feeds {free} of node {node.id!r}; draw an edge to it"
        yield Finding(Code.UNCONNECTED_INPUT, text, node.id, path)
