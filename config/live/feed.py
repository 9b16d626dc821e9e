"""The one subscription to Redis of a process: it hears the bells of the rooms that are watched."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from config.live.ringing import channel
from config.live.rooms import Room

log = logging.getLogger(__name__)

# Subscribed to as long as the feed lives: Redis ends a subscription to nothing.
ALIVE = "millrace:hubs"
CONFIRM_SECONDS = 2.0
RECONNECT_SECONDS = 1.0

Hear = Callable[[Room, int, str], None]
Doubt = Callable[[Room], None]


class Feed:
    """Hands on each bell: `hear(room, seq, text)`; `doubt(room)` where one may have been missed."""

    def __init__(self, url: str, *, hear: Hear, doubt: Doubt) -> None:
        self._client = Redis.from_url(url, socket_connect_timeout=2, health_check_interval=15)
        self._hear = hear
        self._doubt = doubt
        self._rooms: dict[str, Room] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._is_closed = False

    async def enter(self, room: Room) -> None:
        """Listen to a room; returns once Redis says so, or after a while without it."""
        name = channel(room)
        self._rooms[name] = room
        confirmed = self._confirmed.setdefault(name, asyncio.Event())
        self._changed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(CONFIRM_SECONDS):
                await confirmed.wait()

    def leave(self, room: Room) -> None:
        """Stop listening to a room."""
        self._rooms.pop(channel(room), None)
        self._confirmed.pop(channel(room), None)
        self._changed.set()

    def close(self) -> None:
        """End `run`, whose task is cancelled beside this.

        The cancel alone may be lost: asyncio.wait_for, which redis-py uses, swallows it in
        Python 3.11 when what it waits for is done at the same moment.
        """
        self._is_closed = True
        self._changed.set()

    async def run(self) -> None:
        """Listen until closed; a lost connection is made again."""
        try:
            while not self._is_closed:
                try:
                    await self._listen()
                except* (RedisError, OSError) as errors:
                    names = {type(error).__name__ for error in errors.exceptions}
                    log.warning("The live bell was lost: %s", ", ".join(names))
                await asyncio.sleep(RECONNECT_SECONDS)
        finally:
            await self._client.aclose()

    async def _listen(self) -> None:
        async with self._client.pubsub() as pubsub:
            await pubsub.subscribe(ALIVE)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._subscribe(pubsub))
                both.create_task(self._receive(pubsub))

    async def _receive(self, pubsub: PubSub) -> None:
        while not self._is_closed:
            # Returns now and then without a message, so that a dead connection is noticed.
            if message := await pubsub.get_message(timeout=5.0):
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        name = message["channel"].decode()
        room = self._rooms.get(name)
        if room is None:
            return
        if message["type"] == "message":
            seq, _, text = message["data"].decode().partition(" ")
            self._hear(room, int(seq), text)
        elif message["type"] == "subscribe":
            self._confirmed[name].set()
            # What was rung before this moment, or while the connection was lost, was not heard.
            self._doubt(room)

    async def _subscribe(self, pubsub: PubSub) -> None:
        """Keep Redis's list of our channels in line with the rooms that are watched."""
        subscribed: set[str] = set()
        while not self._is_closed:
            wanted = set(self._rooms)
            self._changed.clear()
            if new := wanted - subscribed:
                await pubsub.subscribe(*new)
            if old := subscribed - wanted:
                await pubsub.unsubscribe(*old)
            subscribed = wanted
            await self._changed.wait()
