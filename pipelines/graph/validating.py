"""Everything that can be said of a graph before it runs, all at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.graph.edges import edge_faults
from pipelines.graph.filling import filled, misplaced, names_of
from pipelines.graph.findings import Code, Finding, errors, ordered
from pipelines.graph.flow import flow
from pipelines.graph.outside import Nowhere, World
from pipelines.graph.params import BUILT_IN, Params, settle
from pipelines.graph.reading import Reading
from pipelines.graph.settings import faults
from pipelines.graph.values import Graph, Kind

if TYPE_CHECKING:
    from pipelines.graph.flow import Outputs


@dataclass(frozen=True)
class Verdict:
    """What was found; `columns` by node and output, as far as they are known."""

    findings: tuple[Finding, ...]
    columns: "Mapping[str, Outputs]" = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether the graph can run."""
        return not errors(self.findings)


def validate(
    reading: Reading,
    world: World | None = None,
    params: Params | None = None,
) -> Verdict:
    """Judge a graph; without `params` those that it declares are taken, and need no values yet."""
    graph = reading.graph
    world = world or Nowhere()
    is_run = params is not None
    params = params or settle(graph.extras.get("params"), built_in={})
    findings = [*reading.findings, *_presence(graph), *edge_faults(graph)]
    findings += [one for one in params.findings if is_run or one.code is not Code.MISSING_PARAM]
    findings += _params(graph, params, is_run=is_run)
    samples = params.samples()
    configs: dict[str, dict[str, Any]] = {}
    for node in graph.nodes:
        config = filled(node, samples)
        found = list(faults(graph, node, config, world))
        findings += found
        if not errors(found):
            configs[node.id] = config
    columns: Mapping[str, Outputs] = {}
    if not any(one.code is Code.CYCLE for one in findings):
        followed = flow(graph, configs, world)
        findings += followed.findings
        columns = followed.columns
    return Verdict(tuple(ordered(findings, [node.id for node in graph.nodes])), columns)


def _presence(graph: Graph) -> Iterator[Finding]:
    """Yield what a pipeline lacks as a whole, and nodes that nobody can tell apart."""
    if not graph.nodes:
        yield Finding(Code.EMPTY_PIPELINE, "The pipeline has no nodes yet; add an extractor")
        return
    if not any(graph.of_kind(Kind.EXTRACTOR)):
        yield Finding(Code.MISSING_EXTRACTOR, "The pipeline reads nothing; add an extractor")
    if not any(graph.of_kind(Kind.LOADER)):
        yield Finding(Code.MISSING_LOADER, "The pipeline writes nothing; add a loader")
    # Where rows come from and go to says what extractors and loaders are for.
    for node in graph.of_kind(Kind.TRANSFORMER):
        if not node.description:
            path = graph.path_of(node.id, "description")
            text = f"Node {node.id!r} has no description"
            yield Finding(Code.NO_DESCRIPTION, text, node.id, path)


def _params(graph: Graph, params: Params, *, is_run: bool) -> Iterator[Finding]:
    """Yield names that nothing declares, names without a value, and values without a use."""
    used: set[str] = set()
    for node in graph.nodes:
        for name, path in names_of(node):
            used.add(name)
            place = graph.path_of(node.id, "config", path)
            if name not in params.known:
                known = ", ".join(f":{one}" for one in params.known)
                text = (
                    f"Node {node.id!r} names :{name}, which is no param; declare it, give it a "
                    f"default, or use one of {known}"
                )
                yield Finding(Code.UNKNOWN_PARAM, text, node.id, place)
            elif (name, path) in set(misplaced(node)):
                text = (
                    f"Node {node.id!r} names :{name} in the host or bucket of a URL, where no value "
                    "goes; put it into the path below"
                )
                yield Finding(Code.BAD_PARAM, text, node.id, place)
            elif is_run and name not in params.values:
                text = f"Node {node.id!r} needs a value for the param :{name}; give it one"
                yield Finding(Code.MISSING_PARAM, text, node.id, place)
    for name in sorted(params.values.keys() - used):
        if name not in BUILT_IN:
            text = f"No node uses the param {name!r}"
            yield Finding(Code.UNUSED_PARAM, text, path=f"params.{name}")
