"""How long a socket lives: heartbeats, pings, and sockets that take nothing."""

import asyncio
import json

from accounts import services
from accounts.models import User
from config.live import hub
from config.live.consumers import RoomConsumer
from config.live.tests import platform
from config.live.tests.platform import serving, write
from config.live.tests.sockets import close_code, in_thread, open_socket, run, wait_until


class Hasty(platform.Notes):
    """A socket that is soon given up."""

    heartbeat_seconds = 0.1
    patience_seconds = 0.3


def test_a_socket_that_takes_nothing_at_all_is_given_up(token):
    async def watch(address, loops):
        async with open_socket(address, "a", token) as socket:
            socket.transport.pause_reading()
            for first in range(1, 3000, 500):
                await in_thread(write, "a", *range(first, first + 500), text="x" * 10_000)
            served = hub._hubs[loops[0]]
            await asyncio.to_thread(wait_until, lambda: served._guests == 0)
            socket.transport.resume_reading()

    with serving(consumer=Hasty) as (address, loops):
        run(watch(address, loops))


class Impatient(platform.Notes):
    """A socket whose heart beats fast."""

    heartbeat_seconds = 0.1


def test_a_heartbeat_shows_that_the_socket_lives_and_ends_it_when_the_user_is_shut_out(token):
    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            beat = json.loads(await socket.recv())
            await in_thread(
                lambda: services.deactivate(user=User.objects.get(username="ada"), by=None)
            )
            return beat, await close_code(socket)

    with serving(consumer=Impatient) as (address, _):
        assert run(watch(address)) == ({"type": "heartbeat"}, 4401)


def test_a_ping_is_answered_and_nonsense_is_not(token):
    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            for message in ("{", "[]", '"x"', '{"type": "other"}', '{"type": "ping"}'):
                await socket.send(message)
            return json.loads(await socket.recv())

    with serving() as (address, _):
        assert run(watch(address)) == {"type": "pong"}


def test_the_consumer_says_its_defaults():
    assert (RoomConsumer.heartbeat_seconds, RoomConsumer.patience_seconds) == (20.0, 30.0)
