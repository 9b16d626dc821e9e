"""Bodies as they are sent: in JSON every value is of the type that the OpenAPI document names."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

# What DRF would bend into shape ("5" to 5, 1 to "1", "yes" to true), and what is asked for instead.
WANTED: list[tuple[tuple[type[serializers.Field], ...], tuple[type, ...], str]] = [
    (
        (
            serializers.CharField,
            serializers.UUIDField,
            serializers.DateTimeField,
            serializers.ChoiceField,
        ),
        (str,),
        "must be a text",
    ),
    ((serializers.BooleanField,), (bool,), "must be a boolean: true or false"),
    ((serializers.IntegerField,), (int,), "must be a whole number"),
    ((serializers.FloatField,), (int, float), "must be a number"),
]

# What can be shown in one line: something that is not a space, and no character of control.
LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"


class Line(serializers.RegexField):
    """A text of one line, such as a name; spaces around it are taken away."""

    default_error_messages = {"invalid": "must be one line of text"}

    def __init__(self, **options: Any) -> None:
        super().__init__(LINE, **options)


class Body(serializers.Serializer[Any]):
    """What a route takes; a form's values are texts, those of JSON are what they look like."""

    one_of: tuple[str, ...] = ()
    """Texts of which one has to be there; the OpenAPI document tells it, `validate` demands it."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the fields' values; ValidationError names those of a wrong type."""
        if isinstance(data, Mapping) and not isinstance(data, QueryDict):
            faults = {
                name: [reason]
                for name, field in self.fields.items()
                if (reason := _fault(field, data.get(name)))
            }
            if faults:
                raise ValidationError(faults)
        return super().to_internal_value(data)


def _fault(field: serializers.Field[Any, Any, Any, Any], value: Any) -> str:
    """Return what is wrong with a value's type; empty if nothing is."""
    if value is None or field.read_only:
        return ""
    for kinds, types, reason in WANTED:
        if isinstance(field, kinds):
            return "" if _is_a(value, types) else reason
    return ""


def _is_a(value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    # In JSON 1.0 is a whole number.
    if isinstance(value, float) and int in types:
        return value.is_integer()
    return isinstance(value, types)
