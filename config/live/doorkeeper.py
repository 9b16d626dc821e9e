"""Turns out, with their sockets open, those whose session or API key has ended.

What ended in this process is known at once; what ended in another one is looked for every second,
in one query for all sockets of the process, and only while there are any.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from config.live import identity

log = logging.getLogger(__name__)

SECONDS = 1.0

TurnOut = Callable[[], None]


class Doorkeeper:
    """Knows by what each open socket of one event loop came in."""

    def __init__(self) -> None:
        self._guests: dict[UUID, set[TurnOut]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None

    def admit(self, credential: UUID, turn_out: TurnOut) -> None:
        """Call `turn_out` in this event loop once the credential is not good any more."""
        self._guests[credential].add(turn_out)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    def leave(self, credential: UUID, turn_out: TurnOut) -> None:
        """Forget a socket that is closed."""
        self._guests[credential].discard(turn_out)
        if not self._guests[credential]:
            del self._guests[credential]
        if not self._guests and self._looking:
            self._looking.cancel()
            self._looking = None

    def turn_out(self, credential: UUID) -> None:
        """Turn out whoever came in by this."""
        for call in tuple(self._guests.get(credential, ())):
            call()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            try:
                over = await database_sync_to_async(identity.ended)(set(self._guests))
            except Exception:
                log.exception("It cannot be told whose session has ended; tried again")
                continue
            for credential in over:
                self.turn_out(credential)


_keepers: WeakKeyDictionary[asyncio.AbstractEventLoop, Doorkeeper] = WeakKeyDictionary()


def current() -> Doorkeeper:
    """Return the doorkeeper of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _keepers:
        _keepers[loop] = Doorkeeper()
    return _keepers[loop]


def turn_out(credential: UUID) -> None:
    """Turn out at once whoever has a socket of this process open by this; from any thread."""
    for loop, keeper in list(_keepers.items()):
        if loop.is_running():
            loop.call_soon_threadsafe(keeper.turn_out, credential)
