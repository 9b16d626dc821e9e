"""The admin pages of users, projects and memberships."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts import services
from accounts.models import Membership, Project, User


class UserCreation(AdminUserCreationForm):
    """The form of a new user; a name or an e-mail is enough."""

    class Meta:
        """What is asked besides the password."""

        model = User
        fields = ("username", "email", "name", "role")
        field_classes: ClassVar[dict[str, type]] = {}


class UserChange(UserChangeForm):
    """The form of a user who is there."""

    class Meta:
        """Everything that may be changed."""

        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, type]] = {}


class MembershipsOfProject(admin.TabularInline):
    """Who takes part, on the project's page."""

    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """People and programs, with the projects that they own."""

    form = UserChange
    add_form = UserCreation
    list_display = ("__str__", "email", "name", "role", "is_active", "last_login", "created_at")
    list_filter = ("role", "is_active", "created_at")
    search_fields = ("username", "email", "name", "uuid")
    ordering = ("-id",)
    date_hierarchy = "created_at"
    filter_horizontal = ()
    readonly_fields = ("uuid", "projects_owned", "last_login", "created_at", "updated_at")
    actions = ("deactivate", "revoke_tokens")
    fieldsets = (
        (None, {"fields": ("username", "email", "name", "password")}),
        ("May", {"fields": ("role", "is_active", "projects_owned")}),
        ("Facts", {"fields": ("uuid", "last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "email",
                    "name",
                    "role",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return all users; one query for the projects of a page of them."""
        return super().get_queryset(request).prefetch_related("owned_projects")

    def save_model(self, request: HttpRequest, obj: User, form: object, change: bool) -> None:  # noqa: FBT001 -- as Django calls it
        """Store the user; a new one gets a personal project as at sign-up."""
        super().save_model(request, obj, form, change)
        services.ensure_personal_project(owner=obj)
        services.forget(user=obj)

    @admin.display(description="projects")
    def projects_owned(self, user: User) -> str:
        """Return a link to the projects that the user owns."""
        address = reverse("admin:accounts_project_changelist")
        count = len(user.owned_projects.all()) if user.pk else 0
        return format_html('<a href="{}?owner__id__exact={}">{}</a>', address, user.pk, count)

    @admin.action(description="Deactivate: end all tokens and refuse log-in")
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Shut the chosen users out."""
        for user in users:
            services.deactivate(user=user)
        self.message_user(request, f"{len(users)} deactivated.")

    @admin.action(description="End all tokens; log-in stays possible")
    def revoke_tokens(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """End every token of the chosen users."""
        for user in users:
            services.revoke_tokens(user=user)
        self.message_user(request, f"Tokens of {len(users)} ended.")


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    """Projects with their members."""

    list_display = ("name", "owner", "is_personal", "created_at")
    list_filter = ("is_personal", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "uuid", "owner__username", "owner__email")
    autocomplete_fields = ("owner",)
    readonly_fields = ("uuid", "is_personal", "created_at", "updated_at")
    inlines = (MembershipsOfProject,)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Who takes part in which project."""

    list_display = ("user", "project", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "project")
    search_fields = ("user__username", "user__email", "project__name")
    autocomplete_fields = ("user", "project")
