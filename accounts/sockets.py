"""Who a socket is, by the token that it brings or by open mode."""

from rest_framework.exceptions import AuthenticationFailed

from accounts import tokens
from accounts.models import User
from accounts.permissions import open_user
from config.live.identity import Knock


def identify(knock: Knock) -> User | None:
    """Return the user who opens a socket; None without a good token outside of open mode."""
    if knock.token:
        try:
            return tokens.judge(knock.token)[0]
        except AuthenticationFailed:
            return None
    return open_user(origin=knock.origin, host=knock.host)
