"""Filters of lists that several apps have."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter
from unfold.utils import parse_datetime_str

Choices = Sequence[tuple[str, str]]


class DeletedFilter(DropdownFilter):
    """Shows what was not deleted, unless asked for the rest."""

    title = "deletion"
    parameter_name = "deleted"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the choices."""
        return [("", "There now"), ("yes", "Deleted"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the choice."""
        match self.value():
            case "all":
                return queryset
            case "yes":
                return queryset.exclude(deleted_at=None)
            case _:
                return queryset.filter(deleted_at=None)


class LiveFilter(DropdownFilter):
    """What lets somebody in, or no longer does."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the choices."""
        return [("live", "Good"), ("ended", "Ended or expired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the choice."""
        live = queryset.model.objects.live()
        match self.value():
            case "live":
                return queryset.filter(pk__in=live.values("pk"))
            case "ended":
                return queryset.exclude(pk__in=live.values("pk"))
            case _:
                return queryset


class MomentFilter(RangeDateTimeFilter):
    """Shows what happened between two moments; each may be missing, or be a day alone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows between the moments, which are UTC."""
        bounds = {
            f"{self.field_path}__gte": self._moment("from", "00:00:00"),
            f"{self.field_path}__lte": self._moment("to", "23:59:59"),
        }
        return queryset.filter(**{name: at for name, at in bounds.items() if at is not None})

    def _moment(self, side: str, usual: str) -> datetime | None:
        day = self.used_parameters.get(f"{self.field_path}_{side}_0")
        time = self.used_parameters.get(f"{self.field_path}_{side}_1") or usual
        at = parse_datetime_str(f"{day} {time}") if day else None
        return timezone.make_aware(at) if at else None
