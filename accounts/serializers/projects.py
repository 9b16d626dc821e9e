"""Projects and their members, as they are sent and answered."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import Membership, Project, Role
from config.api import schema
from config.api.bodies import Body, Line

OWNER = "owner"
LONGEST = 255
PROJECT: dict[str, Any] = {
    "id": 3,
    "uuid": "7b1f5a52-41a0-4d0c-9a3e-1c2d3e4f5a6b",
    "name": "Shop",
    "role": "owner",
    "is_personal": False,
    "owner": "0b7e1f64-5f0a-4c58-8f3b-2f0e9c1d2a3b",
    "owner_name": "Ada Lovelace",
    "created_at": "2026-01-20T10:30:00Z",
    "updated_at": "2026-01-20T10:30:00Z",
}
MEMBER: dict[str, Any] = {
    "user": "5d2c1b0a-9f8e-4d7c-8b6a-5f4e3d2c1b0a",
    "username": "bob",
    "name": "Bob",
    "role": "developer",
    "joined_at": "2026-01-20T10:30:00Z",
}


@schema.shows(PROJECT)
class ProjectRow(serializers.ModelSerializer[Project]):
    """A project, and what the caller is in it."""

    role = serializers.ChoiceField([OWNER, *Role.values], help_text="The caller's own.")
    owner = serializers.UUIDField(source="owner.uuid")
    owner_name = serializers.CharField()

    class Meta:
        """What it is, then whose."""

        model = Project
        fields: ClassVar[list[str]] = [
            "id",
            "uuid",
            "name",
            "role",
            "is_personal",
            "owner",
            "owner_name",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


@schema.shows(MEMBER)
class MemberRow(serializers.ModelSerializer[Membership]):
    """Somebody who takes part in a project; its owner is told by the project."""

    user = serializers.UUIDField(source="user.uuid")
    username = serializers.CharField(source="user.username", allow_null=True)
    name = serializers.CharField(help_text="The name, or else what they log in with.")
    joined_at = serializers.DateTimeField(source="created_at")

    class Meta:
        """Who, then what they are in it."""

        model = Membership
        fields: ClassVar[list[str]] = ["user", "username", "name", "role", "joined_at"]
        read_only_fields = fields


@schema.shows({"name": "Shop"})
class ProjectInput(Body):
    """A project as it is sent."""

    name = Line(max_length=LONGEST)


@schema.shows({"role": "developer"})
class RoleInput(Body):
    """What a member may do: a viewer reads, a developer changes, an admin manages."""

    role = serializers.ChoiceField(Role.choices)


@schema.shows({"user": "bob", "role": "developer"})
class MemberInput(RoleInput):
    """Who is to take part in a project."""

    user = serializers.CharField(max_length=LONGEST, help_text="A uuid, a username or an e-mail.")
