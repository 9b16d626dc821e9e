"""What every admin page stands on: long tables, rows by uuid, and a line of audit per change."""

import json
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import ShowFacets
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from accounts import audit
from accounts.models import Project
from config.administration.paging import BoundedList, BoundedPaginator


class Page(ModelAdmin):
    """The pages of one model; whatever is changed here is written down."""

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    # Counts beside each choice of a filter are counts of the whole table.
    show_facets = ShowFacets.NEVER
    paginator = BoundedPaginator
    # Actions call a service for each row, so nobody chooses rows that they do not see.
    list_disable_select_all = True
    warn_unsaved_form = True
    # Labels above their values, so that several short ones stand side by side.
    compressed_fields = False
    empty_value_display = "–"
    # What a service raises where it says no, beside what the API's own errors are.
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    # Whether its rows are stored by services, which write a line themselves.
    is_recorded_by_services: ClassVar[bool] = False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """Return the row with this key; its uuid will do as well, which is what others know."""
        if from_field is None and _uuid_of(object_id) and _has_uuid(self.model):
            from_field = "uuid"
        found: Model | None = super().get_object(request, object_id, from_field)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what was sought; a uuid is looked up, where a text would be compared to all rows."""
        known = _uuid_of(search_term.strip())
        names = [name for name in self.search_fields if name.rpartition("__")[2] == "uuid"]
        if known is None or not names:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(Q(*((name, known) for name in names), _connector=Q.OR)), False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Lead to what was done to the row, by whichever door; the admin's own log is less."""
        row = self.get_object(request, unquote(object_id))
        if not isinstance(known := getattr(row, "uuid", None), UUID):
            history: HttpResponseBase = super().history_view(request, object_id, extra_context)
            return history
        address = reverse("admin:accounts_auditevent_changelist")
        return HttpResponseRedirect(f"{address}?object_uuid={known}")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Return the buttons of a row's page: what can be done to it as it stands."""
        offered = super().get_actions_detail(request, object_id)
        row = self.get_object(request, unquote(object_id)) if offered else None
        return [action for action in offered if row is not None and action.method.fits(row)]

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[ChangeList]:
        """Return the kind of list that does not count all of its rows."""
        return BoundedList

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Write down that a row was made."""
        self._record(request, obj, "created", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Write down that a row was changed."""
        self._record(request, obj, "changed", message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[LogEntry]:
        """Write down that rows are about to go."""
        for row in queryset:
            self._record(request, row, "deleted")
        deletions: list[LogEntry] = super().log_deletions(request, queryset)
        return deletions

    def _record(self, request: HttpRequest, row: Model, verb: str, message: Any = "") -> None:
        if self.is_recorded_by_services:
            return
        project = row if isinstance(row, Project) else getattr(row, "project", None)
        audit.record(
            f"{row._meta.model_name}.{verb}",  # noqa: SLF001 -- Django's way to a model's name
            by=request.user,
            target=row,
            project=project,
            **({"changes": _changes(message)} if message else {}),
        )


class ReadOnly:
    """What the platform alone writes, or what only services change; stands before the base class."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False


class ReadOnlyPage(ReadOnly, Page):
    """The pages of a model that nobody changes by hand."""


def _changes(message: Any) -> Any:
    """Return what Django says was changed: names of fields, never their values."""
    return json.loads(message) if isinstance(message, str) and message[:1] in "[{" else message


def _uuid_of(text: str) -> UUID | None:
    """Return the uuid that a text is; digits alone are a key or a number."""
    try:
        return None if text.isdecimal() else UUID(text)
    except ValueError:
        return None


def _has_uuid(model: type[Model]) -> bool:
    try:
        model._meta.get_field("uuid")  # noqa: SLF001 -- Django's way to a model's fields
    except FieldDoesNotExist:
        return False
    return True
