"""The settings of one node: judged against its module's models, all faults at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors import registry
from connectors.base import Connector, Destination, Source, Transformer, WriteMode
from connectors.configuration import Configuration, Role, spellings, split
from connectors.errors import ConfigError
from connectors.files.destination import FileDestination
from pipelines.graph.findings import Code, Finding
from pipelines.graph.modules import module_of, transformer_of
from pipelines.graph.outside import World
from pipelines.graph.values import Graph, Kind, Node

_ROLES: dict[Kind, Role] = {Kind.EXTRACTOR: "source", Kind.LOADER: "destination"}


def configuration(node: Node, config: Mapping[str, Any]) -> Configuration:
    """Split the config of an extractor or loader; ConfigError names the first field at fault."""
    flat = {**_with_mode(node, config), "type": node.module}
    return split(flat, _ROLES[node.type])


def transformer(node: Node, config: Mapping[str, Any]) -> Transformer:
    """Return the transformer of a node whose settings were found to be right."""
    plugin = transformer_of(node.module)
    return plugin(plugin.Config.model_validate(dict(config)))


def faults(graph: Graph, node: Node, config: Mapping[str, Any], world: World) -> Iterator[Finding]:
    """Yield what is wrong with a node's settings, and with the connection that it names."""
    plugin = module_of(node.type, node.module)
    if issubclass(plugin, Transformer):
        yield from _of_model(graph, node, plugin.Config, config)
        return
    assert issubclass(plugin, Connector)
    flat = {key: value for key, value in config.items() if key != "type"}
    connection = flat.pop("connection_id", None)
    settings, options = spellings(plugin.Settings), spellings(_options(plugin, node.type))
    found = [
        *_unknown(graph, node, plugin, [key for key in flat if key not in {*settings, *options}]),
        *_of_model(graph, node, _options(plugin, node.type), _only(flat, options)),
    ]
    if connection is None:
        found += _of_model(graph, node, plugin.Settings, _only(flat, settings))
    else:
        found += _of_connection(graph, node, str(connection), world)
    if not found:
        try:
            configuration(node, config)
        except ConfigError as error:
            found.append(_finding(graph, node, Code.BAD_SETTING, error.field or "", error.message))
    yield from found


def _with_mode(node: Node, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say that a loader of files replaces, unless it says otherwise; tables are added to."""
    plugin = module_of(node.type, node.module)
    if node.type is not Kind.LOADER or not issubclass(plugin, FileDestination):
        return config
    names = spellings(plugin.WriteOptions)
    is_said = any(names.get(key) == "mode" for key in config)
    return config if is_said else {**config, "mode": WriteMode.REPLACE.value}


def _options(plugin: type[Connector], kind: Kind) -> type[BaseModel]:
    if kind is Kind.EXTRACTOR:
        assert issubclass(plugin, Source)
        return plugin.ReadOptions
    assert issubclass(plugin, Destination)
    return plugin.WriteOptions


def _only(flat: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for key, value in flat.items() if key in known}


def _unknown(
    graph: Graph, node: Node, plugin: type[Connector], keys: list[str]
) -> Iterator[Finding]:
    known = sorted({*spellings(plugin.Settings), *spellings(_options(plugin, node.type))})
    for key in keys:
        text = f"{plugin.name} does not know the setting {key!r}; known: {', '.join(known)}"
        yield _finding(graph, node, Code.BAD_SETTING, key, text)


def _of_model(
    graph: Graph, node: Node, model: type[BaseModel], values: Mapping[str, Any]
) -> Iterator[Finding]:
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            path = ".".join(str(piece) for piece in fault["loc"])
            is_missing = fault["type"] == "missing"
            text = fault["msg"].removeprefix("Value error, ")
            said = f"`{path}` is missing" if is_missing else f"{path}: {text}" if path else text
            code = Code.MISSING_SETTING if is_missing else Code.BAD_SETTING
            yield _finding(graph, node, code, path, said)


def _of_connection(graph: Graph, node: Node, name: str, world: World) -> Iterator[Finding]:
    saved = world.connection(name)
    code = Code.UNKNOWN_CONNECTION
    if saved is None:
        text = f"There is no connection {name!r} in this project; choose or create one"
    elif not saved.may_use:
        code, text = Code.FORBIDDEN_CONNECTION, f"You may not use the connection {name!r}"
    elif registry.connector(saved.connector).name != node.module:
        code = Code.BAD_SETTING
        text = f"The connection is one of {saved.connector}, not of {node.module}; choose another"
    else:
        return
    yield _finding(graph, node, code, "connection_id", text)


def _finding(graph: Graph, node: Node, code: Code, path: str, text: str) -> Finding:
    place = graph.path_of(node.id, *(["config", path] if path else ["config"]))
    return Finding(code, f"Node {node.id!r}: {text}", node.id, place)
