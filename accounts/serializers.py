"""What the account routes take and answer."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import User


class Credentials(serializers.Serializer[Any]):
    """A name and a password, as the orc contract sends them."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(trim_whitespace=False, write_only=True)


class OrcUser(serializers.ModelSerializer[User]):
    """A user as the orc contract answers one."""

    user_id = serializers.UUIDField(source="uuid")

    class Meta:
        """The contract's keys."""

        model = User
        fields: ClassVar[list[str]] = ["user_id", "username", "created_at", "updated_at"]


class OrcToken(serializers.Serializer[Any]):
    """What the orc contract's log-in answers."""

    token = serializers.CharField()
