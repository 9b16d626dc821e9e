"""The admin pages of what was done, by whom, from where."""

from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter, FieldTextFilter
from unfold.decorators import display

from accounts.admin.pages import ReadOnlyPage
from accounts.models import AuditEvent
from config.administration.filters import MomentFilter
from config.administration.showing import NOTHING, badge, facts, pretty

# Whose models have pages.
OURS = ("accounts", "connectors", "jobs", "pipelines", "modelling")
# What an action's last word says about it.
TONES = {
    **dict.fromkeys(("refused", "deleted", "deactivated", "revoked"), "bad"),
    **dict.fromkeys(("created", "added", "opened"), "good"),
    **dict.fromkeys(("ended", "removed", "cancelled"), "warn"),
}


class ThingFilter(DropdownFilter):
    """Shows what was done to one kind of thing; actions begin with its name."""

    title = "thing"
    parameter_name = "thing"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Return the kinds of the platform's own apps."""
        metas = [model._meta for model in apps.get_models()]  # noqa: SLF001 -- Django's way
        return sorted(
            (str(meta.model_name), str(meta.verbose_name))
            for meta in metas
            if meta.app_label in OURS
        )

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        """Return the events of the choice."""
        return queryset.filter(object_type=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyPage):
    """Who did what, and from where; nobody changes it."""

    list_display = ("at", "shown_action", "actor", "thing", "address", "told")
    list_filter = (
        ("at", MomentFilter),
        ThingFilter,
        ("action", FieldTextFilter),
        ("actor_name", FieldTextFilter),
        ("address", FieldTextFilter),
    )
    list_filter_submit = True
    search_fields = ("=action", "^actor_name", "object_name", "=request_id")
    search_help_text = "Action, actor, object or request id"
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (("at", "shown_action"), ("actor", "thing"), "in_project", "details")}),
        ("From", {"fields": (("address", "request_id"), "agent")}),
    )
    readonly_fields = ("shown_action", "actor", "thing", "in_project", "details")

    @display(description="action")
    def shown_action(self, event: AuditEvent) -> SafeString:
        """Return the action as a badge."""
        last = event.action.rpartition(".")[2]
        return badge(event.action, tone=TONES.get(last, "plain"))

    @display(description="by")
    def actor(self, event: AuditEvent) -> SafeString | str:
        """Return who did it, with a link."""
        return page_link("user", event.actor_uuid, event.actor_name)

    @display(description="to")
    def thing(self, event: AuditEvent) -> SafeString | str:
        """Return what it was done to, with a link."""
        return page_link(event.object_type, event.object_uuid, event.object_name)

    @display(description="project")
    def in_project(self, event: AuditEvent) -> SafeString | str:
        """Return the project that it was done in, with a link."""
        return page_link("project", event.project_uuid, event.project_uuid)

    @display(description="told")
    def told(self, event: AuditEvent) -> SafeString | str:
        """Return what else is known, in a line."""
        flat = {key: value for key, value in event.data.items() if isinstance(value, str | int)}
        return facts(flat)

    @display(description="details")
    def details(self, event: AuditEvent) -> SafeString | str:
        """Return what else is known."""
        return pretty(event.data) if event.data else NOTHING


def page_link(kind: str, row: UUID | None, text: object) -> SafeString | str:
    """Return a link to the admin page of a row of this kind of model; the text if it has none."""
    if row is None:
        return str(text or NOTHING)
    for app in OURS:
        try:
            address = reverse(f"admin:{app}_{kind}_change", args=[row])
        except NoReverseMatch:
            continue
        return format_html('<a class="text-link" href="{}">{}</a>', address, text or row)
    return str(text or row)
