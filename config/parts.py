"""The apps from the ground up, and the modules that they bring by having a file of that name."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

APPS = ("accounts", "connectors", "jobs", "pipelines", "modelling")


def modules(name: str) -> list[ModuleType]:
    """Return the modules of this name, such as urls or routing, of every app that has one."""
    return [import_module(f"{app}.{name}") for app in APPS if find_spec(f"{app}.{name}")]
