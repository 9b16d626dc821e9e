"""Domains, tables, relationships and diagrams: all of a workspace, new ones, and each."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from pydantic import BaseModel
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from config.api import schema as api_schema
from config.api.idempotency import idempotent
from modelling import models, reading, schema, services
from modelling.models.elements import Element
from modelling.serializers import rows
from modelling.serializers.bodies import request_of
from modelling.shapes import Shape
from modelling.views.base import CONNECTION, ETAG, IF_MATCH, ModellingView, gone

DOMAIN_ID = OpenApiParameter(
    "domain_id",
    {"type": "string", "format": "uuid"},
    description="Only the tables that this domain shows.",
)


class AllElements(ModellingView):
    """All elements of a kind, and new ones."""

    key: ClassVar[str]
    read: ClassVar[Callable[..., list[Shape]]]
    make: ClassVar[Callable[..., Shape]]

    def narrowing(self) -> dict[str, Any]:
        """Return what the query asks for, as the reading takes it."""
        return {}

    def get(self, request: Request, workspace: UUID) -> Response:
        """List them, the oldest first."""
        found, _ = self.workspace()
        return Response({self.key: type(self).read(found, **self.narrowing())})

    @idempotent
    def post(self, request: Request, workspace: UUID) -> Response:
        """Add one."""
        made = type(self).make(actor=self.actor(), workspace=workspace, data=request.data)
        return self.told(made, status=status.HTTP_201_CREATED)


class OneElement(ModellingView):
    """One element of a kind."""

    model: ClassVar[type[Element]]
    # What the path and the services call it.
    parameter: ClassVar[str]
    change: ClassVar[Callable[..., Shape]]
    remove: ClassVar[Callable[..., None]]

    def named(self) -> dict[str, Any]:
        """Return who acts on which element, as the services take it."""
        uuid = self.kwargs[self.parameter]
        return {
            "actor": self.actor(),
            "workspace": self.kwargs["workspace"],
            self.parameter: uuid,
        }

    def get(self, request: Request, **path: UUID) -> Response:
        """Tell of it."""
        found, _ = self.workspace()
        return self.told(reading.one(found, self.model, path[self.parameter]))

    def put(self, request: Request, **path: UUID) -> Response:
        """Change what is sent; what is not sent stays as it is."""
        version = self.version()
        return self.told(type(self).change(**self.named(), data=request.data, version=version))

    def delete(self, request: Request, **path: UUID) -> Response:
        """Take it away; a second time is a 409 that names it."""
        type(self).remove(**self.named())
        return gone()


def _all(name: str, row: Any, listed: Any, **body: Any) -> Any:
    """Say in OpenAPI what all elements of a kind take and answer."""
    spoken = SPOKEN[name]
    listing = extend_schema(
        operation_id=f"list{name}s",
        tags=[api_schema.MODELLING],
        summary=f"List the {spoken}s of a workspace",
        parameters=[DOMAIN_ID] if name == "Table" else [],
        responses=listed,
    )
    creating = extend_schema(
        operation_id=f"create{name}",
        tags=[api_schema.MODELLING],
        summary=f"Add a {spoken} to a workspace",
        parameters=[CONNECTION, ETAG],
        request=request_of(MODELS[name], **body),
        responses={201: row},
        examples=_shown(name, "201"),
    )
    return extend_schema_view(get=listing, post=creating)


def _one(name: str, row: Any, **body: Any) -> Any:
    """Say in OpenAPI what the routes of one element of a kind take and answer."""
    spoken, tags = SPOKEN[name], [api_schema.MODELLING]
    reading_one = extend_schema(
        operation_id=f"get{name}",
        tags=tags,
        summary=f"Tell of a {spoken}",
        parameters=[ETAG],
        responses=row,
    )
    changing = extend_schema(
        operation_id=f"replace{name}",
        tags=tags,
        summary=f"Change what is sent of a {spoken}",
        parameters=[CONNECTION, IF_MATCH, ETAG],
        request=request_of(MODELS[name], is_partial=True, **body),
        responses=row,
        examples=_shown(name, "200"),
    )
    removing = extend_schema(
        operation_id=f"delete{name}",
        tags=tags,
        summary=f"Take a {spoken} away",
        parameters=[CONNECTION],
        responses={204: None},
    )
    return extend_schema_view(get=reading_one, put=changing, delete=removing)


def _shown(name: str, status: str) -> list[OpenApiExample]:
    """Return what is sent and what is answered, with this status."""
    told = ANSWERED[name]
    return [
        OpenApiExample("Millrace", value=SENT[name], request_only=True),
        OpenApiExample("Millrace", value=told, response_only=True, status_codes=[status]),
    ]


SPOKEN = {
    "Domain": "domain",
    "Table": "table",
    "Relationship": "relationship",
    "Diagram": "data flow diagram",
}
MODELS: dict[str, type[BaseModel]] = {
    "Domain": schema.Domain,
    "Table": schema.Table,
    "Relationship": schema.Relationship,
    "Diagram": schema.Diagram,
}
SENT: dict[str, Any] = {
    "Domain": {"name": "Sales", "model_type": "logical"},
    "Table": {
        "primary_domain_id": rows.OTHER,
        "name": "orders",
        "columns": [{"name": "order_id", "data_type": "BIGINT", "is_primary_key": True}],
    },
    "Relationship": {
        "source_table_id": rows.OTHER,
        "target_table_id": rows.ID,
        "cardinality": "one-to-many",
        "source_column_ids": [rows.OTHER],
        "target_column_ids": [rows.ID],
    },
    "Diagram": {
        "name": "Nightly load",
        "nodes": [{"type": "database", "name": "Shop"}],
        "connections": [],
        "linked_tables": [],
    },
}
ANSWERED: dict[str, Any] = {
    "Domain": rows.DOMAIN,
    "Table": rows.TABLE,
    "Relationship": rows.RELATIONSHIP,
    "Diagram": rows.DIAGRAM,
}
# The contract's own names of the first columns.
SINGLE = {
    f"{side}_column_id": {"type": "string", "format": "uuid", "nullable": True}
    for side in ("source", "target")
}
DOMAIN_FIELDS = ("name", "model_type")


@api_schema.errors(409)
@_all("Domain", rows.DomainRow, rows.DomainRows, only=DOMAIN_FIELDS)
class Domains(AllElements):
    """All domains, and new ones."""

    key = "domains"
    read = reading.domains
    make = services.create_domain


@api_schema.errors(409)
@_one("Domain", rows.DomainRow, only=DOMAIN_FIELDS)
class Domain(OneElement):
    """One domain."""

    model, parameter = models.Domain, "domain"
    change, remove = services.update_domain, services.delete_domain


@api_schema.errors(409)
@_all("Table", rows.TableRow, rows.TableRows)
class Tables(AllElements):
    """All tables, and new ones."""

    key = "tables"
    read = reading.tables
    make = services.create_table

    def narrowing(self) -> dict[str, Any]:
        """Return the domain that is asked for; ValidationError if it is no uuid."""
        sent = self.request.query_params.get("domain_id")
        try:
            return {"domain": UUID(sent)} if sent else {}
        except ValueError:
            raise ValidationError({"domain_id": "domain_id must be a uuid"}) from None


@api_schema.errors(409)
@_one("Table", rows.TableRow)
class Table(OneElement):
    """One table."""

    model, parameter = models.Table, "table"
    change, remove = services.update_table, services.delete_table


@api_schema.errors(409)
@_all("Relationship", rows.RelationshipRow, rows.RelationshipRows, more=SINGLE)
class Relationships(AllElements):
    """All relationships, and new ones."""

    key = "relationships"
    read = reading.relationships
    make = services.create_relationship


@api_schema.errors(409)
@_one("Relationship", rows.RelationshipRow, more=SINGLE)
class Relationship(OneElement):
    """One relationship."""

    model, parameter = models.Relationship, "relationship"
    change, remove = services.update_relationship, services.delete_relationship


@api_schema.errors(409)
@_all("Diagram", rows.DiagramRow, rows.DiagramRows)
class Diagrams(AllElements):
    """All data flow diagrams, and new ones."""

    key = "diagrams"
    read = reading.diagrams
    make = services.create_diagram


@api_schema.errors(409)
@_one("Diagram", rows.DiagramRow)
class Diagram(OneElement):
    """One data flow diagram."""

    model, parameter = models.Diagram, "diagram"
    change, remove = services.update_diagram, services.delete_diagram
