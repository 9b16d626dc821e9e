"""The rows of the users who were here a moment ago, so that most requests need no query for them."""

import copy
import threading
from time import monotonic
from uuid import UUID

from django.db import connection

from accounts.models import User

# So long may another process take to notice that a user was shut out.
SECONDS = 2.0
MOST = 10_000

_rows: dict[UUID, tuple[float, User]] = {}
_writing = threading.Lock()


def user_of(uuid: UUID) -> User | None:
    """Return the user with this uuid, as they were at most 2 seconds ago; None if there is none."""
    kept = _rows.get(uuid)
    if kept and kept[0] > monotonic():
        # A copy each, so that nobody changes what the next request sees.
        return copy.copy(kept[1])
    user = User.objects.filter(uuid=uuid).first()
    # What a transaction saw may be rolled back.
    if user and not connection.in_atomic_block:
        _keep(user)
    return user


def forget(uuid: UUID) -> None:
    """Read this user anew next time."""
    with _writing:
        _rows.pop(uuid, None)


def forget_all() -> None:
    """Read everybody anew next time."""
    with _writing:
        _rows.clear()


def _keep(user: User) -> None:
    with _writing:
        if len(_rows) >= MOST:
            _rows.clear()
        _rows[user.uuid] = (monotonic() + SECONDS, copy.copy(user))
