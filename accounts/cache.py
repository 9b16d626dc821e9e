"""Who was here a moment ago, so that most requests need no query to know their user."""

import copy
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiKey, Scope, Session, User

# So long may another process take to notice that somebody was shut out.
SECONDS = 2.0
MOST = 10_000
# That somebody was here is written down no more often than this.
NOTED = timedelta(minutes=1)


@dataclass(frozen=True)
class Entry:
    """What lets a user in, as it was a moment ago: a session, an API key, or open mode."""

    user: User
    door: str = ""
    """The contract whose log-in it was; empty if no log-in was."""
    scopes: frozenset[str] = frozenset(Scope.values)
    session: UUID | None = None
    key: UUID | None = None
    expires_at: datetime | None = None
    is_ended: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it still lets the user in."""
        is_lasting = self.expires_at is None or self.expires_at > timezone.now()
        return is_lasting and not self.is_ended and self.user.is_active


_entries: dict[Hashable, tuple[float, Entry]] = {}
_writing = threading.Lock()


def by_session(uuid: UUID) -> Entry | None:
    """Return what this session is, as it was at most 2 seconds ago; None if there is none."""
    return _kept(uuid, _read_session)


def by_key(digest: str) -> Entry | None:
    """Return what the key with this digest is, at most 2 seconds ago; None if there is none."""
    return _kept(digest, _read_key)


def by_user(uuid: UUID) -> Entry | None:
    """Return an entry for this user, as they were at most 2 seconds ago; None if there is none."""
    return _kept((User, uuid), _read_user)


def forget(user: UUID) -> None:
    """Read this user, and all that lets them in, anew next time."""
    with _writing:
        for place, (_, entry) in list(_entries.items()):
            if entry.user.uuid == user:
                del _entries[place]


def forget_all() -> None:
    """Read everybody anew next time."""
    with _writing:
        _entries.clear()


def _kept(place: Hashable, read: Callable[[Hashable], Entry | None]) -> Entry | None:
    known = _entries.get(place)
    if known and known[0] > monotonic():
        return known[1]
    entry = read(place)
    # What a transaction saw may be rolled back.
    if entry and not connection.in_atomic_block:
        with _writing:
            if len(_entries) >= MOST:
                _entries.clear()
            _entries[place] = (monotonic() + SECONDS, entry)
    return entry


def _read_session(uuid: Hashable) -> Entry | None:
    rows = Session.objects.filter(uuid=uuid)
    row = rows.select_related("user").first()
    if row is None:
        return None
    _note_use(rows, row.last_used_at)
    return Entry(
        user=row.user,
        door=row.door,
        session=row.uuid,
        expires_at=row.expires_at,
        is_ended=row.ended_at is not None,
    )


def _read_key(digest: Hashable) -> Entry | None:
    rows = ApiKey.objects.filter(digest=digest)
    row = rows.select_related("user").first()
    if row is None:
        return None
    _note_use(rows, row.last_used_at)
    return Entry(
        user=row.user,
        scopes=frozenset(row.scopes),
        key=row.uuid,
        expires_at=row.expires_at,
        is_ended=row.ended_at is not None,
    )


def _read_user(place: Hashable) -> Entry | None:
    assert isinstance(place, tuple)
    user = User.objects.filter(uuid=place[1]).first()
    return Entry(user=user) if user else None


def _note_use(rows: QuerySet[Session] | QuerySet[ApiKey], before: datetime | None) -> None:
    now = timezone.now()
    if before is None or now - before > NOTED:
        rows.filter(ended_at=None).update(last_used_at=now)


def own(entry: Entry) -> User:
    """Return the user for one request to hold: what it changes there the next one does not see."""
    return copy.copy(entry.user)
