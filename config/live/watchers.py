"""A socket's place in a room: how far it is, and what waits to be sent."""

import asyncio
from collections import deque

# A socket that is so far behind reads the table again, at its own pace, instead of keeping more.
MOST_WAITING = 1000


class Watcher:
    """One socket that watches one room; never sent an event twice, and none is left out."""

    def __init__(self, position: int, *, most: int = MOST_WAITING) -> None:
        self.position = position
        self.is_behind = False
        self._most = most
        self._waiting: deque[tuple[int, str]] = deque()
        self._news = asyncio.Event()

    def offer(self, seq: int, text: str) -> None:
        """Put an event in line; with a full line the socket is behind, and the table keeps it."""
        if len(self._waiting) >= self._most:
            self._waiting.clear()
            self.is_behind = True
        if not self.is_behind:
            self._waiting.append((seq, text))
        self._news.set()

    def fall_behind(self) -> None:
        """Let the socket read the table first."""
        self.is_behind = True
        self._news.set()

    def take(self) -> str | None:
        """Return the next event in line that was not sent yet; None if there is none."""
        while self._waiting:
            seq, text = self._waiting.popleft()
            if seq > self.position:
                self.position = seq
                return text
        return None

    async def wait(self) -> None:
        """Return when there is something to send."""
        if not self._waiting and not self.is_behind:
            self._news.clear()
            await self._news.wait()
