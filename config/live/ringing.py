"""The bell: after a commit, every process whose sockets watch the room hears of its news."""

import logging
from functools import cache, partial
from time import monotonic

from django.conf import settings
from django.db import transaction
from redis import Redis, RedisError

from config.live.rooms import Event, Room

log = logging.getLogger(__name__)

# A bell that does not work is left alone for a while: work must not wait for it.
REST_SECONDS = 5.0
_silent_until = 0.0


def channel(room: Room) -> str:
    """Return the Redis channel of a room."""
    return f"millrace:room:{room.kind}:{room.key}"


def ring(kind: str, *events: Event) -> None:
    """Send events, once the transaction that wrote their rows is committed, to whoever watches.

    Without REDIS_URL there is nothing to do: the hubs look at the table themselves.
    """
    if settings.REDIS_URL and events:
        transaction.on_commit(partial(_publish, kind, events), robust=True)


def _publish(kind: str, events: tuple[Event, ...]) -> None:
    global _silent_until  # noqa: PLW0603 -- one bell for the process
    if monotonic() < _silent_until:
        return
    try:
        with _redis(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
            for event in events:
                message = f"{event.seq} {event.text()}"
                pipeline.publish(channel(Room(kind, event.key)), message)
            pipeline.execute()
    except RedisError as error:
        _silent_until = monotonic() + REST_SECONDS
        # The rows are there; the hubs find them by themselves a little later.
        log.warning("The live bell does not work: %s", type(error).__name__)


@cache
def _redis(url: str) -> Redis:
    """Return this process's connections; redis-py opens new ones after a fork."""
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
