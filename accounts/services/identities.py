"""Whom a GitHub account belongs to, and which of its e-mails is theirs here (decision 79)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.github.client import Profile
from accounts.github.failures import Failure, SignInError
from accounts.models import GitHubAccount, User
from accounts.services.people import store_new
from accounts.services.sessions import forget
from config.api import attempts, requests
from config.api.errors import Conflict, TooMany

LONGEST_NAME = 255
TAKEN = "This e-mail belongs to another account here; choose another one"


def settle_user(*, profile: Profile) -> User:
    """Return whose GitHub account this is, made if it is new; SignInError if they are not let in.

    Only GitHub's number decides. An e-mail does not: those of our own accounts were never
    verified, so whoever had registered somebody else's would share the account with them.
    """
    user = _known(profile) or _make(profile)
    if not user.is_active:
        raise SignInError(Failure.DEACTIVATED, user=user)
    return user


def emails_of(user: User) -> list[dict[str, Any]]:
    """Return the e-mails that GitHub told at the user's last sign-in; empty if there was none."""
    account = GitHubAccount.objects.filter(user=user).first()
    return list(account.emails) if account else []


def verified(emails: Iterable[dict[str, Any]]) -> list[str]:
    """Return the addresses that GitHub has verified and mail can reach, the primary one first."""
    fit = [entry for entry in emails if entry["verified"] and _is_address(entry["email"])]
    return [entry["email"] for entry in sorted(fit, key=lambda entry: not entry["primary"])]


@transaction.atomic
def select_email(*, user: User, email: str) -> str:
    """Give the user one of their verified e-mails; ValidationError, Conflict if it is another's."""
    known = {address.lower(): address for address in verified(emails_of(user))}
    chosen = known.get(email.strip().lower())
    if chosen is None:
        raise ValidationError({"email": "email is none of your verified e-mails at GitHub"})
    row = User.objects.select_for_update().get(pk=user.pk)
    chosen = User.objects.normalize_email(chosen)
    if chosen.lower() == (row.email or "").lower():
        return chosen
    if User.objects.exclude(pk=row.pk).named(chosen).exists():
        raise Conflict(TAKEN)
    try:
        with transaction.atomic():
            User.objects.filter(pk=row.pk).update(email=chosen)
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
    audit.record("user.email_selected", by=row, target=row, email=chosen)
    forget(user=row)
    return chosen


def _known(profile: Profile) -> User | None:
    account = GitHubAccount.objects.filter(github_id=profile.id).select_related("user").first()
    if account is None:
        return None
    # Its name and its e-mails may have changed.
    account.login, account.emails = profile.login, _told(profile)
    account.save(update_fields=["login", "emails", "updated_at"])
    return account.user


def _make(profile: Profile) -> User:
    if not verified(_told(profile)):
        raise SignInError(Failure.NO_EMAIL)
    if getattr(settings, "SIGNUP", "open") != "open":
        raise SignInError(Failure.CLOSED)
    try:
        attempts.demand_room("signup", requests.current_address())
    except TooMany as error:
        raise SignInError(Failure.TOO_MANY) from error
    for username in (profile.login, f"{profile.login}-{profile.id}"):
        try:
            return _store(profile, username=username)
        except (ValidationError, IntegrityError):
            # The name is somebody's, or the same account came a moment earlier.
            if user := _known(profile):
                return user
    raise SignInError(Failure.PROFILE, f"No username was free for {profile.login}")


@transaction.atomic
def _store(profile: Profile, *, username: str) -> User:
    free = [email for email in verified(_told(profile)) if not _is_taken(email)]
    name = "".join(filter(str.isprintable, profile.name or ""))[:LONGEST_NAME]
    user = User(username=username, email=free[0] if free else None, name=name)
    user.set_unusable_password()
    user.full_clean(exclude={"password"})
    store_new(user=user)
    GitHubAccount.objects.create(
        user=user, github_id=profile.id, login=profile.login, emails=_told(profile)
    )
    audit.record("github.linked", by=user, target=user, login=profile.login, github_id=profile.id)
    return user


def _told(profile: Profile) -> list[dict[str, Any]]:
    return [email.model_dump() for email in profile.emails]


def _is_taken(email: str) -> bool:
    return User.objects.named(email).exists()


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
