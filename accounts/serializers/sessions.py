"""Sessions and API keys, as they are sent and answered."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import ApiKey, Scope, Session
from config.api import schema
from config.api.bodies import Body, Line

TIME = "2026-01-20T10:30:00Z"
SESSION: dict[str, Any] = {
    "id": "9c1d2e3f-4a5b-4c6d-8e7f-0a1b2c3d4e5f",
    "door": "etl",
    "address": "203.0.113.7",
    "agent": "Mozilla/5.0",
    "created_at": TIME,
    "last_used_at": TIME,
    "expires_at": "2026-01-27T10:30:00Z",
    "is_current": True,
}
KEY: dict[str, Any] = {
    "id": "3f2e1d0c-9b8a-4756-8493-2a1b0c9d8e7f",
    "name": "Nightly loads",
    "prefix": "mr_1f2e3d4c",
    "scopes": ["read", "write"],
    "created_at": TIME,
    "last_used_at": None,
    "expires_at": "2027-01-20T10:30:00Z",
}


@schema.shows(SESSION)
class SessionRow(serializers.ModelSerializer[Session]):
    """A log-in that goes on."""

    id = serializers.UUIDField(source="uuid")
    is_current = serializers.BooleanField(help_text="Whether the caller's token is of it.")

    class Meta:
        """Which, from where, until when."""

        model = Session
        fields: ClassVar[list[str]] = [
            "id",
            "door",
            "address",
            "agent",
            "created_at",
            "last_used_at",
            "expires_at",
            "is_current",
        ]
        read_only_fields = fields


class ScopeField(serializers.ChoiceField):
    """What a key may be used for."""

    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid_choice": f"{{input}} is no scope; the scopes are {', '.join(Scope.values)}"
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(Scope.choices, **options)


@schema.shows(KEY)
class KeyRow(serializers.ModelSerializer[ApiKey]):
    """An API key, by its first characters."""

    id = serializers.UUIDField(source="uuid")
    scopes = serializers.ListField(child=ScopeField())

    class Meta:
        """Which, what for, until when."""

        model = ApiKey
        fields: ClassVar[list[str]] = [
            "id",
            "name",
            "prefix",
            "scopes",
            "created_at",
            "last_used_at",
            "expires_at",
        ]
        read_only_fields = fields


@schema.shows(KEY | {"key": "mr_1f2e3d4c_shown-this-once"})
class NewKey(KeyRow):
    """A key that was just made, the key itself with it."""

    key = serializers.CharField(help_text="Shown this once; nobody can read it again.")

    class Meta(KeyRow.Meta):
        """The same keys, then the key."""

        fields: ClassVar[list[str]] = [*KeyRow.Meta.fields, "key"]
        read_only_fields = fields


@schema.shows({"name": "Nightly loads", "scopes": ["read", "write"]})
class KeyInput(Body):
    """A key as it is asked for."""

    name = Line(max_length=255)
    scopes = serializers.ListField(
        child=ScopeField(),
        min_length=1,
        max_length=10,
        required=False,
        help_text="read: to look; write: all else; account: sessions, keys, members. "
        "read and write if nothing is said.",
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="A moment to come; never if nothing is said."
    )
