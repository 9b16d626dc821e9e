"""Tokens for tests, without a log-in."""

from accounts import services, tokens
from accounts.models import User


def token_of(user: User, *, door: str = "orc") -> str:
    """Return an access token of a new session of this user."""
    return tokens.access_token(services.open_session(user=user, door=door))
