"""What the clock asks for on the platform's own behalf."""

from datetime import datetime

from config import chores
from config.api import counting, idempotency

# Old rows do no harm before they are pruned: their time is looked at wherever they are read.
PRUNE_EVERY = 60.0


def tick(now: datetime | None = None) -> None:
    """Do every chore once."""
    chores.do(CHORES, now)


def prune_counters(now: datetime) -> None:
    """Delete the counters of windows that have ended."""
    counting.prune(now.timestamp())


CHORES: tuple[chores.Chore, ...] = (
    chores.Seldom(prune_counters, seconds=PRUNE_EVERY),
    chores.Seldom(idempotency.prune, seconds=PRUNE_EVERY),
)
