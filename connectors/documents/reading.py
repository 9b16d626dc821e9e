"""Documents as they come from the server: raw, in slices of a few thousand."""

import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from connectors.documents.server import Server
from connectors.errors import Cancelled

if TYPE_CHECKING:
    from connectors.documents.server import Client

# Documents, and bytes, that are decoded at once; the server sends up to 16 MB.
SLICE_ROWS, SLICE_BYTES = 8_192, 4 << 20
BATCH_ROWS = 32_768
CLOSE_SECONDS = 2


@dataclass(frozen=True)
class Query:
    """What to ask of a collection."""

    collection: str
    filter: Mapping[str, Any] = field(default_factory=dict)
    projection: Mapping[str, int] | None = None
    sort: tuple[tuple[str, int], ...] = ()
    limit: int = 0
    # Compare texts by their bytes, whatever order the collection was made with.
    by_bytes: bool = False


class Reading:
    """One query; a thread of its own waits for the server, so that an interrupt needs not."""

    def __init__(self, server: Server, client: "Client", query: Query) -> None:
        """Keep what to ask."""
        self._server = server
        self._client = client
        self._query = query
        # By this the server finds what it does for us.
        self._comment = f"millrace {uuid4()}"
        self._stopping = threading.Event()
        self._done: queue.Queue[bytes | BaseException | None] = queue.Queue(maxsize=1)
        # Whoever ends the work ends this too.
        server.enders.append(self.interrupt)

    def interrupt(self) -> None:
        """Make `slices` raise soon, and the server stop."""
        self._stopping.set()
        self._make_room()
        threading.Thread(target=self._kill, daemon=True).start()

    def slices(self) -> Iterator[bytes]:
        """Yield the documents in slices; closing the iterator ends the query."""
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        try:
            while (batch := self._next()) is not None:
                yield from sliced(batch)
        finally:
            is_interrupted = self._stopping.is_set()
            self._stopping.set()
            self._make_room()
            # The cursor is closed at the server before the client may be closed here.
            thread.join(0 if is_interrupted else CLOSE_SECONDS)

    def _next(self) -> bytes | None:
        given = self._done.get()
        if self._stopping.is_set():
            raise Cancelled("The reading was ended")
        if isinstance(given, BaseException):
            raise given
        return given

    def _work(self) -> None:
        """Hand over one batch after the other, then the end or what went wrong."""
        try:
            with self._server.told(None):
                self._fetch()
            self._hand_over(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader's thread raises it
            self._hand_over(error)

    def _fetch(self) -> None:
        query = self._query
        collection = self._server.database(self._client)[query.collection]
        cursor = collection.find_raw_batches(
            query.filter,
            query.projection,
            sort=list(query.sort) or None,
            limit=query.limit,
            batch_size=BATCH_ROWS,
            collation={"locale": "simple"} if query.by_bytes else None,
            comment=self._comment,
        )
        try:
            # The driver's types say documents; raw batches are bytes.
            batches: Iterator[Any] = cursor
            for batch in batches:
                if not self._hand_over(batch):
                    return
        finally:
            with suppress(Exception):
                cursor.close()

    def _hand_over(self, given: bytes | BaseException | None) -> bool:
        """Wait until there is room; return whether anybody still reads."""
        while not self._stopping.is_set():
            with suppress(queue.Full):
                self._done.put(given, timeout=0.5)
                return not self._stopping.is_set()
        return False

    def _make_room(self) -> None:
        """Wake whoever waits at either end."""
        with suppress(queue.Empty):
            self._done.get_nowait()
        with suppress(queue.Full):
            self._done.put_nowait(None)

    def _kill(self) -> None:
        """Ask the server to end what it does for this reading; a user may end what is his own."""
        with suppress(Exception):
            admin = self._client.admin
            mine: list[dict[str, Any]] = [
                {"$currentOp": {"allUsers": False}},
                {"$match": {"command.comment": self._comment}},
            ]
            for operation in admin.aggregate(mine):
                admin.command("killOp", op=operation["opid"])


def sliced(batch: bytes) -> Iterator[bytes]:
    """Cut a batch of documents, which lie one behind the other, into slices."""
    start = position = rows = 0
    end = len(batch)
    while position < end:
        position += int.from_bytes(batch[position : position + 4], "little")
        rows += 1
        if rows == SLICE_ROWS or position - start >= SLICE_BYTES:
            yield batch[start:position]
            start, rows = position, 0
    if start < end:
        yield batch[start:end]


def documents_of(batch: bytes) -> list[memoryview]:
    """Return each document of a batch as it lies there."""
    view, found, position = memoryview(batch), [], 0
    while position < len(batch):
        size = int.from_bytes(view[position : position + 4], "little")
        found.append(view[position : position + size])
        position += size
    return found
