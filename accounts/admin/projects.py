"""The admin pages of projects and of who takes part in them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts import services
from accounts.admin.pages import Page
from accounts.models import AuditEvent, Membership, Project
from config.administration.showing import badge, list_link, row_link
from config.administration.verbs import verb


class MembershipForm(forms.ModelForm):
    """The form of a membership."""

    def clean(self) -> dict[str, Any]:
        """Refuse who cannot be a member."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        project = cleaned.get("project") or self.instance.project
        user = cleaned.get("user") or getattr(self.instance, "user", None)
        if user is not None:
            services.demand_fit_member(project=project, user=user)
        return cleaned


class MembershipsOfProject(TabularInline):
    """Who takes part, on the project's page."""

    model = Membership
    form = MembershipForm
    fields = ("user", "role", "created_at")
    readonly_fields = ("created_at",)
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Project)
class ProjectAdmin(Page):
    """Projects with their members."""

    list_display = ("name", "shown_owner", "is_personal", "created_at")
    list_filter = (("owner", AutocompleteSelectFilter), "is_personal", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "uuid", "owner__username", "owner__email")
    search_help_text = "Name, uuid or owner"
    ordering = ("-id",)
    autocomplete_fields = ("owner",)
    inlines = (MembershipsOfProject,)
    actions = ("delete_empty",)
    actions_detail = ("delete_empty",)
    readonly_fields = ("uuid", "is_personal", "related", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("name", "owner", "related")}),
        ("Facts", {"fields": ("uuid", ("is_personal", "created_at", "updated_at"))}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """Refuse Django's own way, which knows nothing of what a project holds."""
        return False

    def get_readonly_fields(
        self, request: HttpRequest, obj: Project | None = None
    ) -> tuple[str, ...]:
        """Return what cannot be changed; a personal project stays its owner's."""
        owner = ("owner",) if obj is not None and obj.is_personal else ()
        return (*self.readonly_fields, *owner)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 -- as Django calls it
        """Store the memberships as the API does."""
        members = formset.save(commit=False)
        for gone in formset.deleted_objects:
            _leave(request, gone)
        for member in members:
            _join(request, member)
        formset.save_m2m()

    @display(description="owner", ordering="owner__username")
    def shown_owner(self, project: Project) -> SafeString | str:
        """Return a link to the owner."""
        return row_link(project.owner)

    @display(description="history")
    def related(self, project: Project) -> SafeString:
        """Return a link to what was done in the project."""
        return list_link(AuditEvent, "Audit events", project_uuid=project.uuid)

    @verb(
        "Delete",
        icon="delete",
        question="Delete these projects? Only empty ones can go, with their memberships.",
        is_dangerous=True,
        fits=lambda project: not project.is_personal,
    )
    def delete_empty(self, request: HttpRequest, project: Project) -> str:
        """Take an empty project away."""
        services.delete_project(project=project, by=request.user)
        return f"{project} is deleted."


@admin.register(Membership)
class MembershipAdmin(Page):
    """Who takes part in which project."""

    form = MembershipForm
    is_recorded_by_services = True
    list_display = ("__str__", "shown_user", "shown_project", "shown_role", "created_at")
    list_filter = (
        ("role", ChoicesDropdownFilter),
        ("user", AutocompleteSelectFilter),
        ("project", AutocompleteSelectFilter),
    )
    list_select_related = ("user", "project")
    search_fields = ("user__username", "user__email", "project__name")
    search_help_text = "User or project"
    ordering = ("-id",)
    autocomplete_fields = ("user", "project")
    fields = ("user", "project", "role")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> tuple[str, ...]:
        """Return what cannot be changed: who is a member of what."""
        return () if obj is None else ("user", "project")

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:  # noqa: FBT001 -- as Django calls it
        """Store the membership as the API does."""
        obj.pk = _join(request, obj).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """End the membership as the API does."""
        _leave(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """End the chosen memberships as the API does."""
        for member in queryset:
            _leave(request, member)

    @display(description="user", ordering="user__username")
    def shown_user(self, member: Membership) -> SafeString | str:
        """Return a link to the user."""
        return row_link(member.user)

    @display(description="project", ordering="project__name")
    def shown_project(self, member: Membership) -> SafeString | str:
        """Return a link to the project."""
        return row_link(member.project)

    @display(description="role", ordering="role")
    def shown_role(self, member: Membership) -> SafeString:
        """Return the role as a badge."""
        return badge(member.role, member.get_role_display())


def _join(request: HttpRequest, member: Membership) -> Membership:
    before = Membership.objects.filter(pk=member.pk).exclude(user=member.user_id).first()
    if before is not None:
        _leave(request, before)
    return services.set_member(
        project=member.project, user=member.user, role=member.role, by=request.user
    )


def _leave(request: HttpRequest, member: Membership) -> None:
    services.remove_member(project=member.project, user=member.user, by=request.user)
