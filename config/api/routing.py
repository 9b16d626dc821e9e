"""Paths as the contracts write them, and the same with a slash at the end."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path


def both(
    route: str, view: Callable[..., HttpResponseBase | Any], *, name: str | None = None
) -> list[URLPattern]:
    """Return the route (`jobs/<id>`, no slash at its ends) without and with a trailing slash.

    Two routes and no redirect: a redirect would lose the body of a POST.
    """
    return [path(route, view, name=name), path(f"{route}/", view)]
