"""The admin pages of what lets somebody in: sessions, API keys, accounts at GitHub."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts import services
from accounts.admin.pages import ReadOnlyPage
from accounts.models import ApiKey, GitHubAccount, Session
from config.administration.filters import LiveFilter
from config.administration.showing import badge, moment, row_link
from config.administration.verbs import verb
from config.api.errors import Conflict


class OfUser(ReadOnlyPage):
    """What belongs to one user."""

    list_select_related = ("user",)
    ordering = ("-id",)

    @display(description="user", ordering="user__username")
    def shown_user(self, row: Session | ApiKey | GitHubAccount) -> SafeString | str:
        """Return a link to the user."""
        return row_link(row.user)

    @display(description="last used", ordering="last_used_at")
    def used(self, row: Session | ApiKey) -> SafeString | str:
        """Return when it last let somebody in."""
        return moment(row.last_used_at)

    @display(description="expires", ordering="expires_at")
    def expires(self, row: Session | ApiKey) -> SafeString | str:
        """Return until when it is good."""
        return moment(row.expires_at)

    @display(description="state")
    def state(self, row: Session | ApiKey) -> SafeString:
        """Return whether it still lets somebody in."""
        if row.ended_at is not None:
            return badge("ended")
        return badge("good", tone="good") if row.is_live else badge("expired", tone="warn")


@admin.register(Session)
class SessionAdmin(OfUser):
    """Log-ins, to end them."""

    list_display = (
        *("short", "shown_user", "state", "door", "address"),
        *("created_at", "used", "expires"),
    )
    list_filter = (
        LiveFilter,
        "door",
        ("ended_why", ChoicesDropdownFilter),
        ("user", AutocompleteSelectFilter),
    )
    search_fields = ("uuid", "user__username", "user__email", "address", "agent")
    search_help_text = "User, address or uuid"
    actions = ("end",)
    actions_detail = ("end",)
    fieldsets = (
        (None, {"fields": (("shown_user", "state"), ("door", "address"), "agent")}),
        ("When", {"fields": (("created_at", "last_used_at", "rotated_at"), ("expires_at",))}),
        ("End", {"fields": (("ended_at", "ended_why"),)}),
        ("Facts", {"fields": ("uuid",)}),
    )
    readonly_fields = ("shown_user", "state")

    @display(description="session")
    def short(self, session: Session) -> str:
        """Return the beginning of the uuid."""
        return f"{session.uuid}"[:8]

    @verb(
        "End",
        icon="logout",
        question="Log these sessions out?",
        is_dangerous=True,
        fits=lambda session: session.is_live,
    )
    def end(self, request: HttpRequest, session: Session) -> str:
        """End one session."""
        if session.ended_at is not None:
            raise Conflict("The session has ended already")
        services.end_session(session=session, by=request.user)
        return f"Session {session} of {session.user} is ended."


@admin.register(ApiKey)
class ApiKeyAdmin(OfUser):
    """Keys for programs, to revoke them; the keys themselves nobody can read."""

    list_display = (
        *("name", "shown_prefix", "shown_user", "state", "shown_scopes"),
        *("created_at", "used", "expires"),
    )
    list_filter = (LiveFilter, ("user", AutocompleteSelectFilter), "created_at")
    search_fields = ("name", "prefix", "uuid", "user__username", "user__email")
    search_help_text = "Name, prefix, user or uuid"
    actions = ("revoke",)
    actions_detail = ("revoke",)
    fieldsets = (
        (None, {"fields": (("name", "shown_prefix"), ("shown_user", "state"), "shown_scopes")}),
        ("When", {"fields": (("created_at", "last_used_at"), ("expires_at", "ended_at"))}),
        ("Facts", {"fields": ("uuid",)}),
    )
    readonly_fields = ("shown_user", "state", "shown_prefix", "shown_scopes")

    @display(description="begins with")
    def shown_prefix(self, key: ApiKey) -> str:
        """Return what may be seen of the key."""
        return f"{key.prefix}…"

    @display(description="scopes")
    def shown_scopes(self, key: ApiKey) -> str:
        """Return what the key may be used for."""
        return ", ".join(key.scopes)

    @verb(
        "Revoke",
        icon="key_off",
        question="Revoke these keys? Programs that use them stop working at once.",
        is_dangerous=True,
        fits=lambda key: key.is_live,
    )
    def revoke(self, request: HttpRequest, key: ApiKey) -> str:
        """End one key."""
        if key.ended_at is not None:
            raise Conflict("The key is revoked already")
        services.revoke_key(key=key, by=request.user)
        return f"{key} is revoked."


@admin.register(GitHubAccount)
class GitHubAccountAdmin(OfUser):
    """Who users are at GitHub."""

    list_display = ("login", "shown_user", "addresses", "created_at", "updated_at")
    list_filter = ("created_at",)
    search_fields = ("login", "github_id", "user__username", "user__email")
    search_help_text = "Login, number or user"
    fieldsets = (
        (None, {"fields": (("login", "github_id"), "shown_user", "addresses")}),
        ("Facts", {"fields": (("created_at", "updated_at"),)}),
    )
    readonly_fields = ("shown_user", "addresses")

    @display(description="e-mails")
    def addresses(self, account: GitHubAccount) -> str:
        """Return the e-mails that GitHub knows, the verified ones with a tick."""
        return ", ".join(
            f"{email.get('email')}{' ✓' if email.get('verified') else ''}"
            for email in account.emails
        )
