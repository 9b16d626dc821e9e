"""Reading YAML and JSON from strangers: bounded in bytes, depth and nodes, aliases counted in full.

Only events of the parser are used, so nothing is made but dicts, lists and scalars. A tree that
aliases would blow up is refused while it is read, because an alias counts as what it stands for.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from yaml import events
from yaml.cyaml import CParser

from modelling.exchange.faults import Fault, FormatError, Path, spelled
from modelling.exchange.scalars import meaning

MOST_BYTES = 10 * 1024 * 1024
MOST_NODES = 1_000_000
DEEPEST = 100
TEXT_TAG = "tag:yaml.org,2002:str"
NOTHING = object()
# One character as JSON escapes it beyond the 65,536th; YAML knows no pairs.
PAIR = re.compile(r"((?<!\\)(?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")


class _Broken(Exception):
    """A mistake in the text, with its line from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Frame:
    """A list or mapping that is being filled, and the key that waits for its value."""

    __slots__ = ("anchor", "height", "key", "made", "nodes")

    def __init__(self, made: Any, anchor: str | None, nodes: int) -> None:
        self.made = made
        self.anchor = anchor
        self.nodes = nodes
        self.height = 1  # levels below and with this one
        self.key: Any = NOTHING


class _Composer:
    """Builds one tree out of the events of one document."""

    def __init__(self) -> None:
        self.nodes = 0
        self.open: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int, int]] = {}  # value, nodes, height
        self.root: Any = NOTHING

    def take(self, event: Any) -> None:
        """Take in the next event."""
        if isinstance(event, events.ScalarEvent):
            value = _scalar(event)
            self._count(1, event)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1, 0)
            self._put(value, event)
        elif isinstance(event, events.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, events.CollectionEndEvent):
            self._end()
        elif isinstance(event, events.AliasEvent):
            self._repeat(event)
        elif isinstance(event, events.DocumentStartEvent) and self.root is not NOTHING:
            raise _Broken(_line(event), "a second document begins; one file holds one document")

    def _begin(self, event: Any) -> None:
        if event.tag not in (None, "!"):
            raise _Broken(_line(event), f"the tag {event.tag} is not allowed")
        self._count(1, event)
        self._deepen(1, event)
        made: Any = {} if isinstance(event, events.MappingStartEvent) else []
        self._put(made, event)
        self.open.append(_Frame(made, event.anchor, self.nodes))

    def _end(self) -> None:
        frame = self.open.pop()
        if frame.anchor:
            size = self.nodes - frame.nodes + 1
            self.anchors[frame.anchor] = (frame.made, size, frame.height)
        if self.open:
            self.open[-1].height = max(self.open[-1].height, frame.height + 1)

    def _repeat(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise _Broken(_line(event), f"*{event.anchor} stands for nothing, or for what holds it")
        value, size, height = self.anchors[event.anchor]
        self._count(size, event)
        self._deepen(height, event)
        if self.open:
            self.open[-1].height = max(self.open[-1].height, height + 1)
        self._put(value, event)

    def _count(self, nodes: int, event: Any) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise _Broken(_line(event), f"more than {MOST_NODES:,} values, aliases counted in full")

    def _deepen(self, height: int, event: Any) -> None:
        if len(self.open) + height > DEEPEST:
            raise _Broken(_line(event), f"nested deeper than {DEEPEST} levels")

    def _put(self, value: Any, event: Any) -> None:
        if not self.open:
            self.root = value
            return
        frame = self.open[-1]
        if isinstance(frame.made, list):
            frame.made.append(value)
        elif frame.key is NOTHING:
            frame.key = _key(value, event, frame.made)
        else:
            frame.made[frame.key] = value
            frame.key = NOTHING


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:
    if event.tag not in (None, "!", TEXT_TAG):
        raise _Broken(_line(event), f"the tag {event.tag} is not allowed")
    if "\x00" in event.value:
        raise _Broken(_line(event), "the NUL character is in a text")
    if event.style or event.tag:
        return event.value
    try:
        return meaning(event.value)
    except ValueError as error:
        raise _Broken(_line(event), f"{event.value[:40]} {error}") from None


def _key(value: Any, event: Any, known: dict[str, Any]) -> str:
    key = event.value if isinstance(event, events.ScalarEvent) else value
    if not isinstance(key, str):
        raise _Broken(_line(event), "a key is not a text")
    if key in known:
        raise _Broken(_line(event), f"the key {key!r} is there twice")
    return key


def _prepared(text: str) -> str:
    """Return a text without byte-order mark, and a JSON text without escaped pairs."""
    text = text.removeprefix("\ufeff")
    if not text.lstrip().startswith("{"):
        return text
    return PAIR.sub(lambda found: found[1] + json.loads(f'"{found[2]}"'), text)


def _events(text: str) -> Iterator[Any]:
    """Yield the events of a text; _Broken where it is no YAML."""
    try:
        parser = CParser(text)
        while (event := parser.get_event()) is not None:
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Broken(mark.line + 1 if mark else 1, f"no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        place = getattr(error, "position", 0) or 0
        line = text.count("\n", 0, place) + 1
        reason = getattr(error, "reason", None) or str(error).split("\n", 1)[0]
        raise _Broken(line, f"no YAML: {reason}") from None


def tree(text: str) -> Any:
    """Return the dicts, lists and scalars of a YAML or JSON text, or raise FormatError."""
    if len(text) > MOST_BYTES or len(text.encode(errors="replace")) > MOST_BYTES:
        message = f"larger than {MOST_BYTES // 1024 // 1024} MB; split it"
        raise FormatError([Fault("", 1, message)])
    composer = _Composer()
    try:
        text.encode()
        for event in _events(_prepared(text)):
            composer.take(event)
    except _Broken as broken:
        raise FormatError([Fault("", broken.line, str(broken))]) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise FormatError([Fault("", line, "not valid Unicode")]) from None
    if composer.root in (NOTHING, None):
        raise FormatError([Fault("", 1, "the file is empty")])
    return composer.root


def lines(text: str, paths: Iterable[Path]) -> dict[Path, tuple[int, str]]:
    """Return for each path the line of its deepest step that is there, and the scalar as written."""
    wanted = {path[:end] for path in paths for end in range(len(path) + 1)}
    seen: dict[Path, tuple[int, str]] = {}
    here: list[str | int] = []
    opened: list[tuple[bool, Any]] = []  # a list or not, and the event of the key that waits
    for event in _events(_prepared(text)):
        if isinstance(event, events.CollectionEndEvent):
            if opened.pop()[0]:
                here.pop()  # the place behind the last one
            if opened:
                _leave(here, opened)
        elif isinstance(event, events.NodeEvent):
            _visit(event, here, opened, wanted, seen)
    return {path: _deepest(path, seen) for path in paths}


def _visit(
    event: Any,
    here: list[str | int],
    opened: list[tuple[bool, Any]],
    wanted: set[Path],
    seen: dict[Path, tuple[int, str]],
) -> None:
    """Note where a node is, if it is asked for, and step to what comes after it."""
    if opened and not opened[-1][0] and opened[-1][1] is None:
        opened[-1] = (False, event)  # a key
        here.append(getattr(event, "value", ""))
        return
    path = tuple(here)
    if path in wanted and path not in seen:
        marked = opened[-1][1] if opened and opened[-1][1] is not None else event
        seen[path] = (_line(marked), getattr(event, "value", ""))
    if isinstance(event, events.CollectionStartEvent):
        is_list = isinstance(event, events.SequenceStartEvent)
        opened.append((is_list, None))
        if is_list:
            here.append(0)
    elif opened:
        _leave(here, opened)


def _leave(here: list[str | int], opened: list[tuple[bool, Any]]) -> None:
    """Step behind a value: to the next place of a list, or out of the key of a mapping."""
    is_list, _ = opened[-1]
    last = here.pop()
    if is_list:
        assert isinstance(last, int)
        here.append(last + 1)
    else:
        opened[-1] = (False, None)


def _deepest(path: Path, seen: dict[Path, tuple[int, str]]) -> tuple[int, str]:
    for end in range(len(path), -1, -1):
        if path[:end] in seen:
            return seen[path[:end]]
    return 1, ""


def placed(text: str, found: list[tuple[Path, str]]) -> list[Fault]:
    """Return findings of a tree as faults with their lines."""
    known = lines(text, [path for path, _ in found])
    return [Fault(spelled(path), known[path][0], message) for path, message in found]
