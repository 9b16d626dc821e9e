"""Every socket, for everybody: who watches, and with which code it closes for the others."""

import asyncio

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections

from accounts.models import Scope
from accounts.services import create_key
from accounts.tests.tokens import token_of
from config.asgi import application
from tests.rights import routes
from tests.rights.table import socket_lines
from tests.rights.world import EVERYBODY, MARK, NOBODY, OWNER, make_world

LINES = socket_lines()
every_socket = pytest.mark.parametrize("line", LINES, ids=[line.route for line in LINES])
WATCHES = "watch"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, db):
    settings.OPEN_ACCESS = False
    return make_world()


def token(world, who):
    return "" if who == NOBODY else token_of(world.people[who])


def knock(path: str, credential: str) -> tuple[str, str]:
    """Open a socket; return `watch` or the code that it closes with, and what it was sent."""

    async def watch() -> tuple[str, str]:
        query = f"?token={credential}" if credential else ""
        socket = WebsocketCommunicator(application, f"{path}{query}")
        is_accepted, code = await socket.connect(timeout=20)
        if not is_accepted:
            return str(code), ""
        first = await socket.receive_output(timeout=20)
        await socket.disconnect()
        # The threads that asked the database are gone with this loop.
        await database_sync_to_async(connections.close_all)()
        if first["type"] == "websocket.close":
            return str(first["code"]), first.get("reason") or ""
        return WATCHES, first["text"]

    return asyncio.run(watch())


def test_every_socket_has_a_line_and_every_line_a_socket():
    told = {line.route for line in LINES}
    assert told == set(routes.sockets()), "Say in tests/rights/table.py who may watch"


@every_socket
def test_everybody_watches_what_the_table_says(world, line):
    path = line.route.format(**world.ids)
    expected = {who: line.answers[who] for who in EVERYBODY}
    got = {who: knock(path, token(world, who)) for who in EVERYBODY}
    assert {who: outcome for who, (outcome, _) in got.items()} == expected
    assert not [who for who, (outcome, text) in got.items() if outcome != WATCHES and MARK in text]


@every_socket
def test_open_mode_opens_no_other_socket_than_the_table_says(world, line, settings):
    settings.OPEN_ACCESS = True
    outcome, _ = knock(line.route.format(**world.ids), "")
    assert outcome == line.answers["open"]


@every_socket
def test_a_key_watches_if_it_may_read(world, line):
    path = line.route.format(**world.ids)
    for scope in Scope:
        _, key = create_key(user=world.people[OWNER], name="CI", scopes=[scope])
        assert knock(path, key)[0] == (WATCHES if scope == Scope.READ else "4401")


def test_a_path_that_nobody_serves_closes():
    assert knock("/api/v1/ws/nowhere", "")[0] == "4404"
