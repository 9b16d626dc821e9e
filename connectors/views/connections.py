"""Sources and destinations: all of them, new ones, and each."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.permissions import PROJECT_PERMISSIONS, project_for
from config.api import schema
from config.api.paging import LimitOffset
from config.api.parsers import JSONParser
from config.api.routing import identity
from connectors import serializers, services
from connectors.models import Connection, ConnectionRole

CHOICE = [
    OpenApiParameter("type", str, description="Only those of this connector."),
    OpenApiParameter("project_id", str, description="Only those of this project."),
]


class ConnectionView(GenericAPIView):
    """A route about connections of one role that the caller may see."""

    permission_classes = PROJECT_PERMISSIONS
    pagination_class = LimitOffset
    # A form has no place for a config.
    parser_classes = (JSONParser,)
    role: ClassVar[str]
    # What the path calls the connection's id.
    parameter: ClassVar[str]
    input_class: ClassVar[type[Serializer[Any]]]

    def get_queryset(self) -> QuerySet[Connection]:
        """Return the connections of this role in the caller's projects."""
        seen = Connection.objects.visible_to(self.request.user)
        return seen.filter(role__in=(self.role, ConnectionRole.BOTH)).select_related(
            "created_by", "updated_by", "project"
        )

    def connection(self, sent: str = "") -> Connection:
        """Return the connection of an id, or of the path's; Http404, or 403 if it is not to change."""
        named = identity(sent or self.kwargs[self.parameter])
        found = self.get_queryset().filter(**named).first()
        if found is None:
            raise Http404
        self.check_object_permissions(self.request, found)
        return found

    def sent(self, *, partial: bool = False) -> dict[str, Any]:
        """Return the body, judged; ValidationError names what is wrong."""
        asked = self.input_class(data=self.request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        return found

    def told(self, connection: Connection, *, status: int = status.HTTP_200_OK) -> Response:
        """Return one connection."""
        return Response(self.get_serializer(connection).data, status=status)


class SourceView(ConnectionView):
    """A route about sources."""

    role = ConnectionRole.SOURCE
    parameter = "source"
    serializer_class = serializers.SourceRow
    input_class = serializers.SourceInput


class DestinationView(ConnectionView):
    """A route about destinations."""

    role = ConnectionRole.DESTINATION
    parameter = "destination"
    serializer_class = serializers.DestinationRow
    input_class = serializers.DestinationInput


class AllConnections(ConnectionView):
    """All connections of a role, and new ones."""

    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        found = self.get_queryset()
        if kind := request.query_params.get("type"):
            found = found.filter(connector=services.plugin_of(kind, self.role).name)
        if project := request.query_params.get("project_id"):
            found = found.filter(**{f"project__{key}": at for key, at in identity(project).items()})
        rows = self.paginate_queryset(found)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def post(self, request: Request) -> Response:
        """Save a new one. Its config is judged; the system itself is not asked."""
        sent = self.sent()
        project = project_for(request.user, sent.pop("project", None))
        made = services.create_connection(project=project, by=request.user, role=self.role, **sent)
        return self.told(made, status=status.HTTP_201_CREATED)


class OneConnection(ConnectionView):
    """One connection."""

    def get(self, request: Request, **path: str) -> Response:
        """Tell of it; secrets are `********`."""
        return self.told(self.connection())

    def put(self, request: Request, **path: str) -> Response:
        """Change what is sent; `********` keeps a stored secret."""
        found, sent = self.connection(), self.sent(partial=True)
        # A connection stays in its project; the answer shows in which.
        sent.pop("project", None)
        return self.told(services.update_connection(connection=found, by=request.user, **sent))

    def delete(self, request: Request, **path: str) -> Response:
        """Take it away; 409 while a job uses it."""
        services.delete_connection(connection=self.connection(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _all(row: type[Serializer[Any]], sent: type[Serializer[Any]], one: str, many: str) -> Any:
    """Say in OpenAPI what a list of one role and its POST take and answer."""
    tags = [schema.OLAKE]
    listing = extend_schema(
        tags=tags, operation_id=f"list{many}", parameters=CHOICE, responses=row(many=True)
    )
    creating = extend_schema(
        tags=tags, operation_id=f"create{one}", request=sent, responses={201: row}
    )
    return extend_schema_view(get=listing, post=creating)


def _one(row: type[Serializer[Any]], sent: type[Serializer[Any]], one: str) -> Any:
    """Say in OpenAPI what the routes of one connection of one role take and answer."""
    tags = [schema.OLAKE]
    changed = sent(partial=True)
    return extend_schema_view(
        get=extend_schema(tags=tags, operation_id=f"get{one}", responses=row),
        put=extend_schema(tags=tags, operation_id=f"replace{one}", request=changed, responses=row),
        delete=extend_schema(tags=tags, operation_id=f"delete{one}", responses={204: None}),
    )


@schema.errors(409)
@_all(serializers.SourceRow, serializers.SourceInput, "Source", "Sources")
class Sources(SourceView, AllConnections):
    """All sources, and new ones."""


@schema.errors(409)
@_one(serializers.SourceRow, serializers.SourceInput, "Source")
class Source(SourceView, OneConnection):
    """One source."""


@schema.errors(409)
@_all(serializers.DestinationRow, serializers.DestinationInput, "Destination", "Destinations")
class Destinations(DestinationView, AllConnections):
    """All destinations, and new ones."""


@schema.errors(409)
@_one(serializers.DestinationRow, serializers.DestinationInput, "Destination")
class Destination(DestinationView, OneConnection):
    """One destination."""
