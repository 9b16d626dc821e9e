"""Who a request acts as where no token is asked for."""

from urllib.parse import urlsplit

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import services
from accounts.models import User
from accounts.tokens import Grant, TokenAuthentication

ORC = "orc"


class LocalAuthentication(BaseAuthentication):
    """In open mode, act as the built-in local user; stands behind TokenAuthentication.

    A token that was sent has been judged before this class is asked.
    """

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """Return the local user in open mode, else None."""
        origin = request.META.get("HTTP_ORIGIN", "")
        user = open_user(origin=origin, host=request.get_host())
        return (user, Grant(door=ORC)) if user else None


def open_user(*, origin: str, host: str) -> User | None:
    """Return the local user, if open mode is on and no page of another site asks."""
    if not settings.OPEN_ACCESS or is_foreign_page(origin=origin, host=host):
        return None
    user = services.local_user()
    return user if user.is_active else None


def is_foreign_page(*, origin: str, host: str) -> bool:
    """Return whether a page of another site sent this, one that CORS does not name either.

    In open mode no secret keeps such a page from acting, so its address has to.
    """
    if not origin or origin in settings.CORS_ALLOWED_ORIGINS:
        return False
    return urlsplit(origin).netloc != host


# For the routes of the orc contract, and those that it shares: a token, or in open mode nobody.
OPEN_AUTHENTICATION = (TokenAuthentication, LocalAuthentication)
