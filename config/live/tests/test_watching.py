"""Watchers of a real server, with and without Redis: everything, in order, once."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from config.live.tests.platform import serving, write
from config.live.tests.sockets import in_thread, open_socket, run, texts

WATCHERS = 50


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
