"""What the clock asks for on the platform's own behalf."""

from datetime import datetime

from config import chores
from config.api import counting, idempotency
from config.objects import embedded_store

# Old rows do no harm before they are pruned: their time is looked at wherever they are read.
PRUNE_EVERY = 60.0
CLEAN_EVERY = 600.0


def tick(now: datetime | None = None) -> None:
    """Do every chore once."""
    chores.do(CHORES, now)


def prune_counters(now: datetime) -> None:
    """Delete the counters of windows that have ended."""
    counting.prune(now.timestamp())


def clean_objects(now: datetime) -> None:
    """Remove what uploads left that died or were never completed."""
    if store := embedded_store():
        store.clean(now)


CHORES: tuple[chores.Chore, ...] = (
    chores.Seldom(prune_counters, seconds=PRUNE_EVERY),
    chores.Seldom(idempotency.prune, seconds=PRUNE_EVERY),
    chores.Seldom(clean_objects, seconds=CLEAN_EVERY),
)
