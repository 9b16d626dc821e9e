"""What was not heard, because a bell, Redis or the database failed, is read from the table."""

import asyncio
import threading
from contextlib import AsyncExitStack

from django.db import OperationalError
from redis import Redis

from config.live import hub
from config.live.tests import platform
from config.live.tests.platform import serving, write
from config.live.tests.sockets import asked, in_thread, open_socket, run, texts, wait_until


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
