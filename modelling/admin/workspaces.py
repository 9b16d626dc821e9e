"""Workspaces, their tables, participants and events: to look at; services alone change them."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts.admin.pages import ReadOnlyPage
from accounts.models import AuditEvent
from config.administration.filters import DeletedFilter
from config.administration.showing import (
    NOTHING,
    badge,
    list_link,
    moment,
    number,
    pretty,
    row_link,
)
from config.administration.verbs import verb
from modelling import services
from modelling.models import Event, Participant, Table, Workspace
from modelling.services import Actor
from modelling.shapes import columns_of


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnlyPage):
    """Workspaces."""

    list_display = ("name", "shown_owner", "shown_type", "shown_project", "shown_seq", "changed")
    list_filter = (
        DeletedFilter,
        ("type", ChoicesDropdownFilter),
        ("owner", AutocompleteSelectFilter),
        "created_at",
    )
    list_select_related = ("owner", "project")
    search_fields = ("name", "uuid", "owner__username", "owner__email")
    search_help_text = "Name, uuid or owner"
    ordering = ("-id",)
    actions = ("delete_workspace",)
    actions_detail = ("delete_workspace",)
    fieldsets = (
        (None, {"fields": (("name", "shown_type"), ("shown_owner", "shown_project"), "related")}),
        (
            "Facts",
            {
                "fields": (
                    ("uuid", "shown_seq", "version"),
                    ("created_at", "last_modified_at", "deleted_at"),
                )
            },
        ),
    )
    readonly_fields = ("shown_type", "shown_owner", "shown_project", "shown_seq", "related", "uuid")

    @display(description="owner", ordering="owner__username")
    def shown_owner(self, workspace: Workspace) -> SafeString | str:
        """Return a link to the owner."""
        return row_link(workspace.owner)

    @display(description="project", ordering="project__name")
    def shown_project(self, workspace: Workspace) -> SafeString | str:
        """Return a link to the project that it lies in."""
        return row_link(workspace.project)

    @display(description="type", ordering="type")
    def shown_type(self, workspace: Workspace) -> SafeString:
        """Return whether it is shared."""
        return badge(workspace.type)

    @display(description="events", ordering="seq")
    def shown_seq(self, workspace: Workspace) -> str:
        """Return how many events it has."""
        return number(workspace.seq)

    @display(description="changed", ordering="last_modified_at")
    def changed(self, workspace: Workspace) -> SafeString | str:
        """Return how long ago it was changed."""
        return moment(workspace.last_modified_at)

    @display(description="rows")
    def related(self, workspace: Workspace) -> SafeString:
        """Return links to what belongs to the workspace."""
        where = {"workspace__id__exact": workspace.pk}
        return SafeString(" · ").join(
            (
                list_link(Table, "tables", **where),
                list_link(Participant, "participants", **where),
                list_link(Event, "events", **where),
                list_link(AuditEvent, "audit", object_uuid=workspace.uuid),
            )
        )

    @verb(
        "Delete",
        icon="delete",
        question="Delete these workspaces? Their participants see them no more.",
        is_dangerous=True,
        fits=lambda workspace: workspace.deleted_at is None,
    )
    def delete_workspace(self, request: HttpRequest, workspace: Workspace) -> str:
        """Take a workspace away as the API does."""
        services.delete_workspace(actor=Actor(request.user), workspace=workspace.uuid)
        return f"{workspace} is deleted."


class OfWorkspace(ReadOnlyPage):
    """What belongs to a workspace."""

    ordering = ("-id",)

    @display(description="workspace", ordering="workspace__name")
    def shown_workspace(self, row: Table | Participant | Event) -> SafeString | str:
        """Return a link to the workspace."""
        return row_link(row.workspace)


@admin.register(Table)
class TableAdmin(OfWorkspace):
    """Tables with their columns."""

    list_display = ("name", "shown_workspace", "shown_domain", "model_type", "version", "changed")
    list_filter = (
        DeletedFilter,
        ("model_type", ChoicesDropdownFilter),
        ("workspace", AutocompleteSelectFilter),
    )
    list_select_related = ("workspace", "primary_domain")
    search_fields = ("name", "alias", "uuid")
    search_help_text = "Name, alias or uuid"
    fieldsets = (
        (None, {"fields": (("name", "alias"), ("shown_workspace", "shown_domain", "model_type"))}),
        (None, {"fields": ("description", "shown_columns")}),
        (
            "Facts",
            {"fields": (("uuid", "version"), ("created_at", "last_modified_at", "deleted_at"))},
        ),
    )
    readonly_fields = ("shown_workspace", "shown_domain", "shown_columns", "uuid")

    @display(description="domain", ordering="primary_domain__name")
    def shown_domain(self, table: Table) -> str:
        """Return the name of the domain that it is drawn in."""
        return table.primary_domain.name

    @display(description="changed", ordering="last_modified_at")
    def changed(self, table: Table) -> SafeString | str:
        """Return how long ago it was changed."""
        return moment(table.last_modified_at)

    @display(description="columns")
    def shown_columns(self, table: Table) -> SafeString | str:
        """Return the columns as the API shows them."""
        columns = columns_of({table.pk: table.uuid})[table.pk]
        return pretty(columns) if columns else NOTHING


@admin.register(Participant)
class ParticipantAdmin(OfWorkspace):
    """Who takes part in which workspace."""

    list_display = ("__str__", "shown_user", "shown_workspace", "shown_level", "joined_at", "seen")
    list_filter = (
        ("access_level", ChoicesDropdownFilter),
        ("user", AutocompleteSelectFilter),
        ("workspace", AutocompleteSelectFilter),
    )
    list_select_related = ("user", "workspace")
    search_fields = ("user__username", "user__email", "workspace__name")
    search_help_text = "User or workspace"
    actions = ("remove",)
    actions_detail = ("remove",)
    fieldsets = (
        (
            None,
            {"fields": (("shown_user", "shown_workspace"), ("shown_level", "joined_at", "seen"))},
        ),
        (None, {"fields": ("canvas_ownership",)}),
    )
    readonly_fields = ("shown_user", "shown_workspace", "shown_level", "seen")

    @display(description="user", ordering="user__username")
    def shown_user(self, part: Participant) -> SafeString | str:
        """Return a link to the user."""
        return row_link(part.user)

    @display(description="level", ordering="access_level")
    def shown_level(self, part: Participant) -> SafeString:
        """Return what they may do."""
        return badge(part.access_level)

    @display(description="seen", ordering="last_seen_at")
    def seen(self, part: Participant) -> SafeString | str:
        """Return how long ago they changed something."""
        return moment(part.last_seen_at)

    @verb(
        "Remove",
        icon="person_remove",
        question="Remove these participants from their workspaces?",
        is_dangerous=True,
    )
    def remove(self, request: HttpRequest, part: Participant) -> str:
        """End somebody's part as the API does."""
        services.remove_participant(
            actor=Actor(request.user), workspace=part.workspace.uuid, user=part.user.uuid
        )
        return f"{part} is removed."


@admin.register(Event)
class EventAdmin(OfWorkspace):
    """What happened in workspaces, line by line."""

    list_display = ("at", "shown_workspace", "seq", "type", "element", "shown_actor")
    list_filter = (("workspace", AutocompleteSelectFilter),)
    list_select_related = ("workspace", "actor")
    search_fields = ("workspace__uuid", "type")
    search_help_text = "Workspace's uuid or type"
    # The table is long, and nothing but its order of age is indexed.
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (("shown_workspace", "seq", "at"), ("type", "element", "version"))}),
        (None, {"fields": (("shown_actor", "connection"), "shown_payload")}),
    )
    readonly_fields = ("shown_workspace", "shown_actor", "shown_payload")

    @display(description="who")
    def shown_actor(self, event: Event) -> SafeString | str:
        """Return a link to who did it."""
        return row_link(event.actor)

    @display(description="what")
    def shown_payload(self, event: Event) -> SafeString | str:
        """Return what was made or changed."""
        return pretty(event.payload) if event.payload else NOTHING
