"""Who a socket is, by the token or key that it brings, or by open mode."""

from collections.abc import Collection
from uuid import UUID

from rest_framework.exceptions import AuthenticationFailed

from accounts import authentication, cache
from accounts.models import ApiKey, Scope, Session
from accounts.permissions import open_user
from config.live.identity import Knock, Visitor


class Sockets:
    """The Judge of the sockets."""

    def identify(self, knock: Knock, *, is_open: bool) -> Visitor | None:
        """Return who opens a socket; None without a good token, unless open mode opens the room."""
        try:
            credential = authentication.credential_of(knock.authorization, knock.api_key)
            if credential:
                entry = authentication.entry_of(credential)
                # To watch is to read.
                if Scope.READ not in entry.scopes:
                    return None
                return Visitor(user=cache.own(entry), credential=entry.session or entry.key)
        except AuthenticationFailed:
            return None
        user = open_user(origin=knock.origin, host=knock.host) if is_open else None
        return Visitor(user=user, credential=None) if user else None

    def ended(self, credentials: Collection[UUID]) -> set[UUID]:
        """Return which of these sessions and keys let nobody in any more."""
        live: set[UUID] = set()
        for rows in (Session.objects, ApiKey.objects):
            live.update(rows.live().filter(uuid__in=credentials).values_list("uuid", flat=True))
        return set(credentials) - live


judge = Sockets()
