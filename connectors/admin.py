"""The admin pages of connections; their settings are shown without secrets and changed elsewhere."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts.admin.pages import Page
from accounts.models import AuditEvent
from config.administration.filters import DeletedFilter
from config.administration.showing import list_link, pretty, row_link
from connectors import registry
from connectors.errors import ConfigError
from connectors.models import Connection
from connectors.secrets import mask, veil


@admin.register(Connection)
class ConnectionAdmin(Page):
    """How to reach the systems that jobs read and write."""

    list_display = ("name", "connector", "role", "shown_project", "created_by", "created_at")
    list_filter = (
        DeletedFilter,
        ("role", ChoicesDropdownFilter),
        "connector",
        ("project", AutocompleteSelectFilter),
        "created_at",
    )
    list_select_related = ("project", "created_by")
    search_fields = ("name", "uuid", "connector", "project__name")
    search_help_text = "Name, connector, uuid or project"
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("name", ("connector", "role", "shown_project"), "masked")}),
        (
            "Facts",
            {
                "fields": (
                    ("uuid", "created_by", "history"),
                    ("created_at", "updated_at", "deleted_at"),
                )
            },
        ),
    )
    readonly_fields = (
        *("uuid", "shown_project", "connector", "role", "masked", "history", "created_by"),
        *("created_at", "updated_at", "deleted_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: settings are judged and sealed by the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        """Refuse: a connection that jobs use is not simply gone."""
        return False

    @display(description="project", ordering="project__name")
    def shown_project(self, connection: Connection) -> SafeString | str:
        """Return a link to the project."""
        return row_link(connection.project)

    @display(description="history")
    def history(self, connection: Connection) -> SafeString:
        """Return a link to what was done to it."""
        return list_link(AuditEvent, "audit", object_uuid=connection.uuid)

    @display(description="settings")
    def masked(self, connection: Connection) -> SafeString:
        """Return the settings, secrets as asterisks."""
        try:
            model = registry.connector(connection.connector).Settings
        except ConfigError:
            # It is not there any more; what it sealed stays sealed.
            return pretty(veil(connection.settings))
        return pretty(veil(mask(model, connection.settings)))
