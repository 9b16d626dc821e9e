"""Lists as bare arrays: newest first, limit and offset, the total in a header."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.statements import Listing

MOST = 1000
MOST_COUNTED = 10_000
MOST_OFFSET = 2**31 - 1
TOTAL = "X-Total-Count"


class Sliced(list[Any]):
    """Rows that are there already, to be paged like a query."""

    def count(self) -> int:  # type: ignore[override]
        """Return how many there are."""
        return len(self)


class LimitOffset(BasePagination):
    """`?limit=` (1 to 1000, which is also the default) and `?offset=` over a bare array."""

    schema_headers = (TOTAL,)
    offset_name = "offset"
    usual_limit = MOST

    def paginate_queryset(
        self,
        queryset: QuerySet[Model, Any] | Listing | Sliced,
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        """Return the rows of the page; the newest come first unless the query has its own order."""
        limit = _number(request, "limit", default=self.usual_limit, least=1, most=MOST)
        offset = _number(request, self.offset_name, default=0, least=0)
        is_unordered = isinstance(queryset, QuerySet) and not queryset.query.order_by
        ordered = queryset.order_by("-pk") if is_unordered else queryset
        rows = list(ordered[offset : offset + limit])
        # A page that is not full is the last one, and tells the total without a count.
        is_last = len(rows) < limit and (rows or not offset)
        shown = offset + len(rows)
        self.total = shown if is_last else self.count(queryset, shown=shown)
        return rows

    def count(self, queryset: QuerySet[Model, Any] | Listing, *, shown: int) -> int:
        """Return the number of all rows, of which so many were shown up to the end of this page."""
        return queryset.count()

    def get_paginated_response(self, data: Any) -> Response:
        """Return the bare array, with the number of all rows in X-Total-Count."""
        return Response(data, headers={TOTAL: str(self.total)})

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the two parameters as OpenAPI says them."""
        return [
            _parameter("limit", f"How many rows at most: 1 to {MOST}.", minimum=1, maximum=MOST),
            _parameter(
                self.offset_name, "How many rows to leave out.", minimum=0, maximum=MOST_OFFSET
            ),
        ]


class SkipLimit(LimitOffset):
    """The same in the Karyaksham contract's words: `?skip=` and `?limit=`, 100 where none is said."""

    offset_name = "skip"
    usual_limit = 100


class BoundedCount(LimitOffset):
    """The same over a table that only grows: no further is counted than somebody will page."""

    def count(self, queryset: QuerySet[Model, Any] | Listing, *, shown: int) -> int:
        """Return the number of all rows, or of the next 10,000 behind the page where there are more."""
        assert isinstance(queryset, QuerySet)
        return queryset.order_by()[: shown + MOST_COUNTED].count()


def _number(
    request: Request, name: str, *, default: int, least: int, most: int = MOST_OFFSET
) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    # isdecimal alone takes digits of every script; int() would take spaces and underscores.
    if not (text.isascii() and text.isdecimal()) or not least <= int(text[:12]) <= most:
        raise ValidationError({name: f"{name} must be a whole number from {least} to {most}"})
    return int(text)


def _parameter(name: str, description: str, **limits: int) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "integer", **limits},
    }
