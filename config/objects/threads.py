"""Threads that wait for the disk, so that whoever else is served does not."""

import asyncio
from asyncio import Future
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

# More would only wait for the same disk.
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="objects")


def begin(work: Callable[..., T], *arguments: Any, **options: Any) -> Future[T]:
    """Begin something in a thread, and return what can be awaited."""
    return asyncio.get_running_loop().run_in_executor(_pool, partial(work, *arguments, **options))


async def run(work: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Do something in a thread and return what comes of it."""
    return await begin(work, *arguments, **options)
