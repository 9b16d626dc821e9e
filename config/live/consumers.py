"""A socket that watches one room, whatever the room is."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from time import monotonic
from typing import Any, ClassVar

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from config.api import requests
from config.live import doorkeeper, hub, identity, rooms
from config.live.identity import Visitor
from config.live.rooms import Entry, Room

log = logging.getLogger(__name__)

NOT_KNOWN = 4401
NOT_ALLOWED = 4403
NOT_THERE = 4404
BAD_REQUEST = 4400
INTERNAL_ERROR = 1011
TRY_AGAIN = 1013
CODES = {Entry.FORBIDDEN: NOT_ALLOWED, Entry.MISSING: NOT_THERE}


class Ended(Exception):
    """This socket is to be closed with the code that this carries."""


class RoomConsumer(AsyncWebsocketConsumer):
    """Sends what is newer than `?after=` (0 if absent, so everything), then what happens.

    A subclass names its kind of room, and where the key stands in its path. It closes with 4401
    (no or a bad token, or its session has ended), 4403 (not allowed), 4404 (not there), 4400 (bad
    `after`). A token is looked at when it comes, then its session is: a socket may outlive the
    token and not the session. Every heartbeat looks at the right to watch anew.
    """

    kind: ClassVar[str]
    key_argument: ClassVar[str] = "id"
    # Whether open mode lets somebody watch without a token.
    is_open: ClassVar[bool] = False
    heartbeat_seconds: ClassVar[float] = 20.0
    # A socket that takes nothing for so long is given up, at the next heartbeat.
    patience_seconds: ClassVar[float] = 30.0

    _life: asyncio.Task[None] | None = None
    _visitor: Visitor | None = None
    _sending_since: float | None = None

    async def connect(self) -> None:
        """Judge who knocks, and let them watch."""
        requests.begin_socket(self.scope)
        self.knock = identity.Knock.of(self.scope)
        self._turned_out = asyncio.Event()
        self.room = Room(self.kind, str(self.scope["url_route"]["kwargs"][self.key_argument]))
        # A code can only be told to a socket that was accepted.
        await self.accept()
        after = self.knock.query.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 19):
            await self.close(BAD_REQUEST)
        elif code := await self._enter(self.knock):
            await self.close(code)
        else:
            self._life = asyncio.create_task(self._live(int(after)))

    async def disconnect(self, code: int) -> None:
        """Stop watching."""
        self._admit(None)
        if self._life:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take a message; a subclass that takes more than the usual ones overrides `received`."""
        try:
            message = orjson.loads(text_data or bytes_data or b"null")
        except orjson.JSONDecodeError:
            return
        if isinstance(message, dict):
            await self.received(message)

    async def received(self, message: dict[str, Any]) -> None:
        """Take one message of the client: a ping, or a new token to come in by."""
        if message.get("type") == "ping":
            await self.tell(type="pong")
        elif message.get("type") == "authenticate":
            knock = replace(self.knock, authorization=f"Bearer {message.get('token')}")
            if code := await self._enter(knock):
                await self.close(code)
            else:
                await self.tell(type="authenticated")

    async def tell(self, **body: Any) -> None:
        """Send one message to this socket alone."""
        await self._send(orjson.dumps(body).decode())

    async def _live(self, after: int) -> None:
        """Watch, with a heartbeat, until one of the two ends the other."""
        try:
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._watch(after))
                parts.create_task(self._beat())
                parts.create_task(self._mind())
        except* Ended as ended:
            await self.close(ended.exceptions[0].args[0])
        except* OSError:
            log.debug("The client of a socket in room %s is gone", self.room)
        except* Exception:
            log.exception("A socket in room %s failed", self.room)
            await self.close(INTERNAL_ERROR)

    async def _watch(self, after: int) -> None:
        async with aclosing(hub.current().watch(self.room, after=after)) as texts:
            async for text in texts:
                await self._send(text)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_seconds)
            if code := await database_sync_to_async(self._refusal)():
                raise Ended(code)
            # While an event is being sent, that is the heartbeat.
            if self._sending_since is None:
                await self.tell(type="heartbeat")
            elif monotonic() - self._sending_since > self.patience_seconds:
                raise Ended(TRY_AGAIN)

    async def _send(self, text: str) -> None:
        # A clock is read twice; a timer for each of many thousand texts a second costs more.
        self._sending_since = monotonic()
        await self.base_send({"type": "websocket.send", "text": text})
        self._sending_since = None

    async def _mind(self) -> None:
        """End the socket once its session or key has ended."""
        await self._turned_out.wait()
        raise Ended(NOT_KNOWN)

    async def _enter(self, knock: identity.Knock) -> int:
        """Let somebody in; return the code to close with, or 0 for somebody who may watch."""
        visitor, code = await database_sync_to_async(self._judge)(knock)
        if not code:
            self._admit(visitor)
        return code

    def _admit(self, visitor: Visitor | None) -> None:
        """Tell the doorkeeper by what this socket is open from now on."""
        keeper = doorkeeper.current()
        if self._visitor and self._visitor.credential:
            keeper.leave(self._visitor.credential, self._turned_out.set)
        self._visitor = visitor
        if visitor and visitor.credential:
            keeper.admit(visitor.credential, self._turned_out.set)

    def _judge(self, knock: identity.Knock) -> tuple[Visitor | None, int]:
        visitor = identity.visitor(knock, is_open=self.is_open)
        if visitor is None:
            return None, NOT_KNOWN
        return visitor, CODES.get(rooms.kind(self.kind).may_enter(visitor.user, self.room.key), 0)

    def _refusal(self) -> int:
        """Return the code to close with, or 0 for somebody who may still watch."""
        assert self._visitor is not None
        user = self._visitor.user
        user.refresh_from_db()
        if not user.is_active:
            return NOT_KNOWN
        return CODES.get(rooms.kind(self.kind).may_enter(user, self.room.key), 0)
