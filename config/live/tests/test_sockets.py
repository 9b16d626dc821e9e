"""Real sockets under a real server: with and without Redis, everything, in order, once."""

import asyncio
import json
import threading
from contextlib import AsyncExitStack

import pytest
from django.db import OperationalError, transaction
from redis import Redis
from websockets.asyncio.client import ClientConnection, connect

from accounts import cache, services, tokens
from accounts.models import User
from config.live import hub, ringing
from config.live.consumers import RoomConsumer
from config.live.tests import platform
from config.live.tests.platform import serving, write

WATCHERS = 50
SECONDS = 20


@pytest.fixture(params=["tables", "redis"])
def redis_url(request, settings):
    """The hub in both its forms: it looks at the tables, or hears a bell."""
    url = request.getfixturevalue("live_redis_url") if request.param == "redis" else ""
    settings.REDIS_URL = url
    return url


@pytest.fixture
def live_redis_url(redis_server):
    return redis_server


@pytest.fixture(autouse=True)
def table(transactional_db, monkeypatch):
    cache.forget_all()
    monkeypatch.setattr(ringing, "_silent_until", 0.0)
    platform.queries.clear()
    platform.make_table()
    yield
    platform.drop_table()


@pytest.fixture
def token(table):
    return tokens.issue(services.register(username="ada", password="mypassword"), door="orc")


async def texts(socket: ClientConnection, count: int) -> list[int]:
    """Read so many events and answer their `seq`."""
    return [json.loads(await socket.recv())["seq"] for _ in range(count)]


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, SECONDS))


async def in_thread(function, *args, **kwargs):
    """Write from another thread, as another process would."""

    def work():
        try:
            function(*args, **kwargs)
        finally:
            platform.connection.close()

    await asyncio.to_thread(work)


def open_socket(address: str, room: str, token: str = "", **query):
    parts = [f"{name}={value}" for name, value in ({"token": token} | query).items() if value != ""]
    # Without compression, or a slow socket's window would hold thousands of these texts.
    options = {"proxy": None, "compression": None, "close_timeout": 1}
    return connect(f"{address}/{room}?{'&'.join(parts)}", **options)


async def close_code(socket: ClientConnection) -> int:
    await socket.wait_closed()
    return socket.close_code


@pytest.mark.slow
def test_a_swarm_of_sockets_receives_everything_in_order(redis_url, token):
    async def swarm(address):
        async with AsyncExitStack() as stack:
            opening = [open_socket(address, "a", token) for _ in range(WATCHERS)]
            sockets = await asyncio.gather(*(stack.enter_async_context(one) for one in opening))
            for first in range(1, 301, 10):
                await in_thread(write, "a", *range(first, first + 10))
            return await asyncio.gather(*(texts(socket, 300) for socket in sockets))

    with serving(redis_url=redis_url) as (address, _):
        received = run(swarm(address))
    assert received == [list(range(1, 301))] * WATCHERS


def test_a_socket_is_sent_what_was_before_it_and_what_comes_then(redis_url, token):
    write("a", 1, 2, 3)

    async def watch(address):
        async with open_socket(address, "a", token) as early:
            before = await texts(early, 3)
            await in_thread(write, "a", 4)
            async with open_socket(address, "a", token, after=2) as late:
                return before + await texts(early, 1), await texts(late, 2)

    with serving(redis_url=redis_url) as (address, _):
        assert run(watch(address)) == ([1, 2, 3, 4], [3, 4])


def test_a_socket_that_comes_again_goes_on_where_it_was(redis_url, token):
    async def watch(address):
        seen = []
        for first in (1, 4, 7):
            last = seen[-1] if seen else 0
            await in_thread(write, "a", first)
            async with open_socket(address, "a", token, after=last) as socket:
                await in_thread(write, "a", first + 1, first + 2)
                seen += await texts(socket, 3)
        return seen

    with serving(redis_url=redis_url) as (address, _):
        assert run(watch(address)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_an_event_that_was_not_rung_for_is_found_in_order(redis_url, token):
    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            await in_thread(write, "a", 1)
            one = await texts(socket, 1)
            await in_thread(write, "a", 2, 3, rings=False)
            await in_thread(write, "a", 4)
            return one + await texts(socket, 3)

    with serving(redis_url=redis_url) as (address, _):
        assert run(watch(address)) == [1, 2, 3, 4]


def test_a_gap_is_read_once_for_the_process_and_not_once_for_each_socket(
    live_redis_url, settings, token, monkeypatch
):
    settings.REDIS_URL = live_redis_url
    # Only gaps lead to the table here, never the time that has passed.
    monkeypatch.setattr(hub, "CHECK_SECONDS", 3600.0)

    async def watch(address):
        async with AsyncExitStack() as stack:
            opening = [open_socket(address, "a", token) for _ in range(20)]
            sockets = await asyncio.gather(*(stack.enter_async_context(one) for one in opening))
            # The first events may still be read from the table, while the room is being entered.
            quiet = rounds = 0
            while rounds < 3:
                quiet += 1
                platform.queries.clear()
                await in_thread(write, "a", quiet)
                await asyncio.gather(*(texts(socket, 1) for socket in sockets))
                rounds = 0 if platform.queries else rounds + 1
            await in_thread(write, "a", quiet + 1, rings=False)
            await in_thread(write, "a", quiet + 2)
            received = await asyncio.gather(*(texts(socket, 2) for socket in sockets))
            return quiet, received

    with serving(redis_url=live_redis_url) as (address, _):
        quiet, received = run(watch(address))
    assert received == [[quiet + 1, quiet + 2]] * 20
    assert platform.queries == [{"a": quiet}]


def test_a_lost_bell_is_made_up_for_by_looking_at_the_table(
    live_redis_url, settings, token, monkeypatch
):
    settings.REDIS_URL = live_redis_url
    monkeypatch.setattr(hub, "CHECK_SECONDS", 0.3)

    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            await in_thread(write, "a", 1, rings=False)
            return await texts(socket, 1)

    with serving(redis_url=live_redis_url) as (address, _):
        assert run(watch(address)) == [1]


def test_a_subscription_that_breaks_is_made_again_and_loses_nothing(
    live_redis_url, settings, token, monkeypatch
):
    settings.REDIS_URL = live_redis_url
    monkeypatch.setattr(hub, "CHECK_SECONDS", 3600.0)

    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            await in_thread(write, "a", 1)
            first = await texts(socket, 1)
            with Redis.from_url(live_redis_url) as client:
                assert client.client_kill_filter(_type="pubsub") == 1
            await in_thread(write, "a", 2)
            return first + await texts(socket, 1)

    with serving(redis_url=live_redis_url) as (address, _):
        assert run(watch(address)) == [1, 2]


def test_a_database_that_is_away_for_a_moment_ends_no_watching(token, monkeypatch, caplog):
    read = platform.read_after
    broken = threading.Event()
    seen = threading.Event()

    def fragile(positions, most):
        if broken.is_set():
            seen.set()
            raise OperationalError("away")
        return read(positions, most)

    monkeypatch.setattr(platform, "read_after", fragile)

    async def watch(address):
        async with open_socket(address, "a", token) as socket:
            await in_thread(write, "a", 1)
            first = await texts(socket, 1)
            broken.set()
            await asyncio.to_thread(seen.wait, 10)
            broken.clear()
            await in_thread(write, "a", 2)
            return first + await texts(socket, 1)

    with serving() as (address, _):
        assert run(watch(address)) == [1, 2]
    assert "tries again" in caplog.text


async def asked(query: dict[str, int]) -> None:
    """Return when the table was asked this."""
    while query not in platform.queries:
        await asyncio.sleep(0.02)


def test_without_redis_the_hub_asks_once_for_all_rooms_and_not_for_idle_ones(token):
    async def watch(address):
        async with AsyncExitStack() as stack:
            for room in ("a", "b", "a", "c"):
                await stack.enter_async_context(open_socket(address, room, token))
            await asked({"a": 0, "b": 0, "c": 0})
            platform.queries.clear()
            await in_thread(write, "b", 1)
            await asked({"a": 0, "b": 1, "c": 0})
            return list(platform.queries)

    with serving() as (address, loops):
        queries = run(watch(address))
        assert all(query.keys() == {"a", "b", "c"} for query in queries)
        # Nobody watches: nothing runs, and no connection is held.
        idle = hub._hubs[loops[0]]
        wait_until(lambda: idle._guests == 0)
        assert not idle._rooms
        assert all(task.cancelling() for task in idle._tasks)


def wait_until(is_so) -> None:
    step = threading.Event()
    for _ in range(500):
        if is_so():
            return
        step.wait(0.02)
    pytest.fail("It did not come to be.")


def test_a_slow_socket_holds_up_nobody_and_still_gets_everything(redis_url, token):
    total = 3000
    text = "x" * 10_000

    async def watch(address):
        slow = open_socket(address, "a", token)
        async with slow as behind, open_socket(address, "a", token) as quick:
            # Its TCP window fills, and the server can send it no more.
            behind.transport.pause_reading()
            for first in range(1, total, 500):
                await in_thread(write, "a", *range(first, first + 500), text=text)
            quickly = await texts(quick, total)
            behind.transport.resume_reading()
            return quickly, await texts(behind, total)

    with serving(redis_url=redis_url) as (address, _):
        quickly, slowly = run(watch(address))
    assert quickly == slowly == list(range(1, total + 1))


def test_a_position_that_never_was_makes_nobody_else_deaf(redis_url, token):
    async def watch(address):
        ahead = open_socket(address, "a", token, after=10**15)
        async with ahead, open_socket(address, "a", token) as socket:
            await in_thread(write, "a", 1, 2)
            return await texts(socket, 2)

    with serving(redis_url=redis_url) as (address, _):
        assert run(watch(address)) == [1, 2]


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
    bob = tokens.issue(services.register(username="bob", password="mypassword"), door="orc")

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


@pytest.mark.parametrize(("origin", "is_open"), [(None, True), ("https://evil.example", False)])
def test_open_mode_opens_sockets_too_but_not_to_other_sites(settings, origin, is_open):
    settings.OPEN_ACCESS = True
    write("a", 1)

    async def watch(address):
        async with connect(f"{address}/a", origin=origin, proxy=None) as socket:
            return await texts(socket, 1) if is_open else await close_code(socket)

    with serving() as (address, _):
        assert run(watch(address)) == ([1] if is_open else 4401)


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
            await in_thread(lambda: services.deactivate(user=User.objects.get(username="ada")))
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


def test_a_dead_redis_stops_no_work(settings, monkeypatch, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(ringing, "_silent_until", 0.0)
    write("a", 1)
    write("a", 2)
    told = [record for record in caplog.records if record.name == "config.live.ringing"]
    # Said once, and then left alone for a while.
    assert len(told) == 1


def test_what_is_rolled_back_is_not_rung_for(live_redis_url, settings):
    settings.REDIS_URL = live_redis_url
    with Redis.from_url(live_redis_url) as client, client.pubsub() as heard:
        heard.psubscribe("millrace:room:*")
        assert heard.get_message(timeout=2)["type"] == "psubscribe"
        with transaction.atomic():
            write("a", 1)
            transaction.set_rollback(True)
        write("a", 2)
        assert heard.get_message(timeout=2)["data"].startswith(b"2 ")


def test_the_consumer_says_its_defaults():
    assert (RoomConsumer.heartbeat_seconds, RoomConsumer.patience_seconds) == (20.0, 30.0)
