"""What /openapi.json says of one operation: read from its view, as far as rules reach."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework.serializers import ListSerializer, ModelSerializer

from config.api.limits import LIMITED
from config.api.schema import answers

VERBS = {"GET": "get", "POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}
OPEN_MODE = "Needs no token in open mode (`OPEN_ACCESS`), where a built-in local user acts."


class Operation(AutoSchema):
    """Reads an operation; a view needs to say only what is its own.

    By rule: the summary is the docstring's first sentence, the id a verb and the view's name, the
    errors follow from what is taken (`answers.expected`), the headers from the status.
    """

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> dict[str, Any] | None:
        """Return the operation with every error that it may answer, and the headers."""
        operation: dict[str, Any] | None = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation is None:
            return None
        if self._is_open():
            text = operation.get("description", "")
            operation["description"] = f"{text}\n\n{OPEN_MODE}".strip()
        responses = operation["responses"]
        for status, response in responses.items():
            response["description"] = response["description"] or "Done"
            named = answers.headers(int(status), *self._own_headers(int(status)))
            response["headers"] = {**named, **response.get("headers", {})}
        for status in answers.expected(operation, added=self._declared()):
            responses.setdefault(str(status), answers.reference(status))
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_operation_id(self) -> str:
        """Return a verb and what it is about, such as `getJob` of the view `Job`."""
        verb = "list" if self.method == "GET" and self._is_list_view() else VERBS[self.method]
        return verb + type(self.view).__name__.removesuffix("View")

    def get_summary(self) -> str | None:
        """Return the first sentence of the docstring."""
        first = self.get_description().partition("\n")[0]
        return first.rstrip(".") or None

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the ways to say who one is; that open mode asks for none is told in words."""
        ways: list[dict[str, Any]] = super().get_auth()
        named = [way for way in ways if way]
        return named or ways

    def get_paginated_name(self, serializer_name: str) -> str:
        """Return what a page of these is called."""
        return f"{serializer_name}List"

    def _map_serializer_field(self, field: Any, *how: Any, **more: Any) -> dict[str, Any]:
        """Return a field's schema; of a list of objects also how long it may be."""
        schema: dict[str, Any] = super()._map_serializer_field(field, *how, **more)
        if isinstance(field, ListSerializer) and schema.get("type") == "array":
            limits = {"minItems": field.min_length, "maxItems": field.max_length}
            schema |= {name: limit for name, limit in limits.items() if limit is not None}
        return schema

    def _postprocess_serializer_schema(
        self, schema: dict[str, Any], serializer: Any, direction: str
    ) -> dict[str, Any]:
        """Return a serializer's schema; what is made from a row has all of its keys."""
        told: dict[str, Any] = super()._postprocess_serializer_schema(schema, serializer, direction)
        if direction == "response" and isinstance(serializer, ModelSerializer):
            told["required"] = sorted(told.get("properties", {}))
        if direction == "request" and (names := getattr(serializer, "one_of", ())):
            text = {"type": "string", "minLength": 1}
            told["anyOf"] = [{"required": [name], "properties": {name: text}} for name in names]
        return told

    def _is_open(self) -> bool:
        ways = super().get_auth()
        return {} in ways and len(ways) > 1

    def _declared(self) -> tuple[int, ...]:
        method = getattr(self.view, self.method.lower())
        return (
            *getattr(type(self.view), answers.ATTRIBUTE, ()),
            *getattr(method, answers.ATTRIBUTE, ()),
            *((429,) if self._is_limited() else ()),
        )

    def _is_limited(self) -> bool:
        return bool(LIMITED.match(self.path))

    def _own_headers(self, status: int) -> tuple[str, ...]:
        """Return the headers that the view's paging and the limit on its path add."""
        is_page = status == 200 and self.method == "GET" and self._is_list_view()
        paging = getattr(self._get_paginator(), "schema_headers", ()) if is_page else ()
        return (*paging, *(answers.RATE if self._is_limited() else ()))
