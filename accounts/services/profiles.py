"""What users change about themselves: their names, their e-mail, their password."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import audit, passwords
from accounts.models import TAKEN, Session, User
from accounts.services.people import change_password
from accounts.services.sessions import forget
from config.api import attempts, requests

WRONG = "This is not your password"


def change_profile(*, user: User, by: User, **changes: Any) -> User:
    """Change the username, e-mail or name of a user; a ValidationError names the fields at fault."""
    try:
        return _store(user=user, by=by, changes=changes)
    except IntegrityError as error:
        # Somebody else took it after the check.
        raise ValidationError({name: TAKEN[name] for name in changes if name in TAKEN}) from error


def replace_password(
    *, user: User, current_password: str, new_password: str, besides: UUID | None
) -> None:
    """Set a new password for somebody who knows the old one; ValidationError, Throttled.

    Every session ends save that of `besides`. Guesses at the old password are counted as failed
    log-ins are: whoever found an open session must not find out the password with it.
    """
    account, address = str(user), requests.current_address()
    attempts.demand_calm(account, address)
    user = User.objects.get(pk=user.pk)
    fits = len(current_password) <= passwords.LONGEST
    if not (fits and user.check_password(current_password)):
        attempts.failed(account, address)
        audit.record("user.password_refused", by=user, target=user)
        raise ValidationError({"current_password": WRONG})
    attempts.succeeded(account, address)
    session = Session.objects.filter(uuid=besides).first()
    try:
        change_password(user=user, password=new_password, by=user, besides=session)
    except ValidationError as error:
        raise ValidationError({"new_password": error.messages}) from error


@transaction.atomic
def _store(*, user: User, by: User, changes: dict[str, Any]) -> User:
    row = User.objects.select_for_update().get(pk=user.pk)
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean(exclude={"password"})
    row.save(update_fields=[*changes, "updated_at"])
    audit.record("user.changed", by=by, target=row, fields=sorted(changes))
    forget(user=row)
    return row
