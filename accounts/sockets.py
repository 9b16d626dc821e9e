"""Who a socket is, by the token that it brings or by open mode."""

from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed

from accounts import services, tokens
from accounts.models import User
from accounts.permissions import is_foreign_page
from config.live.identity import Knock


def identify(knock: Knock) -> User | None:
    """Answer the user who opens a socket; None without a good token outside of open mode."""
    if knock.token:
        try:
            return tokens.judge(knock.token)[0]
        except AuthenticationFailed:
            return None
    if settings.OPEN_ACCESS and not is_foreign_page(origin=knock.origin, host=knock.host):
        return services.local_user()
    return None
