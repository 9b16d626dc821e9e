"""What the clock asks for on behalf of connections."""

from datetime import datetime

from config import chores
from connectors.services import inquiries

PRUNE_EVERY = 600.0


def tick(now: datetime | None = None) -> None:
    """Do every chore once."""
    chores.do(CHORES, now)


CHORES: tuple[chores.Chore, ...] = (chores.Seldom(inquiries.prune, seconds=PRUNE_EVERY),)
