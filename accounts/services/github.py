"""Signing in with GitHub: leaving for it, coming back, and collecting the tokens."""

import logging
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core import signing
from django.db import transaction
from rest_framework.exceptions import NotFound, ValidationError

from accounts import audit
from accounts.github import authorizing, redirects
from accounts.github.authorizing import Journey
from accounts.github.client import fetch_profile
from accounts.github.failures import Failure, SignInError
from accounts.models import Session, Ticket, TicketKind, User
from accounts.services import identities
from accounts.services.sessions import open_session
from accounts.services.tickets import (
    digest,
    find_ticket,
    issue_ticket,
    new_secret,
    spend_ticket,
    take_ticket,
)
from config.api import addresses, requests

log = logging.getLogger(__name__)

DOOR = "model"
CODE_SECONDS = 90
POLL_SECONDS = 300
STATE_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
LONGEST_CODE = 512
APPROVAL = "accounts.github.approval"
NOTHING_WAITS = "No sign-in waits under this id: it was collected, failed or has expired"


@dataclass(frozen=True)
class Return:
    """How a browser's journey ended: where it goes now, or what it is shown."""

    url: str = ""
    """Where the front-end is; empty where an application waits instead."""
    failure: Failure | None = None
    approval: str = ""
    """With this the browser lets an application at another address in."""


@dataclass(frozen=True)
class Collected:
    """What a code is good for: a session, or as long as there is none a choice of e-mails."""

    emails: list[dict[str, Any]]
    session: Session | None = None


def begin_web(*, redirect_uri: str | None, callback: str) -> Journey:
    """Send a browser to GitHub that will go on to this URL; ValidationError if it may not."""
    return _begin(callback=callback, is_bound=True, redirect_uri=redirects.checked(redirect_uri))


def begin_desktop(*, state_id: str | None, callback: str, is_bound: bool) -> tuple[str, Journey]:
    """Send a browser to GitHub for an application that waits under an id, its own or a new one.

    `is_bound` says whether it is the browser itself that asks.
    """
    chosen = str(uuid4()) if state_id is None else state_id
    if not STATE_ID.fullmatch(chosen):
        raise ValidationError({"state_id": "state_id must be a random UUID, or 32 hex digits"})
    key = _poll_key(chosen)
    if not issue_ticket(kind=TicketKind.POLL, secret=key, seconds=POLL_SECONDS, data={}):
        raise ValidationError({"state_id": "state_id was used already; make a new one"})
    journey = _begin(callback=callback, is_bound=is_bound, poll=digest(key))
    return chosen, journey


def come_back(*, state: str, code: str, refusal: str, is_bound: bool) -> Return:
    """End a journey: with a one-time code of ours for a front-end, or tokens for who waits.

    `refusal` is what GitHub says instead of a code. ValidationError if nobody left with the state.
    """
    ticket = take_ticket(kind=TicketKind.STATE, secret=state)
    if ticket is None:
        raise ValidationError({"state": "state is unknown, used or expired; begin again"})
    journey = ticket.data
    try:
        _demand_return(journey, code=code, refusal=refusal, is_bound=is_bound)
        verifier = authorizing.verifier(state)
        profile = fetch_profile(code=code, verifier=verifier, callback=journey["callback"])
        return _deliver(journey, identities.settle_user(profile=profile))
    except SignInError as error:
        return _refuse(journey, error)


def exchange_code(*, code: str, email: str | None = None) -> Collected:
    """Open the session of a one-time code, once; without a choice that is due the code stays good.

    ValidationError for a code or e-mail that is not good, Conflict for an e-mail of another's.
    """
    ticket = find_ticket(kind=TicketKind.CODE, secret=code)
    user = _waiting(ticket)
    if ticket is None or user is None:
        raise _bad_code()
    emails = identities.emails_of(user)
    is_chosen = email or ticket.data.get("is_chosen")
    if not is_chosen and len(identities.verified(emails)) > 1:
        return Collected(emails)
    # What is refused in here leaves the code good.
    with transaction.atomic():
        if not spend_ticket(ticket=ticket):
            raise _bad_code()
        if email:
            identities.select_email(user=user, email=email)
        user.refresh_from_db()
        return Collected(emails, open_session(user=user, door=DOOR))


def select_email_by_code(*, code: str, email: str) -> User:
    """Give whoever holds a one-time code one of their verified e-mails; the code stays good."""
    ticket = find_ticket(kind=TicketKind.CODE, secret=code)
    user = _waiting(ticket)
    if ticket is None or user is None:
        raise _bad_code()
    identities.select_email(user=user, email=email)
    Ticket.objects.filter(pk=ticket.pk).update(data={**ticket.data, "is_chosen": True})
    return user


def poll_sign_in(*, state_id: str) -> Collected:
    """Open the session that an application waits for, once; NotFound if it waits for none.

    The id is all that it has to show, and a link with it could be sent to anybody. So it must ask
    from where the browser is, unless the person there lets it in.
    """
    if not STATE_ID.fullmatch(state_id):
        raise NotFound(NOTHING_WAITS)
    authorizing.demand_settings()
    ticket = find_ticket(kind=TicketKind.POLL, secret=_poll_key(state_id))
    if ticket is None:
        raise NotFound(NOTHING_WAITS)
    place = ticket.data.get("address")
    if not ticket.data or (place and place != _place()):
        return Collected([])
    user = _waiting(ticket)
    with transaction.atomic():
        if user is None or not spend_ticket(ticket=ticket):
            raise NotFound(NOTHING_WAITS)
        return Collected(identities.emails_of(user), open_session(user=user, door=DOOR))


def approve_desktop(*, approval: str) -> bool:
    """Let the application in wherever it asks from; False if it does not wait any more."""
    try:
        pk = signing.loads(approval, salt=APPROVAL, max_age=POLL_SECONDS)
    except signing.BadSignature:
        return False
    ticket = Ticket.objects.good().filter(pk=pk, kind=TicketKind.POLL).first()
    if ticket is None:
        return False
    return bool(Ticket.objects.filter(pk=pk).update(data={**ticket.data, "address": ""}))


def _begin(*, callback: str, is_bound: bool, **data: str) -> Journey:
    state = new_secret()
    kept = {"callback": callback, "is_bound": is_bound, **data}
    issue_ticket(kind=TicketKind.STATE, secret=state, seconds=authorizing.SECONDS, data=kept)
    # A link that begins a desktop sign-in must not go through without a click.
    return Journey(state=state, callback=callback, chooses_account="poll" in data)


def _demand_return(journey: dict[str, Any], *, code: str, refusal: str, is_bound: bool) -> None:
    """Return if it is the browser that left and it brings a code; SignInError otherwise."""
    if journey["is_bound"] and not is_bound:
        raise SignInError(Failure.BROWSER)
    if refusal:
        raise SignInError(Failure.DENIED if refusal == Failure.DENIED else Failure.REFUSED)
    if not 0 < len(code) <= LONGEST_CODE:
        raise SignInError(Failure.EXCHANGE, "GitHub sent no code")


def _deliver(journey: dict[str, Any], user: User) -> Return:
    if "poll" in journey:
        waiting = Ticket.objects.good().filter(kind=TicketKind.POLL, digest=journey["poll"])
        data = {"user": str(user.uuid), "address": _place()}
        pk = waiting.values_list("pk", flat=True).first()
        if not waiting.update(data=data):
            raise SignInError(Failure.LATE, user=user)
        return Return(approval=signing.dumps(pk, salt=APPROVAL))
    secret = new_secret()
    data = {"user": str(user.uuid)}
    issue_ticket(kind=TicketKind.CODE, secret=secret, seconds=CODE_SECONDS, data=data)
    several = len(identities.verified(identities.emails_of(user))) > 1
    more = {"select_email": "true"} if several else {}
    return Return(url=redirects.with_query(journey["redirect_uri"], code=secret, **more))


def _refuse(journey: dict[str, Any], error: SignInError) -> Return:
    log.warning("A sign-in with GitHub came to nothing (%s): %s", error.failure, error)
    audit.record("session.refused", by=None, target=error.user, door=DOOR, why=error.failure.value)
    if "poll" in journey:
        Ticket.objects.filter(kind=TicketKind.POLL, digest=journey["poll"]).delete()
        return Return(failure=error.failure)
    url = redirects.with_query(journey["redirect_uri"], error=error.failure.value)
    return Return(url=url, failure=error.failure)


def _waiting(ticket: Ticket | None) -> User | None:
    """Return who may have the session of a ticket; None if they were shut out in the meantime."""
    if ticket is None:
        return None
    return User.objects.filter(uuid=ticket.data["user"], is_active=True).first()


def _poll_key(state_id: str) -> str:
    """Return one spelling of an id, which has several."""
    return state_id.lower().replace("-", "")


def _place() -> str:
    return addresses.subscriber(requests.current_address())


def _bad_code() -> ValidationError:
    return ValidationError({"code": "code is unknown, used or expired; sign in again"})
