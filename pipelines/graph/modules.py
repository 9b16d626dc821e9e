"""Modules are plug-ins of the registry, by the names that the front ends have for them."""

from functools import cache

from connectors import registry
from connectors.base import Connector, Destination, Plugin, Source, Transformer
from connectors.errors import ConfigError
from pipelines.graph.values import Kind

_ROLES: dict[Kind, type[Connector]] = {Kind.EXTRACTOR: Source, Kind.LOADER: Destination}


@cache
def module_of(kind: Kind, name: str) -> type[Plugin]:
    """Return the plug-in of a module; ConfigError names those there are.

    `postgres-extractor` is `postgres` and `fill-null-transformer` is `fill_null`, whether or not
    the plug-in lists such an alias.
    """
    plain = name.strip().removesuffix(f"-{kind.value}").removesuffix(f"_{kind.value}")
    for spelling in (name, plain, plain.replace("-", "_"), plain.replace("_", "-")):
        try:
            return _found(kind, spelling)
        except ConfigError:
            continue
    known = ", ".join(names_of(kind))
    raise ConfigError(f"There is no {kind.value} {name!r}; there are: {known}", field="module")


@cache
def names_of(kind: Kind) -> tuple[str, ...]:
    """Return the canonical names of all modules of a kind, sorted."""
    if kind is Kind.TRANSFORMER:
        return tuple(registry.names("transformers"))
    role = _ROLES[kind]
    return tuple(name for name in registry.names() if issubclass(registry.connector(name), role))


def transformer_of(name: str) -> type[Transformer]:
    """Return the transformer of a node."""
    plugin = module_of(Kind.TRANSFORMER, name)
    assert issubclass(plugin, Transformer)
    return plugin


def _found(kind: Kind, name: str) -> type[Plugin]:
    if kind is Kind.TRANSFORMER:
        return registry.transformer(name)
    return registry.source(name) if kind is Kind.EXTRACTOR else registry.destination(name)
