"""The kinds of rooms that can be watched, as the apps register them in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import orjson

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


class Entry(Enum):
    """What somebody hears who wants to watch a room."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    MISSING = "missing"


class Room(NamedTuple):
    """One thing that can be watched, such as ("run", its uuid)."""

    kind: str
    key: str


class Event(NamedTuple):
    """One line of what happened in the room with this key.

    `seq` grows by one from event to event of a room. Whoever writes the row takes it under a
    lock of the room's own row, so that no smaller one appears after a greater one.
    """

    key: str
    seq: int
    body: Mapping[str, Any]

    def text(self) -> str:
        """Return what the sockets are sent: the body and its `seq`, as JSON."""
        return orjson.dumps({"seq": self.seq, **self.body}, default=str, option=OPTIONS).decode()


MayEnter = Callable[[Any, str], Entry]
ReadAfter = Callable[[Mapping[str, int], int], Iterable[Event]]


@dataclass(frozen=True)
class Kind:
    """How rooms of one kind are entered and read."""

    name: str
    may_enter: MayEnter
    """Whether this user may watch the room with this key."""
    read_after: ReadAfter
    """The events newer than each room's `seq`, given as {key: seq}: at most so many in all, and
    of each room the next ones in the order of `seq`. One query, whatever the number of rooms."""


_kinds: dict[str, Kind] = {}


def register(name: str, *, may_enter: MayEnter, read_after: ReadAfter) -> None:
    """Let rooms of this kind be watched."""
    _kinds[name] = Kind(name, may_enter, read_after)


def kind(name: str) -> Kind:
    """Return the kind of rooms that was registered under this name."""
    return _kinds[name]
