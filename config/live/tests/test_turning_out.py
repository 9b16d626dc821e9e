"""A socket lives as long as the session or API key that it came in by."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import ApiKey, Session, User
from accounts.tests.tokens import token_of
from config.live.tests.platform import serving
from config.live.tests.sockets import close_code, in_thread, open_socket, run


def end_here():
    services.end_session(session=Session.objects.get(), by=None)


def end_elsewhere():
    # As another process does it: nobody tells this one's doorkeeper.
    Session.objects.update(ended_at=timezone.now())


def shut_out():
    services.deactivate(user=User.objects.get(username="ada"), by=None)


def let_expire():
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("end", [end_here, end_elsewhere, shut_out, let_expire])
def test_a_socket_closes_with_its_session(token, end):
    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            await socket.send('{"type": "ping"}')
            await socket.recv()
            await in_thread(end)
            return await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == 4401


def test_a_socket_closes_with_its_api_key(token):
    row, key = services.create_key(user=User.objects.get(username="ada"), name="watcher")

    async def watch(address):
        async with open_socket(address, "a", key) as socket:
            await socket.send('{"type": "ping"}')
            await socket.recv()
            await in_thread(lambda: services.revoke_key(key=row, by=None))
            return await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == 4401
    assert ApiKey.objects.get().last_used_at


def test_a_key_that_may_not_read_watches_nothing(token):
    _, key = services.create_key(user=User.objects.get(), name="writer", scopes=["write"])

    async def watch(address):
        async with open_socket(address, "a", key) as socket:
            return await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == 4401


def test_a_new_token_takes_the_place_of_the_old_one(token):
    first = Session.objects.get()
    second = token_of(first.user)

    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            await socket.send(json.dumps({"type": "authenticate", "token": second}))
            answers = [json.loads(await socket.recv())]
            await in_thread(lambda: services.end_session(session=first, by=None))
            await socket.send('{"type": "ping"}')
            answers.append(json.loads(await socket.recv()))
            await in_thread(lambda: services.end_sessions(user=first.user, by=None))
            return [answer["type"] for answer in answers], await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == (["authenticated", "pong"], 4401)


def test_a_bad_token_in_between_ends_the_socket(token):
    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            await socket.send('{"type": "authenticate", "token": "x.y.z"}')
            return await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == 4401
