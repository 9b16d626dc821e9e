"""Log-ins: opening, refreshing and ending them."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts import audit, cache, passwords, tokens
from accounts.authentication import InvalidToken
from accounts.models import Ending, Session, User
from config.api import attempts, requests
from config.live import doorkeeper

WRONG = "Wrong username or password"
# Two tabs may refresh at once, and an answer may get lost: so long the token before is taken too.
GRACE = timedelta(seconds=10)


def log_in(*, identifier: str, password: str, door: str) -> Session:
    """Open a session for a name or e-mail and its password; AuthenticationFailed, Throttled."""
    return open_session(
        user=identify(identifier=identifier, password=password, door=door), door=door
    )


def identify(*, identifier: str, password: str, door: str) -> User:
    """Return whose name or e-mail and password these are; AuthenticationFailed, Throttled."""
    # Before anything is counted: a look-alike of a name is the same account, and no new one.
    identifier = User.normalize_username(identifier.strip())
    known = User.objects.named(identifier).first()
    # Name and e-mail are one account, and so are guesses at both.
    account, address = str(known.uuid) if known else identifier, requests.current_address()
    attempts.demand_calm(account, address)
    # What is longer than any password that was ever set is not hashed.
    fits = len(password) <= passwords.LONGEST
    # Django hashes a password for an unknown name too, so the time tells nothing.
    user = authenticate(username=identifier, password=password) if fits else None
    if not isinstance(user, User):
        attempts.failed(account, address)
        # Not what was typed: it may be a password in the wrong field.
        audit.record("session.refused", by=None, target=known, door=door)
        raise AuthenticationFailed(WRONG)
    attempts.succeeded(account, address)
    return user


@transaction.atomic
def open_session(*, user: User, door: str) -> Session:
    """Open a session for somebody who has shown who they are."""
    now = timezone.now()
    session = Session.objects.create(
        user=user,
        door=door,
        address=requests.current_address() or None,
        agent=requests.current_agent(),
        expires_at=now + _lasting(),
    )
    user.last_login = now
    user.save(update_fields=["last_login"])
    audit.record("session.opened", by=user, target=session, door=door)
    return session


def refresh(*, token: str) -> Session:
    """Return the session of a refresh token, rotated; InvalidToken if the token is not good.

    A token that was rotated away comes back from a thief or from its owner; nobody can tell, so
    it ends the session, save for a moment after the rotation.
    """
    try:
        claims = tokens.read(token, tokens.Use.REFRESH)
        sid, presented = UUID(claims["sid"]), UUID(claims["jti"])
    except (tokens.BadTokenError, KeyError, ValueError) as error:
        raise InvalidToken from error
    now = timezone.now()
    # One statement on one row decides, so of two tabs that come at once one rotates.
    Session.objects.filter(
        uuid=sid, refresh_id=presented, ended_at=None, expires_at__gt=now
    ).update(
        refresh_id=uuid4(),
        previous_refresh_id=presented,
        rotated_at=now,
        last_used_at=now,
        expires_at=now + _lasting(),
    )
    session = Session.objects.live().filter(uuid=sid).select_related("user").first()
    if session is None:
        raise InvalidToken
    if session.previous_refresh_id == presented and now - session.rotated_at < GRACE:
        cache.forget(session.user.uuid)
        return session
    end_session(session=session, by=session.user, why=Ending.REUSED)
    raise InvalidToken


def log_out(*, token: str) -> bool:
    """End the session that an access or refresh token is of; False if that is none that goes on.

    The token may have expired: its signature is enough to end what it once opened.
    """
    try:
        going_on = Session.objects.filter(uuid=tokens.session_of(token), ended_at=None)
    except tokens.BadTokenError:
        return False
    session = going_on.select_related("user").first()
    if session is None:
        return False
    end_session(session=session, by=session.user, why=Ending.LOGGED_OUT)
    return True


def end_session(*, session: Session, by: User | None, why: Ending = Ending.REVOKED) -> None:
    """End one session: its tokens and sockets here at once, in other processes within 2 seconds."""
    _end([session], by=by, why=why)


def end_sessions(
    *, user: User, by: User | None, why: Ending = Ending.REVOKED, besides: UUID | None = None
) -> int:
    """End every session of a user, save the one of `besides`; return how many there were."""
    # Not `live`, which knows none of a user who was just deactivated.
    going_on = Session.objects.filter(user=user, ended_at=None, expires_at__gt=timezone.now())
    ended = list(going_on.exclude(uuid=besides))
    _end(ended, by=by, why=why)
    return len(ended)


def _end(sessions: list[Session], *, by: User | None, why: Ending) -> None:
    with transaction.atomic():
        for session in sessions:
            gone = Session.objects.filter(pk=session.pk, ended_at=None)
            if gone.update(ended_at=timezone.now(), ended_why=why):
                audit.record("session.ended", by=by, target=session, why=why)
    for session in sessions:
        forget(user=session.user)
        transaction.on_commit(lambda uuid=session.uuid: doorkeeper.turn_out(uuid))


def forget(*, user: User) -> None:
    """Let the next request of the user see what was changed."""
    cache.forget(user.uuid)
    # A request beside us may keep the old row once more before we commit.
    transaction.on_commit(lambda: cache.forget(user.uuid))


def _lasting() -> timedelta:
    return timedelta(days=settings.REFRESH_TOKEN_DAYS)
