"""A graph from JSON: the contract's shape, or one of those that its front ends send.

The contract has `{id, type, module, position, config}`; a canvas sends its nodes with all of that
inside of `data`, with `moduleName` or `moduleId`, and edges as `from` and `to`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConfigError
from pipelines.graph.findings import Code, Finding, ordered
from pipelines.graph.modules import module_of
from pipelines.graph.structure import structure
from pipelines.graph.values import Edge, Graph, Kind, Node

MOST_NODES = 1_000
MOST_EDGES = 5_000
_KINDS = {
    **dict.fromkeys(("extractor", "extractors", "extract", "source"), Kind.EXTRACTOR),
    **dict.fromkeys(("transformer", "transformers", "transform"), Kind.TRANSFORMER),
    **dict.fromkeys(("loader", "loaders", "load", "destination", "sink"), Kind.LOADER),
}
_MODULES = ("module", "moduleName", "moduleId", "module_name", "module_id")
_TYPES = ("type", "moduleType", "module_type")
_NAMES = ("name", "label")
# What is read from a node itself, then from its `data`.
_READ = {"id", "position", "config", "description", *_MODULES, *_TYPES, *_NAMES}
_ENDS = {"source": ("source", "from"), "target": ("target", "to")}
_HANDLES = {
    "source_handle": ("sourceHandle", "source_handle", "sourcePort"),
    "target_handle": ("targetHandle", "target_handle", "targetPort"),
}
_EDGE_READ = {name for names in (*_ENDS.values(), *_HANDLES.values()) for name in names}
# A node, and what a canvas put into its `data`.
Both = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Reading:
    """A graph as far as it could be read, and what is wrong with its structure."""

    graph: Graph
    findings: tuple[Finding, ...] = ()


def read_graph(given: object) -> Reading:
    """Read a graph; nodes and edges that cannot be are left out and told of."""
    if not isinstance(given, Mapping):
        return _refused("A graph is an object with `nodes` and `edges`", "")
    nodes, edges = given.get("nodes") or [], given.get("edges") or []
    for key, items, most in (("nodes", nodes, MOST_NODES), ("edges", edges, MOST_EDGES)):
        if not isinstance(items, Sequence) or isinstance(items, str):
            return _refused(f"`{key}` must be a list", key)
        if len(items) > most:
            return _refused(f"A graph has at most {most:,} {key}, not {len(items):,}", key)
    findings: list[Finding] = []
    read_nodes = [_node(item, f"nodes.{at}", findings) for at, item in enumerate(nodes)]
    kept = _distinct([node for node in read_nodes if node is not None], findings)
    known = {str(item["id"]) for item in nodes if isinstance(item, Mapping) and item.get("id")}
    read_edges = [_edge(item, f"edges.{at}", known, findings) for at, item in enumerate(edges)]
    ids = {node.id for node in kept}
    lasting = [one for one in read_edges if one and one.source in ids and one.target in ids]
    extras = {key: value for key, value in given.items() if key not in ("nodes", "edges")}
    graph = Graph(tuple(kept), tuple(lasting), extras)
    findings += structure(graph)
    return Reading(graph, tuple(ordered(findings, [node.id for node in kept])))


def _refused(message: str, path: str) -> Reading:
    return Reading(Graph(), (Finding(Code.BAD_GRAPH, message, path=path),))


def _node(given: object, path: str, findings: list[Finding]) -> Node | None:
    """Read one node; None where it has no id, type or module, or where there is no such module."""
    if not isinstance(given, Mapping):
        findings.append(Finding(Code.BAD_GRAPH, "A node is an object", path=path))
        return None
    inner = given.get("data")
    both: Both = (given, inner if isinstance(inner, Mapping) else {})
    name = given.get("id")
    id_ = str(name) if isinstance(name, str | int) and not isinstance(name, bool) else ""
    if not id_.strip():
        findings.append(Finding(Code.MISSING_ID, "A node needs an `id`", path=f"{path}.id"))
        return None
    spelled = [str(one) for one in _said(both, _MODULES)]
    kind = _kind(both, spelled)
    if kind is None:
        text = f"Node {id_!r} needs a `type`: extractor, transformer or loader"
        findings.append(Finding(Code.MISSING_TYPE, text, id_, f"{path}.type"))
    if not spelled:
        text = f"Node {id_!r} needs a `module`, such as postgres or filter"
        findings.append(Finding(Code.MISSING_MODULE, text, id_, f"{path}.module"))
    if kind is None or not spelled:
        return None
    module = _module(kind, spelled, id_, path, findings)
    config = _config(both, id_, path, findings)
    return None if module is None else _made(both, id_, kind, module, config)


def _made(
    both: Both,
    id_: str,
    kind: Kind,
    module: str,
    config: Mapping[str, Any],
) -> Node:
    given, data = both
    position = given.get("position")
    extras = {key: value for key, value in given.items() if key not in {*_READ, "data"}}
    rest = {key: value for key, value in data.items() if key not in _READ}
    return Node(
        id=id_,
        type=kind,
        module=module,
        name=_text(both, _NAMES),
        description=_text(both, ("description",)),
        config=config,
        position=position if isinstance(position, Mapping) else None,
        extras={**extras, "data": rest} if rest else extras,
    )


def _said(both: Both, keys: Sequence[str]) -> list[Any]:
    return [one[key] for one in both for key in keys if one.get(key) not in (None, "")]


def _text(both: Both, keys: Sequence[str]) -> str:
    return next((one for one in _said(both, keys) if isinstance(one, str)), "")


def _kind(both: Both, modules: list[str]) -> Kind | None:
    """Return what a node does, by its type or by the end of its module's name."""
    words = [str(one).strip().lower() for one in _said(both, _TYPES)]
    # A canvas has types of its own, such as `custom`; its modules tell.
    words += [module.rpartition("-")[2].lower() for module in modules]
    return next((_KINDS[word] for word in words if word in _KINDS), None)


def _module(
    kind: Kind, spelled: list[str], id_: str, path: str, findings: list[Finding]
) -> str | None:
    """Return the canonical name of the first spelling that is a module."""
    first: ConfigError | None = None
    for name in spelled:
        try:
            return module_of(kind, name).name
        except ConfigError as error:
            first = first or error
    assert first is not None
    text = f"Node {id_!r}: {first.message}"
    findings.append(Finding(Code.UNKNOWN_MODULE, text, id_, f"{path}.module"))
    return None


def _config(
    both: Both,
    id_: str,
    path: str,
    findings: list[Finding],
) -> Mapping[str, Any]:
    found: Any = next(iter(_said(both, ("config",))), {})
    if isinstance(found, Mapping):
        return found
    text = f"`config` of node {id_!r} must be an object"
    findings.append(Finding(Code.BAD_GRAPH, text, id_, f"{path}.config"))
    return {}


def _distinct(nodes: list[Node], findings: list[Finding]) -> list[Node]:
    kept: dict[str, Node] = {}
    for node in nodes:
        if node.id in kept:
            text = f"Two nodes have the id {node.id!r}; give one of them another"
            findings.append(Finding(Code.DOUBLED_ID, text, node.id, "nodes"))
        kept.setdefault(node.id, node)
    return list(kept.values())


def _edge(given: object, path: str, known: set[str], findings: list[Finding]) -> Edge | None:
    """Read one edge; None where it leads from or to nowhere."""
    if not isinstance(given, Mapping):
        findings.append(Finding(Code.BAD_GRAPH, "An edge is an object", path=path))
        return None
    ends = {name: _first(given, keys) for name, keys in _ENDS.items()}
    for name, end in ends.items():
        if end not in known:
            text = f"The edge has no `{name}`" if end is None else f"There is no node {end!r}"
            text += "; edges lead from the id of one node to the id of another"
            findings.append(Finding(Code.LOOSE_EDGE, text, path=f"{path}.{name}"))
    handles = {name: _first(given, keys) for name, keys in _HANDLES.items()}
    extras = {key: value for key, value in given.items() if key not in _EDGE_READ}
    source, target = ends["source"], ends["target"]
    if source is None or target is None:
        return None
    return Edge(source, target, handles["source_handle"], handles["target_handle"], extras)


def _first(given: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    found = (given[key] for key in keys if given.get(key) not in (None, ""))
    return next((str(one) for one in found), None)
