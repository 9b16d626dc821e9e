"""Paths as the contracts write them, and the same with a slash at the end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter
from rest_framework.exceptions import ValidationError

UUID_LENGTH = 36
# Below the largest bigint, so that every database can be asked.
MOST_DIGITS = 18


class IdConverter(StringConverter):
    """`<id:job>` in a route: a row's number or its UUID; `identity` judges it, with a 400."""


register_converter(IdConverter, "id")


def identity(text: str) -> dict[str, Any]:
    """Return how to look up a row by the id in a path: a number or a UUID, anything else is 400."""
    if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS:
        return {"pk": int(text)}
    try:
        return {"uuid": UUID(text)}
    except ValueError:
        told = text if len(text) <= UUID_LENGTH else f"{text[:UUID_LENGTH]}…"
        raise ValidationError({"id": f"id {told!r} is neither a number nor a UUID"}) from None


def both(
    route: str, view: Callable[..., HttpResponseBase | Any], *, name: str | None = None
) -> list[URLPattern]:
    """Return the route (`jobs/<id>`, no slash at its ends) without and with a trailing slash.

    Two routes and no redirect: a redirect would lose the body of a POST.
    """
    return [path(route, view, name=name), path(f"{route}/", view)]
