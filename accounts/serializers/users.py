"""Users, as the contracts answer them."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts import samples
from accounts.models import User
from config.api import schema


@schema.shows(samples.ORC_USER)
class OrcUser(serializers.ModelSerializer[User]):
    """A user as the orc contract answers one."""

    user_id = serializers.UUIDField(source="uuid")

    class Meta:
        """The contract's keys."""

        model = User
        fields: ClassVar[list[str]] = ["user_id", "username", "created_at", "updated_at"]
        read_only_fields = fields


@schema.shows(samples.OLAKE_USER)
class OlakeUser(serializers.ModelSerializer[User]):
    """A user as Olake answers one: the id is a number, and there is always a name."""

    name = serializers.SerializerMethodField()

    class Meta:
        """The contract's keys."""

        model = User
        fields: ClassVar[list[str]] = ["id", "email", "name"]
        read_only_fields = fields

    def get_name(self, user: User) -> str:
        """Return the full name, or else what the user is called."""
        return user.name or str(user)


@schema.shows(samples.NEW_USER)
class NewUser(serializers.Serializer[Any]):
    """A new user: the first two keys are Karyaksham's, all of them the ETL Builder's."""

    id = serializers.UUIDField(source="uuid")
    username = serializers.CharField(required=False, allow_null=True)
    email = serializers.EmailField(allow_null=True)
    full_name = serializers.CharField(source="name", required=False)
    role = serializers.CharField(required=False)


class KaryakshamUser(serializers.ModelSerializer[User]):
    """A user as Karyaksham answers one who has just registered."""

    id = serializers.UUIDField(source="uuid")

    class Meta:
        """The contract's keys."""

        model = User
        fields: ClassVar[list[str]] = ["id", "email"]
        read_only_fields = fields


@schema.shows(samples.PROFILE)
class Profile(serializers.ModelSerializer[User]):
    """A user, as they see themselves."""

    id = serializers.UUIDField(source="uuid")
    full_name = serializers.CharField(source="name")

    class Meta:
        """The ETL Builder's keys, in which Karyaksham finds its two."""

        model = User
        fields: ClassVar[list[str]] = [
            "id",
            "username",
            "email",
            "full_name",
            "role",
            "is_active",
        ]
        read_only_fields = fields


class Named(serializers.ModelSerializer[User]):
    """A user as the client of the modelling contract reads one."""

    id = serializers.UUIDField(source="uuid")
    full_name = serializers.CharField(source="name")
    name = serializers.SerializerMethodField()

    class Meta:
        """The keys of a profile, and `name`."""

        model = User
        fields: ClassVar[list[str]] = [*Profile.Meta.fields, "name"]
        read_only_fields = fields

    def get_name(self, user: User) -> str:
        """Return the full name, or else what the user is called."""
        return user.name or str(user)


@schema.shows(samples.ME)
class Me(Profile):
    """A user as they see themselves, flat and once more under `user`."""

    user = Named(source="*")

    class Meta(Profile.Meta):
        """The keys of a profile, and `user`."""

        fields: ClassVar[list[str]] = [*Profile.Meta.fields, "user"]
        read_only_fields = fields
