"""Which columns of which types pass each node, known without a row.

Each transformer is applied to empty frames of its inputs' columns, made anew for each node: one
growing query would be resolved from its beginning at every node.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import registry
from connectors.base import Destination, Transformer, WriteOptions
from connectors.configuration import validate
from connectors.errors import MillraceError, UnknownColumn
from pipelines.graph.edges import input_names, inputs_of
from pipelines.graph.findings import Code, Finding
from pipelines.graph.outside import World
from pipelines.graph.settings import configuration, transformer
from pipelines.graph.structure import in_order
from pipelines.graph.values import Edge, Graph, Kind, Node

if TYPE_CHECKING:
    import polars as pl

    Schema = Mapping[str, pl.DataType]
    # By the name of an output, "" where there is one without a name.
    Outputs = Mapping[str, Schema]


@dataclass
class Flow:
    """The columns that come out of each node (of a loader: that go in), as far as known."""

    columns: "dict[str, Outputs]" = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    # Making an empty frame takes as long as applying a transformer, and many have the same columns.
    _empty: "dict[tuple[Any, ...], pl.LazyFrame]" = field(default_factory=dict)

    def empty(self, schema: "Schema") -> "pl.LazyFrame":
        """Return a frame without rows in these columns."""
        import polars as pl

        key = tuple(schema.items())
        if key not in self._empty:
            self._empty[key] = pl.LazyFrame(schema=dict(schema))
        return self._empty[key]


def flow(graph: Graph, configs: Mapping[str, Mapping[str, Any]], world: World) -> Flow:
    """Follow the columns through the nodes whose settings (`configs`, by id) are right."""
    found = Flow()
    for node in in_order(graph):
        if node.id not in configs:
            continue
        if node.type is Kind.EXTRACTOR:
            schema = world.columns_of(node)
            if schema is not None:
                found.columns[node.id] = {"": _chosen(schema, configs[node.id])}
            continue
        known = [_schema(found, graph, edge) for edge in inputs_of(graph, node)]
        inputs = [schema for schema in known if schema is not None]
        names = input_names(node)
        if not inputs or len(inputs) < len(known) or len(known) != len(names or known):
            continue
        if node.type is Kind.LOADER:
            found.columns[node.id] = {"": inputs[0]}
            found.findings += _refused(graph, node, configs[node.id], inputs[0])
        else:
            _apply(found, graph, node, transformer(node, configs[node.id]), inputs)
    return found


def _chosen(schema: "Schema", config: Mapping[str, Any]) -> "Schema":
    """Return the columns that a source is asked for; it tells of unknown ones itself."""
    chosen = config.get("columns")
    if not isinstance(chosen, list | tuple) or any(name not in schema for name in chosen):
        return schema
    return {name: schema[name] for name in chosen} or schema


def _schema(found: Flow, graph: Graph, edge: Edge) -> "Schema | None":
    """Return the columns that an edge carries; an output that is not there is told of."""
    outputs = found.columns.get(edge.source)
    if outputs is None:
        return None
    if "" in outputs:
        # A front end may name the one output as it likes.
        return outputs[""]
    if (edge.source_handle or "") in outputs:
        return outputs[edge.source_handle or ""]
    text = (
        f"The edge from {edge.source!r} to {edge.target!r} must name an output of it as "
        f"`sourceHandle`: {', '.join(outputs)}"
    )
    found.findings.append(Finding(Code.WRONG_EDGE, text, edge.target, graph.path_of(edge.target)))
    return None


def _apply(
    found: Flow, graph: Graph, node: Node, plugin: Transformer, inputs: "list[Schema]"
) -> None:
    import narwhals as nw
    import polars as pl

    path = graph.path_of(node.id, "config")
    try:
        result = plugin.apply(*(nw.from_native(found.empty(one)) for one in inputs))
        frames = result if isinstance(result, dict) else {"": result}
        found.columns[node.id] = {
            name: dict(frame.to_native().collect_schema()) for name, frame in frames.items()
        }
    except MillraceError as error:
        code = Code.UNKNOWN_COLUMN if isinstance(error, UnknownColumn) else Code.BAD_COLUMN
        place = f"{path}.{error.field}" if error.field else path
        text = f"Node {node.id!r}: {error.message}"
        found.findings.append(Finding(code, text, node.id, place))
    except (pl.exceptions.PolarsError, nw.exceptions.NarwhalsError, TypeError) as error:
        text = f"Node {node.id!r} cannot work on these columns: {str(error).splitlines()[0]}"
        found.findings.append(Finding(Code.BAD_COLUMN, text, node.id, path))


def _refused(
    graph: Graph, node: Node, config: Mapping[str, Any], schema: "Schema"
) -> Iterator[Finding]:
    """Yield the columns that a loader cannot hold, and keys that are not there."""
    plugin = registry.destination(node.module)
    assert issubclass(plugin, Destination)
    options = validate(plugin.WriteOptions, configuration(node, config).options)
    assert isinstance(options, WriteOptions)
    for name in options.key:
        if name not in schema:
            text = f"Node {node.id!r}: There is no column {name!r}; there are: {', '.join(schema)}"
            place = graph.path_of(node.id, "config", "key")
            yield Finding(Code.UNKNOWN_COLUMN, text, node.id, place)
    for name, dtype in schema.items():
        try:
            plugin.require_type(name, dtype)
        except MillraceError as error:
            text = f"Node {node.id!r}: {error.message}"
            yield Finding(Code.BAD_COLUMN, text, node.id, graph.path_of(node.id, "config"))
