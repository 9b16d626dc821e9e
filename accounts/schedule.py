"""What the clock asks for on behalf of accounts."""

from datetime import datetime

from accounts import services
from config import chores

# Old tickets do no harm before they are pruned: their time is looked at wherever they are read.
PRUNE_EVERY = 60.0


def tick(now: datetime | None = None) -> None:
    """Do every chore once."""
    chores.do(CHORES, now)


def prune_tickets(now: datetime) -> None:
    """Delete what was handed out for a sign-in and never brought back."""
    services.prune_tickets(now=now)


CHORES: tuple[chores.Chore, ...] = (chores.Seldom(prune_tickets, seconds=PRUNE_EVERY),)
