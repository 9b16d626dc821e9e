r"""Values of params in the settings of a node: bound in a source's SQL, put into other texts.

In a text, `:name` counts at the start and behind spaces and `/ = , ( - . _ ' "`; `\:name` is itself.
A text that is nothing but `:name` becomes the value with its type. Of the settings that say how to
reach a system only paths take values, and of a URL only what lies below its host or bucket.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.base import Connector, Source, Transformer
from connectors.configuration import spellings
from connectors.sql.options import TableReadOptions
from connectors.sql.parameters import (
    DUCKDB,
    POSTGRES,
    SQLITE,
    Dialect,
    Value,
    encoded,
    mysql,
    names_in,
)
from pipelines.graph.modules import module_of
from pipelines.graph.params import plain
from pipelines.graph.values import Kind, Node

_DIALECTS: dict[str, Dialect] = {
    "postgres": POSTGRES,
    "mysql": mysql(),
    "duckdb": DUCKDB,
    "sqlite": SQLITE,
}
_IN_TEXT = re.compile(r"(?:^|(?<=[\s/=,(\-._'\"])):([A-Za-z_]\w*)|\\(:[A-Za-z_])")
# What is a program of its own, or names something, is left as it is.
_LEFT = frozenset({"code", "query", "expression", "connection_id", "type", "params"})
_PATHS = frozenset({"path", "db_path"})
_ROOT = re.compile(r"[a-z0-9+]+://[^/]*/?", re.IGNORECASE)


def names_of(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the params that a node names, each with the path in its config."""
    dialect = _dialect(node)
    query = node.config.get("query")
    if dialect is not None and isinstance(query, str):
        yield from ((place.name, "query") for place in names_in(query, dialect))
    found: list[tuple[str, str]] = []

    def note(text: str, path: str) -> Any:
        found.extend((match[1], path) for match in _IN_TEXT.finditer(text) if match[1])

    _changed(_texts(node), note, "")
    yield from found


def misplaced(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the params in the host or bucket of a URL, where no value goes, with their paths."""
    found: list[tuple[str, str]] = []

    def note(text: str, path: str) -> Any:
        root = _ROOT.match(text)
        found.extend((one[1], path) for one in _IN_TEXT.finditer(root[0] if root else "") if one[1])

    _changed(_texts(node), note, "")
    yield from found


def filled(node: Node, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the config of a node with the values of the params that it names."""
    config = dict(node.config)

    def fill(text: str, _path: str) -> Any:
        return _filled(text, values)

    config.update(_changed(_texts(node), fill, ""))
    dialect = _dialect(node)
    query = config.get("query")
    if dialect is not None and isinstance(query, str):
        names = {place.name for place in names_in(query, dialect)} & values.keys()
        bound = {name: encoded(values[name]) for name in sorted(names)}
        if bound:
            config["params"] = {**(config.get("params") or {}), **bound}
    return config


def _filled(text: str, values: Mapping[str, Value]) -> Any:
    root = _ROOT.match(text)
    start = root.end() if root else 0
    whole = _IN_TEXT.fullmatch(text)
    if whole and whole[1] in values:
        return plain(values[whole[1]])

    def said(match: re.Match[str]) -> str:
        if match[2]:
            return match[2]
        return str(plain(values[match[1]])) if match[1] in values else match[0]

    return text[:start] + _IN_TEXT.sub(said, text[start:])


def _dialect(node: Node) -> Dialect | None:
    """Return how the query of a source of tables is read, None where there is none."""
    plugin = module_of(node.type, node.module)
    if node.type is not Kind.EXTRACTOR or not issubclass(plugin, Source):
        return None
    is_sql = issubclass(plugin.ReadOptions, TableReadOptions)
    return _DIALECTS.get(plugin.name) if is_sql else None


def _texts(node: Node) -> dict[str, Any]:
    """Return the part of a config whose texts take values."""
    plugin = module_of(node.type, node.module)
    closed = set(_LEFT)
    if issubclass(plugin, Connector) and not issubclass(plugin, Transformer):
        fields = spellings(plugin.Settings)
        closed |= {key for key, name in fields.items() if name not in _PATHS}
    return {key: value for key, value in node.config.items() if key not in closed}


def _changed(value: Any, change: Callable[[str, str], Any], path: str) -> Any:
    if isinstance(value, str):
        return change(value, path)
    if isinstance(value, Mapping):
        return {key: _changed(one, change, _below(path, key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_changed(one, change, _below(path, at)) for at, one in enumerate(value)]
    return value


def _below(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
