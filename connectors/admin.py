"""The admin pages of connections; their settings are shown without secrets and changed elsewhere."""

import json

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from connectors import registry
from connectors.models import Connection
from connectors.secrets import mask


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    """How to reach the systems that jobs read and write."""

    list_display = ("name", "connector", "role", "project", "created_at", "deleted_at")
    list_filter = ("connector", "role", "created_at", "deleted_at")
    list_select_related = ("project",)
    search_fields = ("name", "uuid", "project__name")
    date_hierarchy = "created_at"
    fields = ("uuid", "name", "project", "connector", "role", "masked", "created_by", "created_at")
    readonly_fields = ("uuid", "project", "connector", "masked", "created_by", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: settings are judged and sealed by the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        """Refuse: a connection that jobs use is not simply gone."""
        return False

    @admin.display(description="settings")
    def masked(self, connection: Connection) -> str:
        """Return the settings, secrets as asterisks."""
        model = registry.connector(connection.connector).Settings
        shown = json.dumps(mask(model, connection.settings), indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", shown)
