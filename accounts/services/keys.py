"""API keys: making and ending them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied

from accounts import audit
from accounts.authentication import KEY_PREFIX, Grant, digest
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
    grant: Grant | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which nobody can read again.

    `grant` is what its maker came in by: a key makes no key that may do more or lives longer.
    """
    if grant is not None:
        _demand_within(grant, scopes=scopes, expires_at=expires_at)
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


def _demand_within(grant: Grant, *, scopes: Sequence[str], expires_at: datetime | None) -> None:
    if lacking := set(scopes) - grant.scopes:
        raise PermissionDenied(
            f"This API key lacks the scope {', '.join(sorted(lacking))}, so it cannot give it"
        )
    maker = ApiKey.objects.filter(uuid=grant.key, expires_at__isnull=False).first()
    if maker and (expires_at is None or expires_at > maker.expires_at):
        raise PermissionDenied(
            "This API key cannot make one that outlives it; send an `expires_at` that is "
            f"not after {maker.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        )


@transaction.atomic
def revoke_key(*, key: ApiKey, by: User) -> None:
    """End a key: here at once, in other processes within 2 seconds."""
    if ApiKey.objects.filter(pk=key.pk, ended_at=None).update(ended_at=timezone.now()):
        audit.record("api_key.revoked", by=by, target=key)
    forget(user=key.user)
    transaction.on_commit(lambda: doorkeeper.turn_out(key.uuid))
