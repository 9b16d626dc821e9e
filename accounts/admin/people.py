"""The admin pages of users."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import services
from accounts.admin.pages import Page
from accounts.models import ApiKey, AuditEvent, Ending, Membership, Project, Role, Session, User
from config.administration.entrance import session_id
from config.administration.showing import badge, list_link, moment
from config.administration.verbs import verb
from config.api.errors import Conflict

# Rights follow from roles; nobody is in a group.
admin.site.unregister(Group)

YOURSELF = "You cannot shut yourself out; another admin can"


class UserCreation(UserCreationForm):
    """The form of a new user; a name or an e-mail is enough."""

    class Meta:
        """What is asked besides the password."""

        model = User
        fields = ("username", "email", "name", "role")
        field_classes: ClassVar[dict[str, type]] = {}


class UserChange(UserChangeForm):
    """The form of a user who is there."""

    # Whoever looks; the page sets it.
    admin: User

    class Meta:
        """Everything that may be changed."""

        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, type]] = {}

    def clean(self) -> dict[str, Any]:
        """Refuse that admins take the admin pages from themselves."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_shut = not cleaned.get("is_active") or cleaned.get("role") != Role.ADMIN
        if self.instance == self.admin and is_shut:
            raise ValidationError(YOURSELF)
        return cleaned


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Page):
    """People and programs."""

    form = UserChange
    add_form = UserCreation
    change_password_form = AdminPasswordChangeForm
    list_display = ("__str__", "email", "name", "shown_role", "is_active", "seen", "created_at")
    list_filter = (("role", ChoicesDropdownFilter), "is_active", "created_at")
    search_fields = ("username", "email", "name", "uuid")
    search_help_text = "Name, e-mail or uuid"
    ordering = ("-id",)
    filter_horizontal = ()
    readonly_fields = ("uuid", "related", "last_login", "created_at", "updated_at")
    actions = ("deactivate", "end_sessions")
    actions_detail = ("end_sessions", "deactivate")
    fieldsets = (
        (None, {"fields": ("username", "email", "name", "password")}),
        ("May", {"fields": (("role", "is_active"),)}),
        ("Has", {"fields": ("related",)}),
        ("Facts", {"fields": ("uuid", ("last_login", "created_at", "updated_at"))}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    *("username", "email", "name", "role"),
                    *("usable_password", "password1", "password2"),
                )
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: everybody owns a project at least; who leaves is deactivated."""
        return False

    def get_form(self, request: HttpRequest, obj: User | None = None, **more: Any) -> Any:
        """Return the form, which knows who asks."""
        form = super().get_form(request, obj, **more)
        form.admin = request.user
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 -- as Django calls it
        """Store the user; a new one gets a personal project as at sign-up."""
        super().save_model(request, obj, form, change)
        services.ensure_personal_project(owner=obj)
        if change and "is_active" in form.changed_data and not obj.is_active:
            services.deactivate(user=obj, by=request.user)
        services.forget(user=obj)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponseBase:
        """Show or take a new password; the old one's sessions end."""
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            user = self.get_object(request, id)
            if response.status_code == 302 and isinstance(user, User):
                besides = session_id(request) if user == request.user else None
                services.end_sessions(
                    user=user, by=request.user, why=Ending.PASSWORD, besides=besides
                )
        return response

    @display(description="role", ordering="role")
    def shown_role(self, user: User) -> SafeString:
        """Return the role as a badge."""
        return badge(user.role, user.get_role_display())

    @display(description="last log-in", ordering="last_login")
    def seen(self, user: User) -> SafeString | str:
        """Return when the user last logged in."""
        return moment(user.last_login)

    @display(description="rows")
    def related(self, user: User) -> SafeString:
        """Return links to what belongs to the user."""
        links = (
            list_link(Project, "Projects owned", owner__id__exact=user.pk),
            list_link(Membership, "Memberships", user__id__exact=user.pk),
            list_link(Session, "Sessions", user__id__exact=user.pk),
            list_link(ApiKey, "API keys", user__id__exact=user.pk),
            list_link(AuditEvent, "What they did", actor_uuid=user.uuid),
            list_link(AuditEvent, "What was done to them", object_uuid=user.uuid),
        )
        return format_html_join(" · ", "{}", ((link,) for link in links))

    @verb(
        "Deactivate",
        icon="person_off",
        question="Refuse log-in, and end all sessions and API keys of these users?",
        is_dangerous=True,
        fits=lambda user: user.is_active,
    )
    def deactivate(self, request: HttpRequest, user: User) -> str:
        """Shut a user out."""
        if user == request.user:
            raise Conflict(YOURSELF)
        services.deactivate(user=user, by=request.user)
        return f"{user} is deactivated."

    @verb(
        "End all sessions",
        icon="logout",
        question="Log these users out everywhere? They can log in again.",
    )
    def end_sessions(self, request: HttpRequest, user: User) -> str:
        """End every session of a user; of one's own, all but this one."""
        besides = session_id(request) if user == request.user else None
        count = services.end_sessions(user=user, by=request.user, besides=besides)
        return f"{user}: {count} sessions ended."
