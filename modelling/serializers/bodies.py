"""What is sent: schemas of elements from their models, and the inputs of collaboration."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from pydantic import BaseModel
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.api import schema as api_schema
from config.api.bodies import Body
from modelling.judging import FIXED
from modelling.models import AccessLevel
from modelling.services import Wish

JSON = "application/json"
INVITE = {"email": "bob@example.com", "access_level": "read"}
VERSION = {
    "type": "integer",
    "minimum": 1,
    "nullable": True,
    "description": "The version that is meant; another one that is there now is a 409.",
}


def request_of(
    model: type[BaseModel],
    *,
    is_partial: bool = False,
    only: tuple[str, ...] = (),
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what a route takes in OpenAPI 3.0, read from the model that judges it."""
    whole = model.model_json_schema()
    told = _inlined(whole, whole.get("$defs", {}))
    fields = {name: said for name, said in told["properties"].items() if name not in FIXED}
    if only:
        fields = {name: said for name, said in fields.items() if name in only}
    required = [] if is_partial else [name for name in told["required"] if name in fields]
    if is_partial:
        fields["version"] = VERSION
    body = {"type": "object", "properties": {**fields, **(more or {})}}
    return {JSON: {**body, **({"required": required} if required else {})}}


def _inlined(said: Any, known: dict[str, Any]) -> Any:
    """Return a JSON Schema without references and in the words of OpenAPI 3.0."""
    if isinstance(said, list):
        return [_inlined(one, known) for one in said]
    if not isinstance(said, dict):
        return said
    if "$ref" in said:
        return _nested(_inlined(known[said["$ref"].rpartition("/")[2]], known))
    plain = {
        key: _inlined(value, known)
        for key, value in said.items()
        if key not in ("$defs", "title", "default") and (key, value) != NOT_CLOSED
    }
    if isinstance(least := plain.get("exclusiveMinimum"), int | float):
        plain |= {"minimum": least, "exclusiveMinimum": True}
    return _nullable(plain)


# What no model knows is left alone where it is sent.
NOT_CLOSED = ("additionalProperties", False)


def _nullable(said: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose optional fields may be null, which says as much as nothing."""
    if isinstance(ways := said.get("anyOf"), list) and {"type": "null"} in ways:
        one = next(way for way in ways if way != {"type": "null"})
        return {key: value for key, value in said.items() if key != "anyOf"} | one
    if said.get("type") == "object" and "properties" in said:
        required = said.get("required", [])
        for name, field in said["properties"].items():
            if name not in required:
                field["nullable"] = True
            if name not in required and "enum" in field:
                field["enum"] = [*field["enum"], None]
    return said


def _nested(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a list: its id may be left out, and what is not sent stays."""
    fields = {name: said for name, said in part["properties"].items() if name != "extras"}
    fields["id"] = {**fields["id"], "nullable": True}
    required = [name for name in part.get("required", []) if name != "id"]
    return {"type": "object", "properties": fields, "required": required}


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
class Uuids(serializers.ListField):
    """A list of uuids."""

    child = serializers.UUIDField()


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Facts(serializers.JSONField):
    """An object of JSON with any keys."""


@api_schema.shows({"access_level": "edit", "canvas_ownership": []})
class PartInput(Body):
    """What a participant may do."""

    access_level = serializers.ChoiceField(AccessLevel.choices, required=False)
    canvas_ownership = Uuids(
        required=False, help_text="The domains that are theirs to edit, whatever their level."
    )


@api_schema.shows(INVITE)
class InviteInput(Body):
    """Who is to take part, by one of their names; the contract's `user_id` is the first."""

    user_id = serializers.UUIDField(required=False)
    user = serializers.CharField(
        max_length=255, required=False, help_text="A uuid, a username or an e-mail."
    )
    email = serializers.EmailField(required=False)
    github_username = serializers.RegexField(
        r"^[A-Za-z0-9-]{1,39}$", required=False, help_text="A name at GitHub."
    )
    access_level = serializers.ChoiceField(AccessLevel.choices)
    canvas_ownership = Uuids(required=False)

    names = ("user_id", "user", "email", "github_username")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Demand one name, and no two of them."""
        told = [name for name in self.names if attrs.get(name)]
        if not told:
            raise ValidationError({"user_id": "user_id is required, or email or github_username"})
        if len(told) > 1:
            raise ValidationError({told[1]: f"{told[1]} was sent beside {told[0]}; send one"})
        return attrs

    def wish(self) -> Wish:
        """Return what was asked for."""
        values = dict(self.validated_data)
        domains = values.pop("canvas_ownership", None)
        return Wish(canvas_ownership=None if domains is None else tuple(domains), **values)


class EventsQuery(serializers.Serializer[Any]):
    """Which events are asked for."""

    after = serializers.IntegerField(
        min_value=0, max_value=2**53, default=0, help_text="Only events with a greater seq."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=1000, default=500, help_text="How many events at most."
    )
    element = serializers.UUIDField(required=False, help_text="Only those of this element.")
