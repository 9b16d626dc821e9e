"""What the routes of sources and destinations take and answer."""

from typing import Any, ClassVar

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api import schema
from config.api.bodies import Body, Line
from config.api.references import Reference
from connectors import samples, services
from connectors.models import Connection

Fields = dict[str, serializers.Field[Any, Any, Any, Any]]


class Config(serializers.JSONField):
    """An object, or the text of one in JSON, as Olake's own clients send it."""

    default_error_messages: ClassVar[dict[str, str]] = {
        "object": "config must be a JSON object, or the text of one"
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object; anything else is refused."""
        if isinstance(data, str):
            try:
                data = orjson.loads(data)
            except orjson.JSONDecodeError:
                self.fail("object")
        if not isinstance(data, dict):
            self.fail("object")
        return data


@extend_schema_field({"description": "Where a new one belongs: a project's number or UUID."})
class Named(Reference):
    """A project as Olake's clients name one: what names none is taken for none."""

    def to_internal_value(self, data: Any) -> dict[str, Any] | None:
        """Return the look-up; None, which means one's own project, for anything else."""
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError:
            return None


class ConnectionInput(Body):
    """What a source and a destination have in common when they are sent."""

    name = Line(max_length=255)
    description = serializers.CharField(required=False, allow_blank=True)
    config = Config(source="settings")
    project_id = Named(
        source="project",
        required=False,
        allow_null=True,
        help_text="Where a new one belongs; one's own project if it is left out or not seen.",
    )


@schema.shows(samples.SENT | {"source_type": "postgres"})
class SourceInput(ConnectionInput):
    """A source as it is sent; who made it is known from the token and not taken from here."""

    source_type = serializers.CharField(source="connector", max_length=64)


@schema.shows(samples.SENT | {"dest_type": "postgres"})
class DestinationInput(ConnectionInput):
    """A destination as it is sent; who made it is known from the token and not taken from here."""

    dest_type = serializers.CharField(source="connector", max_length=64)


class ConnectionRow(serializers.ModelSerializer[Connection]):
    """What a source and a destination have in common when they are answered."""

    config = serializers.SerializerMethodField()
    project_id = serializers.IntegerField()
    created_by = serializers.SerializerMethodField()
    updated_by = serializers.SerializerMethodField()

    class Meta:
        """The keys of both."""

        model = Connection
        fields: ClassVar[list[str]] = [
            *("name", "project_id", "config", "created_at", "updated_at"),
            *("created_by", "updated_by", "deleted_at", "description", "uuid", "last_tested_at"),
        ]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_config(self, connection: Connection) -> dict[str, Any]:
        """Return the settings with `********` for every secret."""
        return services.shown(connection)

    def get_created_by(self, connection: Connection) -> str:
        """Return the name of who made it."""
        return str(connection.created_by or "")

    def get_updated_by(self, connection: Connection) -> str:
        """Return the name of who changed it last."""
        return str(connection.updated_by or "")


@schema.shows({"source_id": 1, "source_type": "postgres"} | samples.ROW)
class SourceRow(ConnectionRow):
    """A source as the Olake contract answers one."""

    source_id = serializers.IntegerField(source="id")
    source_type = serializers.CharField(source="connector")

    class Meta(ConnectionRow.Meta):
        """The contract's keys first."""

        fields: ClassVar[list[str]] = ["source_id", "source_type", *ConnectionRow.Meta.fields]


@schema.shows({"dest_id": 1, "dest_type": "postgres"} | samples.ROW)
class DestinationRow(ConnectionRow):
    """A destination as the Olake contract answers one."""

    dest_id = serializers.IntegerField(source="id")
    dest_type = serializers.CharField(source="connector")

    class Meta(ConnectionRow.Meta):
        """The contract's keys first."""

        fields: ClassVar[list[str]] = ["dest_id", "dest_type", *ConnectionRow.Meta.fields]


@schema.shows({"source_id": 1, "config": samples.SETTINGS})
class SourceTest(Body):
    """What to test: a saved source, other settings for it, or settings alone with their type."""

    source_id = serializers.IntegerField(required=False, allow_null=True)
    source_type = serializers.CharField(required=False)
    config = Config(source="settings", required=False, allow_null=True)


@schema.shows({"dest_id": 1, "config": samples.SETTINGS})
class DestinationTest(Body):
    """What to test: a saved destination, other settings for it, or settings with their type."""

    dest_id = serializers.IntegerField(required=False, allow_null=True)
    dest_type = serializers.CharField(required=False)
    config = Config(source="settings", required=False, allow_null=True)


class CheckRow(serializers.Serializer[Any]):
    """One named check."""

    name = serializers.CharField()
    ok = serializers.BooleanField()
    detail = serializers.CharField()
    hint = serializers.CharField()


@schema.shows(samples.TEST)
class TestResult(serializers.Serializer[Any]):
    """What a test found; a system that cannot be reached is an answer, not an error."""

    status = serializers.ChoiceField(["success", "failed"])
    message = serializers.CharField()
    checks = CheckRow(many=True)
    duration_ms = serializers.IntegerField()


@schema.shows(samples.SPEC)
class Spec(serializers.Serializer[Any]):
    """The JSON Schema of a connector's settings."""

    spec = serializers.DictField()
    type = serializers.CharField()


class CatalogHalves(serializers.Serializer[Any]):
    """What can be read, and what would be chosen of it."""

    streams = serializers.ListField(child=serializers.DictField())
    selected_streams = serializers.DictField()


@schema.shows(samples.CATALOG)
class CatalogAnswer(serializers.Serializer[Any]):
    """The catalog of a source."""

    catalog = CatalogHalves()
