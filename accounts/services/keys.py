"""API keys: making and ending them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.authentication import KEY_PREFIX, digest
from accounts.models import ApiKey, Scope, User
from accounts.services.sessions import forget
from config.live import doorkeeper

DEFAULT_SCOPES = (Scope.READ, Scope.WRITE)


@transaction.atomic
def create_key(
    *,
    user: User,
    name: str,
    scopes: Sequence[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which nobody can read again."""
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "expires_at must be in the future"})
    prefix = f"{KEY_PREFIX}{secrets.token_hex(4)}"
    key = f"{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=digest(key),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    audit.record("api_key.created", by=user, target=row, scopes=row.scopes)
    return row, key


@transaction.atomic
def revoke_key(*, key: ApiKey, by: User) -> None:
    """End a key: here at once, in other processes within 2 seconds."""
    if ApiKey.objects.filter(pk=key.pk, ended_at=None).update(ended_at=timezone.now()):
        audit.record("api_key.revoked", by=by, target=key)
    forget(user=key.user)
    transaction.on_commit(lambda: doorkeeper.turn_out(key.uuid))
