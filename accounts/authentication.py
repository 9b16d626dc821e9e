"""Who a request is, by the token or the API key that it brings."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import cache, tokens
from accounts.cache import Entry
from accounts.models import User

# What every key begins with, so that people and scanners of secrets know one when they see it.
KEY_PREFIX = "mr_"
SCHEMES = ("bearer", "api-key")


class InvalidToken(AuthenticationFailed):
    """The token or key is not ours, has expired or was revoked."""

    default_detail = "Invalid or expired token"


@dataclass(frozen=True)
class Grant:
    """What a request may be used for; a view finds it as `request.auth`."""

    door: str
    """The contract whose log-in issued the token, such as orc; empty if no log-in did."""
    scopes: frozenset[str]
    session: UUID | None = None
    """The session whose token it is; None for an API key, and in open mode."""
    key: UUID | None = None

    @property
    def is_open_mode(self) -> bool:
        """Whether nothing was sent, and open mode lets the local user act."""
        return self.session is None and self.key is None


def judge(credential: str) -> tuple[User, Grant]:
    """Return whose token or API key this is and what it grants; InvalidToken if it is not good."""
    entry = entry_of(credential)
    return cache.own(entry), grant_of(entry)


def entry_of(credential: str) -> Entry:
    """Return what the token or API key lets in; InvalidToken if it is not good (any more)."""
    if credential.startswith(KEY_PREFIX):
        entry = cache.by_key(digest(credential))
    else:
        entry = cache.by_session(_session(credential))
    if entry is None or not entry.is_live:
        raise InvalidToken
    return entry


def grant_of(entry: Entry) -> Grant:
    """Return what a request may be used for that came in by this."""
    return Grant(door=entry.door, scopes=entry.scopes, session=entry.session, key=entry.key)


def digest(key: str) -> str:
    """Return what is kept of an API key; a plain hash, for nobody can guess 256 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()


def credential_of(authorization: str, api_key: str = "") -> str:
    """Return the token or key in the two headers that may carry one; empty if neither was sent."""
    if not authorization.strip():
        return api_key.strip()
    scheme, _, credential = authorization.strip().partition(" ")
    if scheme.lower() not in SCHEMES or not credential.strip():
        raise AuthenticationFailed(
            "Send the token as 'Authorization: Bearer <token>', an API key so or as X-API-Key"
        )
    return credential.strip()


class TokenAuthentication(BaseAuthentication):
    """Judge what the request brings; without a token or key nobody is known."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """Return the user and the grant, or None where nothing was sent."""
        sent = request.META
        credential = credential_of(
            sent.get("HTTP_AUTHORIZATION", ""), sent.get("HTTP_X_API_KEY", "")
        )
        return judge(credential) if credential else None

    def authenticate_header(self, request: Request) -> str:
        """Return the WWW-Authenticate header, without which a 401 would become a 403."""
        return "Bearer"


def _session(token: str) -> UUID:
    try:
        return UUID(str(tokens.read(token, tokens.Use.ACCESS)["sid"]))
    except (tokens.BadTokenError, KeyError, ValueError) as error:
        raise InvalidToken from error
