"""What the clock does again and again; each chore fails by itself."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import DatabaseError, connection
from django.utils import timezone

log = logging.getLogger(__name__)

Chore = Callable[[datetime], None]


def do(chores: Iterable[Chore], now: datetime | None = None) -> None:
    """Do every chore once; one that fails does not keep the others from being done."""
    for chore in chores:
        try:
            chore(now or timezone.now())
        except DatabaseError:
            log.exception("The clock found no database; it looks again at its next tick")
            connection.close()
        except Exception:
            log.exception("The clock could not do %s", chore.__name__)


class Seldom:
    """A chore that is done only every so many seconds, the first time after so many."""

    def __init__(self, chore: Chore, *, seconds: float) -> None:
        self._chore = chore
        self._seconds = seconds
        self._next = time.monotonic() + seconds
        self.__name__ = chore.__name__

    def __call__(self, now: datetime) -> None:
        """Do it if it is time."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._seconds
            self._chore(now)
