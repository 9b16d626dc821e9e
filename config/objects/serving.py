"""`/objects/<bucket>/<key>`: an ASGI application of its own, beside Django.

A Django view would have the whole body on the disk, or in memory, before it is asked.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from config.api.problems import Problem
from config.objects import embedded, embedded_store, multipart, signing, threads
from config.objects.contracts import ObjectsError
from config.objects.drafts import DiskFull
from config.objects.embedded import EmbeddedStore, etag_of
from config.objects.exchange import Exchange, Gone, Refusal
from config.objects.receiving import FULL, discard, receive_draft
from config.objects.sending import send_object
from config.objects.signing import Wanted

log = logging.getLogger(__name__)

PLACE = embedded.PLACE
ELSEWHERE = "This server keeps no objects: its URLs lead to the object store itself"


class Objects:
    """Takes and gives objects to whoever has a signed URL."""

    def __init__(self, store: Callable[[], EmbeddedStore | None] = embedded_store) -> None:
        """Keep how to get at the store."""
        self._store = store

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request, whatever happens, with the object or the one body of errors."""
        exchange = Exchange(scope, receive, send)
        try:
            await self._answer(exchange)
        except Gone:
            return
        except Refusal as refusal:
            await exchange.refuse(refusal.problem)
        except Exception:
            # Never the query: it lets in whoever reads the log.
            log.exception("Unforeseen error in %r", exchange)
            if exchange.has_begun:
                raise
            extra = {"request_id": exchange.request_id}
            await exchange.refuse(Problem(status=500, extra=extra))

    async def _answer(self, exchange: Exchange) -> None:
        store = self._store()
        if store is None:
            raise Refusal(404, ELSEWHERE)
        if exchange.method == "OPTIONS":
            await exchange.answer_preflight()
            return
        key, query = admitted(exchange, store)
        if exchange.method == "PUT":
            await take(exchange, store, key, query)
        elif exchange.method in ("GET", "HEAD"):
            await send_object(exchange, store, key, query)
        else:
            raise Refusal(405, "", headers={"Allow": "GET, HEAD, PUT, OPTIONS"})


def admitted(exchange: Exchange, store: EmbeddedStore) -> tuple[str, dict[str, str]]:
    """Return the key and the query of a request that may pass; Refusal (403) if it may not."""
    # Who may fetch an object may also ask how large it is.
    method = "GET" if exchange.method == "HEAD" else exchange.method
    wanted = Wanted(method, exchange.path, exchange.query, exchange.header)
    try:
        query = signing.verified(wanted, find=store.access_key, now=datetime.now(UTC))
    except signing.Refused as error:
        raise Refusal(403, str(error)) from None
    bucket, _, key = exchange.path.removeprefix(PLACE).partition("/")
    if bucket != store.bucket:
        raise Refusal(404, "There is no such bucket")
    try:
        store.path(key)
    except ObjectsError as error:
        raise Refusal(403, str(error)) from None
    return key, query


async def take(
    exchange: Exchange, store: EmbeddedStore, key: str, query: Mapping[str, str]
) -> None:
    """Store the body as an object or as a part of one, and answer with its ETag."""
    upload, number = None, 0
    most_bytes = int(query.get(embedded.MAX_BYTES, store.most_bytes))
    if "uploadId" in query:
        upload, number = await threads.run(_part, store, key, query)
        most_bytes -= await threads.run(upload.size_beside, number)
    draft = await receive_draft(exchange, store, most_bytes=min(most_bytes, store.most_bytes))
    try:
        if upload:
            found = await threads.run(upload.keep, number, draft)
        else:
            found = await threads.run(draft.keep, store.path(key))
    except ObjectsError as error:
        raise Refusal(409, str(error)) from error
    except DiskFull as error:
        raise Refusal(507, str(error), FULL) from error
    except (IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        raise Refusal(409, "Another object's key begins with this one, or is its beginning") from (
            error
        )
    finally:
        await discard(draft)
    await exchange.finish(200, {"ETag": f'"{etag_of(found)}"'})


def _part(store: EmbeddedStore, key: str, query: Mapping[str, str]) -> tuple[multipart.Upload, int]:
    number = query.get("partNumber", "")
    upload = store.upload(key, query["uploadId"])
    if upload is None:
        raise Refusal(404, multipart.GONE)
    if not (number.isascii() and number.isdecimal() and 1 <= int(number[:6]) <= upload.parts):
        raise Refusal(400, f"This upload has the parts 1 to {upload.parts}")
    return upload, int(number)
