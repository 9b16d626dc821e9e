"""What can be done with users and projects; one function for each verb."""

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts import cache
from accounts.models import LOCAL_USER, LOCAL_USERNAME, TAKEN, Project, User


def register(
    *, password: str, username: str | None = None, email: str | None = None, name: str = ""
) -> User:
    """Sign a new user up, with a personal project; a ValidationError names the fields at fault."""
    user = User(username=username, email=email, name=name)
    _demand_fit(user, password=password)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            ensure_personal_project(owner=user)
    except IntegrityError as error:
        # Somebody else signed up with it after the check.
        field = "username" if user.username else "email"
        raise ValidationError({field: TAKEN[field]}) from error
    return user


def log_in(*, identifier: str, password: str) -> User:
    """Return the active user with this name or e-mail and this password."""
    # Django hashes a password for an unknown name too, so the time tells nothing.
    user = authenticate(username=identifier, password=password)
    if not isinstance(user, User):
        raise AuthenticationFailed("Wrong username or password")
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    return user


def local_user() -> User:
    """Return the built-in user of open mode; it has a project of its own and no password."""
    return cache.user_of(LOCAL_USER) or _make_local_user()


def ensure_personal_project(*, owner: User) -> Project:
    """Return the project that the user always has, made if it is missing."""
    project, _ = Project.objects.get_or_create(
        owner=owner, is_personal=True, defaults={"name": f"Project of {owner}"[:255]}
    )
    return project


def revoke_tokens(*, user: User) -> None:
    """End every token of the user: here at once, in other processes within 2 seconds."""
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
    forget(user=user)


def deactivate(*, user: User) -> None:
    """Shut the user out: no log-in, and every token ends."""
    User.objects.filter(pk=user.pk).update(
        is_active=False, token_version=F("token_version") + 1, updated_at=timezone.now()
    )
    forget(user=user)


def forget(*, user: User) -> None:
    """Let the next request of the user see what was changed."""
    cache.forget(user.uuid)
    # A request beside us may keep the old row once more before we commit.
    transaction.on_commit(lambda: cache.forget(user.uuid))


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
