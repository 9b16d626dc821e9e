"""Taking an upload: from the network to a file, a megabyte at a time."""

import asyncio
from asyncio import Future
from collections.abc import AsyncIterator

from config.objects import threads
from config.objects.drafts import DiskFull, Draft, demand_room
from config.objects.embedded import EmbeddedStore
from config.objects.exchange import Exchange, Gone, Refusal

# A hand-over to another thread costs as much as some hundred kilobytes do.
BATCH_BYTES = 1 << 20
# A client that has not sent a batch in this time has to begin again.
BATCH_SECONDS = 300.0
FULL = "insufficient_storage"


async def receive_draft(exchange: Exchange, store: EmbeddedStore, *, most_bytes: int) -> Draft:
    """Return the body as a file that is whole; the caller keeps or drops it.

    Refusal where it is too large, shorter than it said, or the disk is full; Gone where the client
    went away. Nothing is left behind then.
    """
    said = exchange.length()
    _demand_fit(said or 0, most_bytes)
    draft = await threads.run(_opened, store, said or 0)
    try:
        await _fill(draft, exchange, most_bytes)
        _demand_whole(draft.size, said)
    except DiskFull as error:
        await discard(draft)
        raise Refusal(507, str(error), FULL) from error
    except BaseException:
        await discard(draft)
        raise
    return draft


async def discard(draft: Draft) -> None:
    """Leave nothing of a draft, unless it was kept; also where this task is being ended."""
    await asyncio.shield(threads.begin(draft.drop))


def _opened(store: EmbeddedStore, size: int) -> Draft:
    try:
        demand_room(store.incoming, size)
        return Draft(store.incoming)
    except DiskFull as error:
        raise Refusal(507, str(error), FULL) from error


async def _fill(draft: Draft, exchange: Exchange, most_bytes: int) -> None:
    """Write the body; while one batch is being written the next one is gathered."""
    writing: Future[None] | None = None
    received = 0
    try:
        async for batch, size in _batches(exchange):
            received += size
            _demand_fit(received, most_bytes)
            if writing:
                await writing
            writing = threads.begin(draft.write, batch)
        if writing:
            await writing
    finally:
        # A thread that still writes must not meet a file that is closed, or another one.
        if writing and not writing.done():
            await asyncio.wait([writing])


async def _batches(exchange: Exchange) -> AsyncIterator[tuple[list[bytes], int]]:
    pieces: list[bytes] = []
    size = 0
    more = True
    while more:
        try:
            async with asyncio.timeout(BATCH_SECONDS):
                while more and size < BATCH_BYTES:
                    message = await exchange.receive()
                    if message["type"] != "http.request":
                        raise Gone
                    if body := message.get("body", b""):
                        pieces.append(body)
                        size += len(body)
                    more = message.get("more_body", False)
        except TimeoutError:
            raise Refusal(408, "Too little came for too long; send the file again") from None
        yield pieces, size
        pieces, size = [], 0


def _demand_whole(size: int, said: int | None) -> None:
    if said is not None and size != said:
        raise Refusal(400, f"{size} bytes came of {said}; send the file again")


def _demand_fit(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise Refusal(413, f"The file is larger than allowed here: {most_bytes} bytes at most")
