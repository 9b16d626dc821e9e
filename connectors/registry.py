"""Finding plug-ins: a folder is scanned, a file is imported when its plug-in is first needed."""

import importlib
import inspect
from functools import cache
from pathlib import Path

from connectors.base import Connector, Destination, Plugin, Source, Transformer
from connectors.errors import ConfigError

HERE = Path(__file__).parent


@cache
def _files(folder: str) -> dict[str, str]:
    """Map canonical names to module names, without importing anything."""
    names = sorted(path.stem for path in (HERE / folder).glob("*.py") if path.stem != "__init__")
    return {name: f"connectors.{folder}.{name}" for name in names}


@cache
def _load(folder: str, name: str) -> type[Plugin]:
    module = importlib.import_module(_files(folder)[name])
    found = [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Plugin) and member.__module__ == module.__name__
    ]
    plugins = [plugin for plugin in found if not inspect.isabstract(plugin)]
    if len(plugins) != 1:
        raise RuntimeError(f"{module.__name__} must define exactly one plug-in, not {len(plugins)}")
    return plugins[0]


@cache
def _aliases(folder: str) -> dict[str, str]:
    """Map every spelling of every plug-in to its canonical name."""
    spellings = {name: name for name in _files(folder)}
    for name in _files(folder):
        for alias in _load(folder, name).aliases:
            spellings.setdefault(alias, name)
    return spellings


def names(folder: str = "library") -> list[str]:
    """Return the canonical names of all plug-ins of a folder, sorted."""
    return list(_files(folder))


def _find(folder: str, kind: str, name: str) -> type[Plugin]:
    if name in _files(folder):
        return _load(folder, name)
    if name in _aliases(folder):
        return _load(folder, _aliases(folder)[name])
    known = ", ".join(_files(folder))
    raise ConfigError(f"Unknown {kind} {name!r}; known: {known}", field="type")


def connector(name: str) -> type[Connector]:
    """Return the connector of that name or alias, or raise ConfigError with the known ones."""
    plugin = _find("library", "connector", name)
    assert issubclass(plugin, Connector)
    return plugin


def _of_role(role: type[Connector], verb: str, name: str) -> type[Connector]:
    plugin = connector(name)
    if issubclass(plugin, role):
        return plugin
    known = [other for other in names() if issubclass(connector(other), role)]
    raise ConfigError(f"{name!r} cannot be {verb}; known: {', '.join(known)}", field="type")


def source(name: str) -> type[Source]:
    """Return the connector of that name as something that can be read."""
    plugin = _of_role(Source, "read", name)
    assert issubclass(plugin, Source)
    return plugin


def destination(name: str) -> type[Destination]:
    """Return the connector of that name as something that can be written."""
    plugin = _of_role(Destination, "written", name)
    assert issubclass(plugin, Destination)
    return plugin


def transformer(name: str) -> type[Transformer]:
    """Return the transformer of that name or alias."""
    plugin = _find("transformers", "transformer", name)
    assert issubclass(plugin, Transformer)
    return plugin
