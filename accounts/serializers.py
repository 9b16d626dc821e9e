"""What the account routes take and answer."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import User
from config.api import schema
from config.api.bodies import Body, Line


class Credentials(Body):
    """A name and a password, as the orc contract sends them."""

    username = Line(max_length=150)
    password = serializers.CharField(trim_whitespace=False, write_only=True)


class NewCredentials(Credentials):
    """A name and a password for somebody new."""

    password = serializers.CharField(trim_whitespace=False, write_only=True, min_length=8)


@schema.shows(
    {
        "user_id": "c1f7a2b9-e3d4-4f5c-8a1b-0e9d8f7c6b5a",
        "username": "myuser",
        "created_at": "2026-01-20T10:30:00Z",
        "updated_at": "2026-01-20T10:30:00Z",
    }
)
class OrcUser(serializers.ModelSerializer[User]):
    """A user as the orc contract answers one."""

    user_id = serializers.UUIDField(source="uuid")

    class Meta:
        """The contract's keys."""

        model = User
        fields: ClassVar[list[str]] = ["user_id", "username", "created_at", "updated_at"]
        read_only_fields = fields


class OrcToken(serializers.Serializer[Any]):
    """What the orc contract's log-in answers."""

    token = serializers.CharField()
