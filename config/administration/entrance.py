"""The admin's own door: a log-in like every other, guarded, written down, and revocable."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from unfold.forms import AuthenticationForm

from accounts import audit, services
from accounts.models import Ending, Session, User
from config.api.errors import TooMany

DOOR = "admin"
# Where the browser's session keeps which of the platform's sessions it is.
KEPT_AS = "millrace_session"
# A page or two a second need not all be written down.
TOUCH_EVERY = timedelta(minutes=1)


class LogInForm(AuthenticationForm):
    """A name or e-mail and a password; too many wrong ones are refused for a while."""

    # Set where the guard said no; it knows when to try again.
    refusal: TooMany | None = None

    def clean(self) -> dict[str, Any]:
        """Judge what was typed, within the limits of all log-ins."""
        account, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        if not account or not password:
            return self.cleaned_data
        try:
            user = services.identify(identifier=account, password=password, door=DOOR)
        except TooMany as refusal:
            self.refusal = refusal
            raise ValidationError(str(refusal)) from refusal
        except AuthenticationFailed as error:
            raise self.get_invalid_login_error() from error
        self._demand_admin(user)
        self.user_cache = user
        return self.cleaned_data

    def _demand_admin(self, user: User) -> None:
        try:
            self.confirm_login_allowed(user)
        except ValidationError:
            audit.record("session.refused", by=None, target=user, door=DOOR)
            raise


def enter(request: HttpRequest) -> None:
    """Open one of the platform's sessions for who just logged in, so that it can be ended."""
    session = services.open_session(user=request.user, door=DOOR)
    request.session[KEPT_AS] = str(session.uuid)


def leave(request: HttpRequest) -> None:
    """End the session of who is about to log out."""
    session = current_session(request)
    if session is not None:
        services.end_session(session=session, by=request.user, why=Ending.LOGGED_OUT)


def current_session(request: HttpRequest) -> Session | None:
    """Return the live session of the request; asked of the database once for each request."""
    if not hasattr(request, "admin_session"):
        request.admin_session = _find(request)
    found: Session | None = request.admin_session
    return found


def session_id(request: HttpRequest) -> UUID | None:
    """Return the uuid of the request's session, if it has one."""
    session = current_session(request)
    return session.uuid if session else None


def _find(request: HttpRequest) -> Session | None:
    kept = request.session.get(KEPT_AS)
    if kept is None or not request.user.is_authenticated:
        return None
    session: Session | None = (
        Session.objects.live().filter(uuid=kept, user=request.user).select_related("user").first()
    )
    now = timezone.now()
    if session is not None and now - session.last_used_at > TOUCH_EVERY:
        Session.objects.filter(pk=session.pk).update(last_used_at=now)
    return session
