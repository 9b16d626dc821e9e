"""Every route of the platform, as the URL map has it: what the table is held against."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from config.asgi import routes

# Methods that every view has and that change and tell nothing.
PLAIN = {"options", "head"}
# Pages of their own, whose doors `test_admin.py` tries.
ADMIN = "/admin"


def spelled(route: str) -> str:
    """Return a route as the table writes it: `/jobs/{job}`, without a slash at its end."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).strip("/")


def views() -> Iterator[tuple[str, Any]]:
    """Yield every route that is no admin page, with its view's class."""
    for route, callback in _walk(get_resolver().url_patterns):
        path = spelled(route)
        if path != ADMIN and not path.startswith(f"{ADMIN}/"):
            yield path, getattr(callback, "cls", None) or getattr(callback, "view_class", None)


def operations() -> set[tuple[str, str]]:
    """Return every method of every route, such as ("GET", "/jobs/{job}")."""
    found = set()
    for path, view in views():
        assert view is not None, f"{path} is no class; say here how its methods are told"
        implemented = {name for name in view.http_method_names if hasattr(view, name)}
        found |= {(name.upper(), path) for name in implemented - PLAIN}
    return found


def sockets() -> dict[str, Any]:
    """Return every route of a socket, with its consumer's class."""
    return {
        spelled(str(route.pattern)): route.callback.consumer_class
        for route in routes
        if hasattr(route.callback, "consumer_class")
    }


def _walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern.callback
