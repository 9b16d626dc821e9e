"""A small platform of its own for the tests: a table of events, and a server with its sockets."""

import asyncio
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from asgiref.sync import SyncToAsync
from channels.routing import ProtocolTypeRouter, URLRouter
from django.db import connection, connections, transaction
from django.urls import path

from config.live import hub, ringing, rooms
from config.live.consumers import RoomConsumer
from config.live.rooms import Entry, Event
from tests.servers.asgi import serving as served

KIND = "note"
SECRET_ROOM = "secret"
queries: list[dict[str, int]] = []


def make_table() -> None:
    """Make the table that holds the events."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS live_notes")
        cursor.execute(
            "CREATE TABLE live_notes (room varchar(40), seq bigint, text varchar(20000),"
            " PRIMARY KEY (room, seq))"
        )


def drop_table() -> None:
    """Leave the database as it was."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE live_notes")


def write(room: str, *seqs: int, text: str = "", rings: bool = True) -> None:
    """Write events in one transaction, and ring for them as a service does."""
    events = [Event(room, seq, {"text": text or f"note {seq}"}) for seq in seqs]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO live_notes VALUES (%s, %s, %s)",
                [(room, event.seq, event.body["text"]) for event in events],
            )
        if rings:
            ringing.ring(KIND, *events)


def read_after(positions: Mapping[str, int], most: int) -> list[Event]:
    """Return what is newer than each room's position."""
    queries.append(dict(positions))
    asked = " OR ".join(["(room = %s AND seq > %s)"] * len(positions))
    values: list[Any] = [value for pair in positions.items() for value in pair]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT room, seq, text FROM live_notes WHERE {asked} ORDER BY room, seq LIMIT {most}",
            values,
        )
        return [Event(room, seq, {"text": text}) for room, seq, text in cursor.fetchall()]


def may_enter(user: Any, key: str) -> Entry:
    """Let everybody in, but not everywhere."""
    if key == "nowhere":
        return Entry.MISSING
    if key == SECRET_ROOM and user.username != "ada":
        return Entry.FORBIDDEN
    return Entry.ALLOWED


class Notes(RoomConsumer):
    """A socket on the notes of one room."""

    kind = KIND
    key_argument = "room"


@contextmanager
def serving(*, redis_url: str = "", consumer: type[RoomConsumer] = Notes):
    """Serve the sockets with uvicorn in a thread; yields the address and the hub's loop."""
    rooms.register(KIND, may_enter=may_enter, read_after=read_after)
    loops: list[asyncio.AbstractEventLoop] = []

    sockets = URLRouter([path("ws/notes/<str:room>", consumer.as_asgi())])
    routes = ProtocolTypeRouter({"websocket": sockets})

    async def application(scope, receive, send):
        loops[:] = [asyncio.get_running_loop()]
        if loops[0] not in hub._hubs:
            hub._hubs[loops[0]] = hub.Hub(redis_url=redis_url)
        await routes(scope, receive, send)

    try:
        with served(application, ws_max_queue=8) as port:
            yield f"ws://127.0.0.1:{port}/ws/notes", loops
    finally:
        # The threads that asked the database on the server's behalf let go of it.
        SyncToAsync.single_thread_executor.submit(connections.close_all).result()
        for reader in filter(None, (hub._hubs[loop]._reader for loop in loops)):
            reader.shutdown()
