"""Run as a program: ask one path over keep-alive connections as fast as it answers.

It takes its work as JSON (`Work`) and prints what it saw as JSON (`Seen`). It costs the machine as
little as a client in Python can: the request is made once, of an answer only the status and the
length are read, and one loop serves all connections.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import cast

import uvloop

WARM_SECONDS = 0.5
LENGTH = b"content-length: "


@dataclass(frozen=True)
class Work:
    """What to ask, of which local port, over how many connections, for how long."""

    port: int
    path: str
    token: str
    connections: int = 32
    seconds: float = 3.0

    @property
    def request(self) -> bytes:
        """Return the bytes of the request."""
        head = (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.token}\r\nAccept: application/json\r\n\r\n"
        )
        return head.encode()


@dataclass(frozen=True)
class Seen:
    """What came back: requests a second, milliseconds, and answers that were not 200."""

    rate: float
    p50: float
    p99: float
    errors: int


@dataclass
class Clock:
    """When answers are counted, and what they took in seconds."""

    begin: float
    end: float
    taken: list[float] = field(default_factory=list)
    errors: int = 0


class Asking(asyncio.Protocol):
    """One connection: it asks again when it has all of the answer."""

    def __init__(self, request: bytes, clock: Clock) -> None:
        self.request = request
        self.clock = clock
        self.received = 0
        self.wanted = 0
        self.head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        """Send the request."""
        self.head, self.received, self.wanted = b"", 0, 0
        self.asked = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Count what came, and go on when it is all."""
        self.received += len(data)
        if not self.wanted:
            self.head += data
            self.wanted = length_of(self.head)
        if self.wanted and self.received >= self.wanted:
            self.note()

    def note(self) -> None:
        """Note an answer and ask again, until the time is over."""
        now = time.perf_counter()
        if self.clock.begin <= self.asked and now <= self.clock.end:
            self.clock.taken.append(now - self.asked)
            self.clock.errors += not self.head.startswith(b"HTTP/1.1 200")
        if now < self.clock.end:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a connection that the server closed."""
        self.clock.errors += time.perf_counter() < self.clock.end


def length_of(head: bytes) -> int:
    """Return the bytes of a whole answer by its head; 0 while the head is not complete."""
    end = head.find(b"\r\n\r\n")
    if end < 0:
        return 0
    at = head.lower().index(LENGTH) + len(LENGTH)
    return end + 4 + int(head[at : head.index(b"\r\n", at)])


async def drive(work: Work) -> Seen:
    """Ask until the time is over; the first moment warms up and is not counted."""
    loop = asyncio.get_running_loop()
    begin = time.perf_counter() + WARM_SECONDS
    clock = Clock(begin, begin + work.seconds)
    for _ in range(work.connections):
        await loop.create_connection(lambda: Asking(work.request, clock), "127.0.0.1", work.port)
    await asyncio.sleep(clock.end - time.perf_counter())
    taken = sorted(clock.taken) or [0.0]
    p50, p99 = (taken[int(len(taken) * part)] * 1000 for part in (0.5, 0.99))
    return Seen(rate=len(clock.taken) / work.seconds, p50=p50, p99=p99, errors=clock.errors)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(drive(Work(**json.loads(sys.argv[1])))))))
