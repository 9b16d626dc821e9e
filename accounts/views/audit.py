"""The route of what was done."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, Field, UUIDField

from accounts.models import AuditEvent, Scope
from accounts.serializers.audit import EventRow
from config.api import schema
from config.api.lists import ListView
from config.api.paging import BoundedCount

# What a query may say: what is looked at, what reads the text, and what it means.
FILTERS: dict[str, tuple[str, Field[Any, Any, Any, Any], Any, str]] = {
    "action": ("action", CharField(allow_blank=True), OpenApiTypes.STR, "Such as job.changed."),
    "actor": ("actor_uuid", UUIDField(), OpenApiTypes.UUID, "Who did it."),
    "object": ("object_uuid", UUIDField(), OpenApiTypes.UUID, "What it was done to."),
    "project": ("project_uuid", UUIDField(), OpenApiTypes.UUID, "In which project."),
    "from": ("at__gte", DateTimeField(), OpenApiTypes.DATETIME, "Not before this moment."),
    "to": ("at__lt", DateTimeField(), OpenApiTypes.DATETIME, "Before this moment."),
}
PARAMETERS = [
    OpenApiParameter(name, kind, description=meaning)
    for name, (_, _, kind, meaning) in FILTERS.items()
]


class AuditEvents(ListView):
    """What was done, by whom, from where."""

    serializer_class = EventRow
    pagination_class = BoundedCount
    scope = Scope.ACCOUNT

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """Return what the caller may know of."""
        return AuditEvent.objects.visible_to(self.request.user)

    @extend_schema(
        operation_id="listAuditEvents",
        tags=[schema.MILLRACE],
        parameters=PARAMETERS,
        responses=EventRow(many=True),
    )
    def get(self, request: Request) -> Response:
        """List what one did and what happened in the projects that one manages, newest first.

        An admin of the platform sees everything. X-Total-Count counts no further than 10,000
        events behind the page.
        """
        return self.page(self.get_queryset().filter(**_asked(request)), EventRow)


def _asked(request: Request) -> dict[str, Any]:
    """Return what the query asks for; ValidationError names what cannot be read."""
    found, faults = {}, {}
    for name, (lookup, field, _, _) in FILTERS.items():
        if name in request.query_params:
            try:
                found[lookup] = field.run_validation(request.query_params[name])
            except ValidationError as error:
                faults[name] = error.detail
    if faults:
        raise ValidationError(faults)
    return found
