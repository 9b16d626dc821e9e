"""How a serializer shows an example of itself."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

Shown = TypeVar("Shown", bound=type)


def shows(value: Mapping[str, Any]) -> Callable[[Shown], Shown]:
    """Say what a serializer's data looks like; every operation that uses it shows this."""
    return extend_schema_serializer(examples=[OpenApiExample("Millrace", value=value)])
