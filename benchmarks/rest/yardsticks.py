"""The two views that our list is measured against, over the same rows and columns of jobs.

They filter by nobody's rights. They are asked with a token of simplejwt's own, whose `user_id`
they know.
"""

from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer as DefaultRenderer
from rest_framework.serializers import BaseSerializer, ModelSerializer
from rest_framework_simplejwt.authentication import (
    JWTAuthentication,
    JWTStatelessUserAuthentication,
)

from config.api.renderers import JSONRenderer
from jobs.models import Job

ROWS = 100
COLUMNS = (
    "uuid", "name", "description", "schedule", "is_active", "created_at", "updated_at", "id",
    "kind", "time_zone", "overlap", "catch_up", "max_attempts", "next_run_at",
)  # fmt: skip


class Untouched(BaseSerializer[Any]):
    """Rows that are answered as they are."""

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the row."""
        return instance


class Keyset(CursorPagination):
    """Pages by the key of the last row, without a count."""

    page_size = ROWS
    ordering = "-id"


class Cheapest(ListAPIView[Any]):
    """The cheapest generic view: rows of `.values()`, orjson, keyset, a token that names the user."""

    authentication_classes = (JWTStatelessUserAuthentication,)
    permission_classes = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)
    pagination_class = Keyset
    serializer_class = Untouched

    def get_queryset(self) -> QuerySet[Any]:
        """Return the columns of all jobs."""
        return Job.objects.using("stock").values(*COLUMNS)


class Columns(ModelSerializer[Job]):
    """The columns of a job."""

    class Meta:
        """The same as those of the other view."""

        model = Job
        fields = COLUMNS


class Pages(PageNumberPagination):
    """Pages by number, with a count."""

    page_size = ROWS


class Default(ListAPIView[Job]):
    """The view that the documentation teaches: model serializer, page numbers, JWT with its user."""

    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)
    renderer_classes = (DefaultRenderer,)
    pagination_class = Pages
    serializer_class = Columns
    queryset = Job.objects.using("stock").order_by("-id")
