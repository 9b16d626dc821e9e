"""A row of another kind that a body names, by its number or its UUID."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.api.routing import MOST_DIGITS, identity

SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": 10**MOST_DIGITS - 1},
        {"type": "string", "format": "uuid"},
    ]
}


@extend_schema_field(SCHEMA)
class Reference(serializers.Field[Any, Any, Any, Any]):
    """How to look up the row: `{"pk": 7}` or `{"uuid": …}`; in a text a number will do as well."""

    default_error_messages: ClassVar[dict[str, str]] = {"wrong": "must be a number or a UUID"}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the look-up; anything that is neither a number nor a UUID is refused."""
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("wrong")
        try:
            return identity(str(data))
        except ValidationError:
            self.fail("wrong")

    def to_representation(self, value: Any) -> Any:
        """Return the number or UUID as it is."""
        return value
