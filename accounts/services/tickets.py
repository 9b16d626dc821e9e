"""Tickets: giving them out, taking each back once, and clearing away those that nobody brought."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Ticket, TicketKind

BITS = 256
LONGEST = 512


def new_secret() -> str:
    """Return something that nobody can guess."""
    return secrets.token_urlsafe(BITS // 8)


def issue_ticket(*, kind: TicketKind, secret: str, seconds: float, data: dict[str, Any]) -> bool:
    """Keep a ticket under the digest of its secret; False if the secret was used already."""
    expires_at = timezone.now() + timedelta(seconds=seconds)
    try:
        with transaction.atomic():
            Ticket.objects.create(
                kind=kind, digest=digest(secret), data=data, expires_at=expires_at
            )
    except IntegrityError:
        return False
    return True


def find_ticket(*, kind: TicketKind, secret: str) -> Ticket | None:
    """Return the ticket, which stays as it is; None if there is none or it has expired."""
    if not secret or len(secret) > LONGEST:
        return None
    return Ticket.objects.good().filter(kind=kind, digest=digest(secret)).first()


def take_ticket(*, kind: TicketKind, secret: str) -> Ticket | None:
    """Return the ticket to one of all who bring it; None to the others."""
    ticket = find_ticket(kind=kind, secret=secret)
    return ticket if ticket and spend_ticket(ticket=ticket) else None


def spend_ticket(*, ticket: Ticket) -> bool:
    """Take a ticket that was found; False if somebody else did before."""
    # One statement on one row decides.
    return bool(Ticket.objects.good().filter(pk=ticket.pk).delete()[0])


def prune_tickets(*, now: datetime) -> int:
    """Delete the tickets that have expired; return how many there were."""
    return Ticket.objects.filter(expires_at__lte=now).delete()[0]


def digest(secret: str) -> str:
    """Return what is kept of a secret; a plain hash, for nobody can guess so many random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
