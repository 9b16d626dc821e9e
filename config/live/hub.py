"""The hub: one for each process; it hears or finds what is new, and hands it to local sockets.

With REDIS_URL the text of an event comes over one subscription. A hole in `seq` is read from the
table, once for the process. Without it, and now and then with it, the hub looks at the tables
itself, with one query for each kind of room, and only for rooms that somebody watches.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from time import monotonic
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import close_old_connections, connections

from config.live import rooms
from config.live.feed import Feed
from config.live.rooms import Event, Room
from config.live.watchers import Watcher

log = logging.getLogger(__name__)

TAIL_SECONDS = 0.2
# With a bell the look at the tables only makes up for one that was not heard.
CHECK_SECONDS = 3.0
PAGE = 500
ROOMS_A_QUERY = 200


class Watched:
    """A room with somebody in it: the `seq` that was handed on last, and to whom."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.watchers: set[Watcher] = set()


class Hub:
    """Hands the events of the rooms that are watched to this process's sockets."""

    def __init__(self, *, redis_url: str = "") -> None:
        self._redis_url = redis_url
        self._seconds = CHECK_SECONDS if redis_url else TAIL_SECONDS
        self._rooms: dict[Room, Watched] = {}
        self._guests = 0
        self._doubtful: set[Room] = set()
        self._doubted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._feed: Feed | None = None
        self._reader: ThreadPoolExecutor | None = None

    async def watch(self, room: Room, *, after: int = 0) -> AsyncIterator[str]:
        """Yield the text of each event newer than `after`, in order, none twice, none left out.

        Whoever reads slowly holds up nobody, and is given the rest from the table.
        """
        watcher = Watcher(after)
        self._open()
        try:
            await self._enter(room, watcher)
            while True:
                if watcher.is_behind:
                    async with aclosing(self._catch_up(room, watcher)) as texts:
                        async for text in texts:
                            yield text
                while (text := watcher.take()) is not None:
                    yield text
                await watcher.wait()
        finally:
            self._leave(room, watcher)
            self._close()

    def _open(self) -> None:
        """Start what serves the rooms, for the first socket."""
        self._guests += 1
        if self._guests > 1:
            return
        # One thread, so one database connection, however many sockets there are.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="hub")
        self._tasks = [asyncio.create_task(self._look())]
        if self._redis_url:
            self._feed = Feed(self._redis_url, hear=self._hear, doubt=self._doubt)
            self._tasks.append(asyncio.create_task(self._feed.run()))

    def _close(self) -> None:
        """Stop everything after the last socket; an idle hub holds no connection."""
        self._guests -= 1
        if self._guests:
            return
        if self._feed:
            self._feed.close()
        for task in self._tasks:
            task.cancel()
        if self._reader:
            self._reader.submit(connections.close_all)
            self._reader.shutdown(wait=False)

    async def _enter(self, room: Room, watcher: Watcher) -> None:
        start = 0 if room in self._rooms else await self._start(room, watcher.position)
        watched = self._rooms.get(room)
        if watched is None:
            watched = self._rooms[room] = Watched(start)
            self._doubt(room)
        elif watcher.position < watched.last:
            watcher.fall_behind()
        watched.watchers.add(watcher)
        if self._feed:
            await self._feed.enter(room)

    async def _start(self, room: Room, position: int) -> int:
        """Return where a room begins for its first socket; a position that never was counts as 0.

        Or else one socket could make the room deaf for all others.
        """
        if not position:
            return 0
        return position if await self._query(room.kind, {room.key: position - 1}) else 0

    def _leave(self, room: Room, watcher: Watcher) -> None:
        watched = self._rooms.get(room)
        if watched is None:
            return
        watched.watchers.discard(watcher)
        if not watched.watchers:
            del self._rooms[room]
            if self._feed:
                self._feed.leave(room)

    def _hear(self, room: Room, seq: int, text: str) -> None:
        """Hand an event on that came by bell, if it is the next one."""
        watched = self._rooms.get(room)
        if watched and seq == watched.last + 1:
            self._hand_on(watched, seq, text)
        elif watched and seq > watched.last:
            self._doubt(room)

    def _hand_on(self, watched: Watched, seq: int, text: str) -> None:
        watched.last = seq
        for watcher in watched.watchers:
            watcher.offer(seq, text)

    def _doubt(self, room: Room) -> None:
        """Have the table read soon, for something of this room may not have been heard."""
        self._doubtful.add(room)
        self._doubted.set()

    async def _look(self) -> None:
        """Look at the tables: for doubtful rooms at once, for all of them now and then."""
        due = monotonic() + self._seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due - monotonic())):
                    await self._doubted.wait()
            self._doubted.clear()
            asked, self._doubtful = self._doubtful, set()
            if monotonic() >= due:
                asked, due = set(self._rooms), monotonic() + self._seconds
            try:
                await self._read(asked & self._rooms.keys())
            except Exception:
                log.exception("The hub cannot read the events; it tries again")
                due = monotonic() + 1.0
                await asyncio.sleep(self._seconds)

    async def _read(self, asked: Iterable[Room]) -> None:
        """Hand on what the tables have and the rooms do not, with one query for each kind."""
        kinds = defaultdict(list)
        for room in asked:
            kinds[room.kind].append(room)
        for kind, members in kinds.items():
            for start in range(0, len(members), ROOMS_A_QUERY):
                await self._read_kind(kind, members[start : start + ROOMS_A_QUERY])

    async def _read_kind(self, kind: str, members: list[Room]) -> None:
        positions = {room.key: self._rooms[room].last for room in members if room in self._rooms}
        events = await self._query(kind, positions)
        for event in events:
            watched = self._rooms.get(Room(kind, event.key))
            # The bell may have brought it while the table was read.
            if watched and event.seq > watched.last:
                self._hand_on(watched, event.seq, event.text())
        if len(events) >= PAGE:
            for room in members:
                self._doubt(room)

    async def _catch_up(self, room: Room, watcher: Watcher) -> AsyncIterator[str]:
        """Yield from the table what one socket has not got, until the line can be followed."""
        # From here on new events stand in line again; those that the table gives too are skipped.
        watcher.is_behind = False
        while True:
            events = await self._query(room.kind, {room.key: watcher.position})
            for event in events:
                watcher.position = event.seq
                yield event.text()
            if len(events) < PAGE:
                return

    async def _query(self, kind: str, positions: Mapping[str, int]) -> list[Event]:
        """Return up to a page of events newer than each room's position."""

        def read() -> list[Event]:
            close_old_connections()
            try:
                return list(rooms.kind(kind).read_after(positions, PAGE))
            finally:
                close_old_connections()

        if not positions:
            return []
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current() -> Hub:
    """Return the hub of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(redis_url=settings.REDIS_URL)
    return _hubs[loop]
