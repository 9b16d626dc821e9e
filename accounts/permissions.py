"""What a request may do: within its key's scopes, in whose projects, and without a token."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts import services
from accounts.authentication import Grant, TokenAuthentication
from accounts.models import Project, Scope, User

if TYPE_CHECKING:
    # The views import this file.
    from rest_framework.views import APIView

ORC = "orc"


class WithinScopes(BasePermission):
    """A key may be used for what it is for; a log-in's token for everything.

    A view may name the scope that it asks for as `scope`; otherwise the method says it.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the request stays within what its token or key grants."""
        if request.auth is None:
            return True
        usual = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        scope = getattr(view, "scope", usual)
        self.message = f"This API key is not for that: it lacks the scope {scope}"
        return scope in request.auth.scopes


class InProject(BasePermission):
    """Whoever sees a row of a project may read it; its developers, admins and owner change it.

    Which rows somebody sees is the queryset's matter: what is not theirs does not exist.
    """

    def has_object_permission(self, request: Request, view: "APIView", obj: Any) -> bool:
        """Return whether the request may do this to the row."""
        if request.method in SAFE_METHODS:
            return True
        return may_change(request.user, obj.project_id)


def may_change(user: User, project_id: int) -> bool:
    """Return whether the user may change what is in this project, and run it."""
    return Project.objects.changeable_by(user).filter(pk=project_id).exists()


def project_for(user: User, named: Mapping[str, Any] | None) -> Project:
    """Return the project that something new of the user goes into: the one that is named.

    One that they do not see, or none, means their own; one that they may only read is refused
    with PermissionDenied.
    """
    seen = Project.objects.visible_to(user).filter(**named).first() if named else None
    if seen is None:
        return services.ensure_personal_project(owner=user)
    if not may_change(user, seen.pk):
        raise PermissionDenied
    return seen


class LocalAuthentication(BaseAuthentication):
    """In open mode, act as the built-in local user; stands behind TokenAuthentication.

    A token that was sent has been judged before this class is asked.
    """

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """Return the local user in open mode, else None."""
        origin = request.META.get("HTTP_ORIGIN", "")
        user = open_user(origin=origin, host=request.get_host())
        return (user, Grant(door=ORC, scopes=frozenset(Scope.values))) if user else None


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
# For the routes of what belongs to a project.
PROJECT_PERMISSIONS = (IsAuthenticated, WithinScopes, InProject)
