"""Who may watch: tokens, rooms, positions and other sites."""

import pytest
from websockets.asyncio.client import connect

from accounts import services
from accounts.tests.tokens import token_of
from config.live.tests.platform import Notes, serving, write
from config.live.tests.sockets import close_code, open_socket, run, texts


@pytest.mark.parametrize(
    ("room", "given", "code"),
    [
        ("a", "none", 4401),
        ("a", "bad", 4401),
        ("secret", "bob", 4403),
        ("nowhere", "bob", 4404),
    ],
)
def test_who_may_not_watch_is_told_why(room, given, code):
    bob = token_of(services.register(username="bob", password="mypassword"))

    async def watch(address):
        sent = {"none": "", "bad": "x.y.z", "bob": bob}[given]
        async with open_socket(address, room, sent) as socket:
            return await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == code


@pytest.mark.parametrize("after", ["-1", "x", "1" * 30])
def test_a_bad_position_is_4400(token, after):
    async def watch(address):
        async with open_socket(address, "a", token, after=after) as socket:
            return await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == 4400


def test_the_token_may_come_in_the_header(token):
    write("a", 1)

    async def watch(address):
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(f"{address}/a", additional_headers=headers, proxy=None) as socket:
            return await texts(socket, 1)

    with serving() as (address, _):
        assert run(watch(address)) == [1]


class OpenNotes(Notes):
    """A socket that open mode opens."""

    is_open = True


@pytest.mark.parametrize(
    ("consumer", "origin", "is_let_in"),
    [
        (OpenNotes, None, True),
        (OpenNotes, "https://evil.example", False),
        (Notes, None, False),
    ],
)
def test_open_mode_opens_the_sockets_that_say_so_but_not_to_other_sites(
    settings, consumer, origin, is_let_in
):
    settings.OPEN_ACCESS = True
    write("a", 1)

    async def watch(address):
        async with connect(f"{address}/a", origin=origin, proxy=None) as socket:
            return await texts(socket, 1) if is_let_in else await close_code(socket)

    with serving(consumer=consumer) as (address, _):
        assert run(watch(address)) == ([1] if is_let_in else 4401)
