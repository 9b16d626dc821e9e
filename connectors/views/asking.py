"""What can be asked of connectors and systems: their settings, whether they work, their streams."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from config.api import schema
from config.api.paging import Sliced
from connectors import registry, serializers, services
from connectors.errors import ConfigError
from connectors.views.connections import ConnectionView, DestinationView, SourceView

SEARCH = OpenApiParameter("search", str, description="Only streams with this in their name.")
NAMESPACE = OpenApiParameter("namespace", str, description="Only streams of this namespace.")
TYPE = OpenApiParameter("type", str, description="The connector, where the path names none.")
# The contract lost the colons of its parameters; taken by the letter they name no connector.
LITERALS = ("source_type", "dest_type")


class ConnectionTest(ConnectionView):
    """Testing a connection, saved or not."""

    id_name: ClassVar[str]
    type_name: ClassVar[str]

    def ask(self) -> Response:
        """Return what the test of what was sent found."""
        sent = self.sent()
        number, kind, config = (sent.get(key) for key in (self.id_name, self.type_name, "settings"))
        if number is not None:
            saved = self.connection(str(number))
            report = services.check_connection(connection=saved, settings=config)
        elif kind and config is not None:
            report = services.check_settings(connector=kind, role=self.role, settings=config)
        else:
            raise ValidationError(
                f"Send {self.id_name} of a saved one, or config with {self.type_name}"
            )
        return Response(_outcome(report))


def _outcome(report: Mapping[str, Any]) -> dict[str, Any]:
    failed = [check for check in report["checks"] if not check["ok"]]
    told = [" ".join(filter(None, (check["detail"], check["hint"]))) for check in failed]
    return {
        "status": "success" if report["passed"] else "failed",
        "message": "; ".join(told) or "The connection works",
        "checks": report["checks"],
        "duration_ms": report["duration_ms"],
    }


@schema.errors(404, 503)
class SourceTest(SourceView, ConnectionTest):
    """Testing a source."""

    input_class = serializers.SourceTest
    id_name, type_name = "source_id", "source_type"

    @extend_schema(
        tags=[schema.OLAKE],
        operation_id="testSource",
        request=serializers.SourceTest,
        responses=serializers.TestResult,
    )
    def post(self, request: Request) -> Response:
        """Try to read a system; that it cannot be reached is an answer and no error."""
        return self.ask()


@schema.errors(404, 503)
class DestinationTest(DestinationView, ConnectionTest):
    """Testing a destination."""

    input_class = serializers.DestinationTest
    id_name, type_name = "dest_id", "dest_type"

    @extend_schema(
        tags=[schema.OLAKE],
        operation_id="testDestination",
        request=serializers.DestinationTest,
        responses=serializers.TestResult,
    )
    def post(self, request: Request) -> Response:
        """Try to write a system; that it cannot be reached is an answer and no error."""
        return self.ask()


class SpecView(GenericAPIView):
    """The settings of connectors."""

    pagination_class = None
    serializer_class = serializers.Spec

    @extend_schema(tags=[schema.OLAKE], parameters=[TYPE])
    def get(self, request: Request, connector: str) -> Response:
        """Return the JSON Schema of a connector's settings; 404 names the connectors there are."""
        name = request.query_params.get("type", "") if connector in LITERALS else connector
        try:
            plugin = registry.connector(name)
        except ConfigError as error:
            raise NotFound(error.message) from error
        return Response({"spec": plugin.Settings.model_json_schema(), "type": plugin.name})


class SourceSpec(SpecView):
    """The settings of sources, and of destinations too: the contract asks for both here."""


class DestinationSpec(SpecView):
    """The settings of destinations."""


@schema.errors(503)
class SourceCatalog(SourceView):
    """What can be read of a source."""

    @extend_schema(
        tags=[schema.OLAKE],
        operation_id="getSourceCatalog",
        parameters=[SEARCH, NAMESPACE],
        responses=serializers.CatalogAnswer,
    )
    def get(self, request: Request, source: str) -> Response:
        """Ask the system for its streams; `limit` and `offset` page them."""
        found = services.discover(connection=self.connection())
        page = self.paginate_queryset(Sliced(_wanted(found["streams"], request.query_params)))
        names = {(shown["stream"]["namespace"], shown["stream"]["name"]) for shown in page or ()}
        chosen = {
            namespace: [choice for choice in choices if (namespace, choice["stream_name"]) in names]
            for namespace, choices in found["selected_streams"].items()
        }
        selected = {namespace: choices for namespace, choices in chosen.items() if choices}
        return self.get_paginated_response(
            {"catalog": {"streams": page, "selected_streams": selected}}
        )


def _wanted(streams: list[dict[str, Any]], asked: Mapping[str, str]) -> list[dict[str, Any]]:
    text, namespace = asked.get("search", "").lower(), asked.get("namespace")
    return [
        shown
        for shown in streams
        if text in shown["stream"]["name"].lower()
        and namespace in (None, shown["stream"]["namespace"])
    ]
