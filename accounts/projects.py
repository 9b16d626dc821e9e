"""Which project something new goes into."""

from typing import Any
from uuid import UUID

from rest_framework.exceptions import PermissionDenied

from accounts.models import Project, User


def chosen_project(user: User, asked: Any) -> Project:
    """Return the project that a body names by number or UUID, if the user may change it.

    None, or one that the user cannot see, means the user's own; PermissionDenied for one that
    the user may only read.
    """
    by = _lookup(asked)
    found = Project.objects.visible_to(user).filter(**by).first() if by else None
    if found is None:
        return Project.objects.personal_of(user)
    if not Project.objects.changeable_by(user).filter(pk=found.pk).exists():
        raise PermissionDenied
    return found


def _lookup(asked: Any) -> dict[str, Any]:
    text = str(asked if asked is not None else "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        return {"pk": int(text)}
    try:
        return {"uuid": UUID(text)}
    except ValueError:
        return {}
