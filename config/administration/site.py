"""The admin's site: who enters, and what the browser may load on its pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.sites import UnfoldAdminSite

from accounts import audit, services
from accounts.models import Ending
from config.administration import entrance

# The pages carry small scripts, and Alpine makes functions of their attributes (unsafe-eval).
# No other host is asked, framed or told anything.
ONLY_US = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'self'; frame-ancestors 'none'"
)

View = Callable[..., HttpResponseBase]


class Site(UnfoldAdminSite):
    """The admin of the platform."""

    login_form = entrance.LogInForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether an admin asks whose session goes on."""
        return super().has_permission(request) and entrance.current_session(request) is not None

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002 -- as Django calls it
        """Return the view behind the log-in, its page kept with this server."""
        return _kept(super().admin_view(view, cacheable))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Show the log-in, or judge what was sent: 302 in, 200 and why not, 429 and until when."""
        response = super().login(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            entrance.enter(request)
        elif refusal := getattr(_form_of(response), "refusal", None):
            response.status_code = refusal.status_code
            response.headers["Retry-After"] = str(refusal.wait)
        response.headers["Content-Security-Policy"] = ONLY_US
        return response

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Log out: the session ends."""
        if request.method == "POST":
            entrance.leave(request)
        response: HttpResponseBase = super().logout(request, extra_context)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Show or take one's own new password; one's other sessions end."""
        with transaction.atomic():
            response: HttpResponseBase = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == 302:
                user, besides = request.user, entrance.session_id(request)
                audit.record("user.password_changed", by=user, target=user)
                services.end_sessions(user=user, by=user, why=Ending.PASSWORD, besides=besides)
        return response


def _form_of(response: HttpResponseBase) -> object:
    return (getattr(response, "context_data", None) or {}).get("form")


def _kept(view: View) -> View:
    @wraps(view)
    def keep(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = ONLY_US
        return response

    return keep
