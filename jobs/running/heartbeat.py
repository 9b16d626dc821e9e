"""A part's sign of life: a thread that renews its leases and sees when it should stop."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, connection

from jobs.lifecycle.claiming import Hold
from jobs.running.host import DatabaseHost
from jobs.running.stacks import stacks

log = logging.getLogger(__name__)

# How often it looks for a cancel, and stores what is new.
LOOK_SECONDS = 0.5
# A call that goes on so long after it was interrupted never comes back in time.
GRACE_SECONDS = 10.0
# Where a hard stop leaves nothing half done: a sort hears nothing, and a person waits.
SHORT_GRACE_SECONDS = 0.75


class Heartbeat:
    """Beats while its block runs.

    `interrupt` is called once when the attempt must stop; `give_up` when it goes on nevertheless,
    and soon where that is harmless.
    """

    def __init__(
        self,
        host: DatabaseHost,
        *,
        interrupt: Callable[[], None],
        give_up: Callable[[Hold], None],
        is_harmless: bool = False,
    ) -> None:
        self._host = host
        self._interrupt = interrupt
        self._give_up = give_up
        self._is_harmless = is_harmless
        self._done = threading.Event()
        self._stopped_at: float | None = None
        self._renew_at = time.monotonic() + settings.HEARTBEAT_SECONDS
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._done.wait(min(LOOK_SECONDS, settings.HEARTBEAT_SECONDS)):
                self._once()
        finally:
            # A connection belongs to its thread; this one ends here.
            connection.close()

    def _once(self) -> None:
        try:
            verdict = self._look()
            if verdict is not Hold.LOST:
                self._host.store_news()
        except DatabaseError:
            # The lease runs on; when it has run out, the next pulse stops the attempt.
            log.warning("The heartbeat found no database", exc_info=True)
            connection.close()
            return
        if verdict is not Hold.OURS:
            self._stop(verdict)

    def _look(self) -> Hold:
        now = time.monotonic()
        if now < self._renew_at:
            return self._host.look()
        self._renew_at = now + settings.HEARTBEAT_SECONDS
        return self._host.renew()

    def _stop(self, verdict: Hold) -> None:
        now = time.monotonic()
        if self._stopped_at is None:
            self._stopped_at = now
            if verdict is Hold.STALLED:
                log.error("Part %s stands still:\n%s", self._host.part.uuid, stacks())
            # In a thread of its own, for whatever it asks may not answer either.
            threading.Thread(target=self._interrupt, name="interrupt", daemon=True).start()
        elif now - self._stopped_at > self._grace():
            self._give_up(verdict)

    def _grace(self) -> float:
        return SHORT_GRACE_SECONDS if self._is_harmless else GRACE_SECONDS
