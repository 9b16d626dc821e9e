"""The formats of data models, one module or package each, found by their names.

A format is a module with `TITLE`, `SUFFIXES`, `MEDIA_TYPE` and one or both of
`parse(text) -> Parsed` and `render(document) -> str`; some take keyword-only options.
"""

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent


@cache
def _modules() -> Mapping[str, str]:
    """Map names of formats to names of modules, without importing any."""
    files = {path.stem for path in HERE.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in HERE.glob("*/__init__.py")} - {"tests"}
    return {name: f"{__name__}.{name}" for name in sorted(files | packages)}


def names() -> list[str]:
    """Return the names of all formats, sorted."""
    return list(_modules())


def format_named(name: str) -> ModuleType:
    """Return the format of that name; KeyError with the known ones."""
    if name not in _modules():
        raise KeyError(f"Unknown format {name!r}; known: {', '.join(names())}")
    return importlib.import_module(_modules()[name])
