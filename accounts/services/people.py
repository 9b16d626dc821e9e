"""What can be done with users."""

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from rest_framework.exceptions import PermissionDenied

from accounts import audit, cache
from accounts.models import LOCAL_USER, LOCAL_USERNAME, TAKEN, Ending, Role, Session, User
from accounts.services.projects import ensure_personal_project
from accounts.services.sessions import end_sessions, forget
from config.api import attempts, requests

CLOSED = (
    "Sign-up is closed: an admin makes the accounts, on the admin pages at /admin/ or with "
    "`manage.py createsuperuser`"
)


def register(
    *,
    password: str,
    username: str | None = None,
    email: str | None = None,
    name: str = "",
    **fields: Any,
) -> User:
    """Sign a new user up, with a personal project; a ValidationError names the fields at fault."""
    attempts.demand_room("signup", requests.current_address())
    user = User(username=username, email=email, name=name, **fields)
    _demand_fit(user, password=password)
    user.set_password(password)
    store_new(user=user)
    return user


def store_new(*, user: User) -> None:
    """Store a user who was judged, with a personal project; ValidationError if one came first."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            ensure_personal_project(owner=user)
            audit.record("user.created", by=user, target=user)
    except IntegrityError as error:
        # Somebody else signed up with it after the check.
        field = "username" if user.username else "email"
        raise ValidationError({field: TAKEN[field]}) from error


def demand_open_signup() -> None:
    """Refuse a sign-up where an admin makes the accounts; PermissionDenied says so."""
    if settings.SIGNUP != "open":
        raise PermissionDenied(CLOSED)


def make_admin(*, password: str, username: str | None = None, email: str | None = None) -> User:
    """Make a user who may do everything; a ValidationError names the fields at fault."""
    return register(username=username, email=email, password=password, role=Role.ADMIN)


def ensure_admin(
    *, password: str, username: str | None = None, email: str | None = None
) -> tuple[User, bool]:
    """Return the first admin, as the environment names them, and whether they were made just now.

    A user who is there already stays as they are, whatever their password and role.
    """
    known = User.objects.named(username or email or "").first()
    if known:
        return known, False
    return make_admin(username=username, email=email, password=password), True


@transaction.atomic
def change_password(*, user: User, password: str, by: User, besides: Session | None = None) -> None:
    """Set a new password and end every session of the user, save the one that asked for it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    audit.record("user.password_changed", by=by, target=user)
    end_sessions(user=user, by=by, why=Ending.PASSWORD, besides=besides.uuid if besides else None)
    forget(user=user)


@transaction.atomic
def deactivate(*, user: User, by: User | None) -> None:
    """Shut the user out: no log-in, every session ends, and no API key is good."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = False
    user.save(update_fields=["is_active", "updated_at"])
    audit.record("user.deactivated", by=by, target=user)
    end_sessions(user=user, by=by, why=Ending.DEACTIVATED)
    forget(user=user)


def local_user() -> User:
    """Return the built-in user of open mode; it has a project of its own and no password."""
    entry = cache.by_user(LOCAL_USER)
    return cache.own(entry) if entry else _make_local_user()


def _demand_fit(user: User, *, password: str) -> None:
    faults: dict[str, list[str]] = {}
    try:
        user.full_clean(exclude={"password"})
    except ValidationError as error:
        faults.update(error.message_dict)
    try:
        validate_password(password, user)
    except ValidationError as error:
        faults["password"] = error.messages
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def _make_local_user() -> User:
    user, is_new = User.objects.get_or_create(
        uuid=LOCAL_USER, defaults={"username": LOCAL_USERNAME, "name": "Local user"}
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    ensure_personal_project(owner=user)
    return user
