"""Tokens: what they say, and how they are signed; simplejwt's backend is used here alone.

A token names its session, and the session's row decides. So a token tells who and how long, and
never more than the row can take back.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from accounts.models import Session

# Their contracts know no refresh; a token that ends after minutes would throw their clients out.
LONE_DOORS = ("olake", "orc")


class Use(StrEnum):
    """What a token is for; the one is never taken for the other."""

    ACCESS = "access"
    REFRESH = "refresh"


class BadTokenError(ValueError):
    """The token is not ours, has expired, or is meant for something else."""


def lifetime(door: str) -> timedelta:
    """Return how long an access token lives that this door issues."""
    if door in LONE_DOORS:
        return timedelta(hours=settings.LONE_TOKEN_HOURS)
    return timedelta(minutes=settings.ACCESS_TOKEN_MINUTES)


def access_token(session: Session, *, now: datetime | None = None) -> str:
    """Return a new access token of this session."""
    now = now or datetime.now(UTC)
    end = min(now + lifetime(session.door), session.expires_at)
    claims = {"jti": uuid4().hex, "door": session.door, "role": session.user.role}
    return _sign(session, Use.ACCESS, start=now, end=end, claims=claims)


def refresh_token(session: Session) -> str:
    """Return the refresh token of this session: to the byte the same until it is rotated."""
    claims = {"jti": session.refresh_id.hex}
    start, end = session.rotated_at, session.expires_at
    return _sign(session, Use.REFRESH, start=start, end=end, claims=claims)


def read(token: str, use: Use) -> dict[str, Any]:
    """Return the claims of a token of ours that has not expired; BadTokenError otherwise."""
    claims = _decoded(token)
    if claims.get("token_type") != use:
        raise BadTokenError(f"This is not {use} token")
    return claims


def session_of(token: str) -> UUID:
    """Return which session a token of ours is of, whatever it is for; BadTokenError otherwise.

    It may have expired as long ago as a session lasts without a refresh: who logs out after a
    while away means that session still. Nothing may be opened by this.
    """
    claims = _decoded(token, leeway=timedelta(days=settings.REFRESH_TOKEN_DAYS))
    try:
        return UUID(claims["sid"])
    except (KeyError, ValueError) as error:
        raise BadTokenError("This token names no session") from error


def _decoded(token: str, *, leeway: timedelta = timedelta()) -> dict[str, Any]:
    for backend in _backends(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, leeway=leeway):
        try:
            claims: dict[str, Any] = backend.decode(token)
        except TokenBackendError:
            continue
        return claims
    raise BadTokenError("Invalid or expired token")


def _sign(
    session: Session, use: Use, *, start: datetime, end: datetime, claims: dict[str, Any]
) -> str:
    said = {
        "token_type": use.value,
        "iat": int(start.timestamp()),
        "exp": int(end.timestamp()),
        "sub": str(session.user.uuid),
        "sid": str(session.uuid),
    }
    return str(_backends(settings.SECRET_KEY)[0].encode(said | claims))


@cache
def _backends(*keys: str, leeway: timedelta = timedelta()) -> tuple[TokenBackend, ...]:
    """Return what signs and verifies with each key; the first one signs."""
    return tuple(TokenBackend("HS256", signing_key=key, leeway=leeway) for key in keys)
