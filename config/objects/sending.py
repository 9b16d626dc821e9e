"""Giving an object away: all of it or a range, half a megabyte at a time."""

import asyncio
import contextlib
import os
import stat
from asyncio import Task
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime

from config.objects import ranges, threads
from config.objects.contracts import Head
from config.objects.embedded import EmbeddedStore, head_of
from config.objects.exchange import Exchange, Headers, Refusal

BLOCK_BYTES = 512 << 10
# What a query may say about the answer, because its signature covers it.
OVERRIDES = {
    "response-content-disposition": "Content-Disposition",
    "response-content-type": "Content-Type",
    "response-cache-control": "Cache-Control",
}
# What users sent is never a page of this site.
PLAIN = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
}


async def send_object(
    exchange: Exchange, store: EmbeddedStore, key: str, query: Mapping[str, str]
) -> None:
    """Answer GET and HEAD with the object, a range of it, or that the client has it already."""
    opened, found = await threads.run(_opened, store, key)
    try:
        headers, modified = _headers(found, query)
        tag = exchange.header("if-none-match")
        if tag and ranges.matches(tag, found.etag):
            await exchange.begin(304, headers)
            await exchange.body(b"", is_last=True)
            return
        first, last, status = _span(exchange, found, modified)
        if status == 206:
            headers["Content-Range"] = f"bytes {first}-{last}/{found.size}"
        await exchange.begin(status, {**headers, "Content-Length": str(last - first + 1)})
        if exchange.method == "HEAD":
            await exchange.body(b"", is_last=True)
        else:
            await _stream(exchange, opened, first, last + 1)
    finally:
        os.close(opened)


def _opened(store: EmbeddedStore, key: str) -> tuple[int, Head]:
    """Return an open file, which stays what it is whatever takes its place, and what it is."""
    try:
        opened = os.open(store.path(key), os.O_RDONLY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal(404, "There is no such object (any more)") from None
    found = os.fstat(opened)
    if not stat.S_ISREG(found.st_mode):
        os.close(opened)
        raise Refusal(404, "There is no such object (any more)")
    return opened, head_of(key, found)


def _headers(found: Head, query: Mapping[str, str]) -> tuple[dict[str, str], str]:
    modified = format_datetime(found.modified.astimezone(UTC), usegmt=True)
    said: Headers = {OVERRIDES[name]: query[name] for name in OVERRIDES if name in query}
    return {**PLAIN, **said, "ETag": f'"{found.etag}"', "Last-Modified": modified}, modified


def _span(exchange: Exchange, found: Head, modified: str) -> tuple[int, int, int]:
    """Return first and last byte to send, and the status that goes with them."""
    header = exchange.header("range")
    if not ranges.is_fresh(exchange.header("if-range"), found.etag, modified):
        header = ""
    try:
        span = ranges.wanted_span(header, found.size)
    except ranges.Unsatisfiable:
        raise Refusal(
            416,
            f"The object has {found.size} bytes; none of the range is there",
            "range_not_satisfiable",
            {"Content-Range": f"bytes */{found.size}"},
        ) from None
    return (*span, 206) if span else (0, found.size - 1, 200)


async def _stream(exchange: Exchange, opened: int, first: int, end: int) -> None:
    """Send the bytes; while one block is on its way the next one is read."""
    leaving = asyncio.create_task(_client_leaves(exchange))
    reading = threads.begin(os.pread, opened, min(BLOCK_BYTES, end - first), first)
    try:
        while not leaving.done():
            block = await reading
            first += len(block)
            if first >= end or not block:
                # A file that became shorter ends the connection: its length has been promised.
                await exchange.body(block, is_last=True)
                return
            reading = threads.begin(os.pread, opened, min(BLOCK_BYTES, end - first), first)
            await exchange.body(block, is_last=False)
    finally:
        await _end(leaving)
        if not reading.done():
            await asyncio.wait([reading])


async def _client_leaves(exchange: Exchange) -> None:
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


async def _end(task: Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
