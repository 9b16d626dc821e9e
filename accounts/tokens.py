"""Access tokens: what they say, and who a request is by the token that it brings."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from accounts import cache
from accounts.models import User


class InvalidToken(AuthenticationFailed):
    """The token is not ours, has expired or was revoked."""

    default_detail = "Invalid or expired token"


@dataclass(frozen=True)
class Grant:
    """What the log-in gave besides the user; a view finds it as `request.auth`."""

    door: str
    """The contract whose log-in issued the token, such as orc; empty if no log-in did."""


def issue(user: User, *, door: str) -> str:
    """Return an access token for the user, issued by the log-in of this contract."""
    token = AccessToken()
    token["sub"] = str(user.uuid)
    token["door"] = door
    token["role"] = user.role
    token["version"] = user.token_version
    return str(token)


def judge(token: str) -> tuple[User, Grant]:
    """Return whose token this is and what it grants; InvalidToken if it is not good (any more)."""
    claims = _claims(token)
    user = cache.user_of(_uuid(claims.get("sub")))
    if user is None or not user.is_active or claims.get("version") != user.token_version:
        raise InvalidToken
    return user, Grant(door=str(claims.get("door", "")))


def credentials(header: str) -> str:
    """Return the token in an Authorization header, which must be `Bearer <token>`."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationFailed("Send the token as 'Authorization: Bearer <token>'")
    return token.strip()


class TokenAuthentication(BaseAuthentication):
    """Judge the token of the Authorization header; without the header nobody is known."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """Return the user and the grant, or None where no token was sent."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        return judge(credentials(header)) if header else None

    def authenticate_header(self, request: Request) -> str:
        """Return the WWW-Authenticate header, without which a 401 would become a 403."""
        return "Bearer"


def _claims(token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = AccessToken(token).payload
    except TokenError as error:
        raise InvalidToken from error
    return claims


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise InvalidToken from error
