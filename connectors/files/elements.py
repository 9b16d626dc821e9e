"""JSON text taken apart: one row of bytes after the other, whatever the layout."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson

from connectors.errors import DataError
from connectors.files.streams import chunks_of

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
BETWEEN = re.compile(rb"[\s,]*")
# Inside of a JSON text a line break stands only between tokens, where a tab does as well; in a
# string it is an error, and so is a tab.
BOM = b"\xef\xbb\xbf"
ONE_LINE = bytes.maketrans(b"\r\n", b"\t\t")


def is_lines(stream: IO[bytes]) -> bool:
    """Whether a text is one object per line, as its first line shows."""
    head = stream.read(1 << 20).removeprefix(BOM).lstrip()
    first, found, _ = head.partition(b"\n")
    if not first.startswith(b"{"):
        return not head
    # A first line that is longer than this is no sign of another layout.
    if not found and len(head) > (1 << 19):
        return True
    try:
        json.loads(first)
    except ValueError:
        return False
    return True


def rows_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the objects of a text in which each lies on a line of its own."""
    rest = b""
    for chunk in chunks_of(stream):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest


def objects_of(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """Yield each object of an array, or of texts one after the other, on one line.

    Holds one object and one chunk at a time. Raises DataError for anything else than objects.
    """
    scanner = _Scanner(name)
    for chunk in chunks_of(stream):
        yield from scanner.feed(chunk)
    scanner.end()


class _Scanner:
    """Follows brackets and strings through chunks of a text."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._text = b""
        self._position = 0  # what lies before it has been judged
        self._start = 0  # where the open object begins
        self._depth = 0
        self._base: int | None = None  # the depth at which objects lie: 1 inside of an array
        self._is_over = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the objects that end in this chunk."""
        kept = self._start if self._is_inside else self._position
        self._text = self._text[kept:] + chunk
        self._position, self._start = self._position - kept, self._start - kept
        while token := self._next():
            if not self._is_inside:
                self._judge(token)
            self._depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(token.group(), 0)
            self._position = token.end()
            if token.group() == b"}" and not self._is_inside:
                yield self._text[self._start : self._position].translate(ONE_LINE)

    def end(self) -> None:
        """Raise DataError where the text ends too early."""
        rest = self._text[self._position :].removeprefix(BOM).strip()
        if self._depth or rest:
            raise DataError(f"{self._name} ends in the middle of a value")

    @property
    def _is_inside(self) -> bool:
        """Whether an object is open."""
        return self._base is not None and self._depth > self._base

    def _next(self) -> "re.Match[bytes] | None":
        """Return the next bracket or whole string."""
        token = TOKEN.search(self._text, self._position)
        # A string that begins in this chunk may end in the next one.
        quote = self._text.find(b'"', self._position)
        if token is not None and (quote == -1 or token.start() <= quote):
            return token
        if self._is_inside:
            self._position = quote if quote != -1 else len(self._text)
        return None

    def _judge(self, token: "re.Match[bytes]") -> None:
        """Refuse whatever stands beside objects."""
        if self._base is None:
            self._base = 1 if token.group() == b"[" else 0
            expected: tuple[bytes, ...] = (b"[", b"{")
        else:
            expected = (b"{", b"]") if self._base else (b"{",)
        between = self._text[self._position : token.start()].removeprefix(BOM)
        if BETWEEN.fullmatch(between) is None or token.group() not in expected or self._is_over:
            found = self._text[self._position :][:60].decode("utf-8", "replace").strip()
            raise DataError(f"{self._name} holds something that is not an object: {found}")
        self._is_over = token.group() == b"]"
        self._start = token.start()


class Number(str):
    """A number as it is written."""

    __slots__ = ()


def parsed(row: bytes) -> Any:
    """Return a row as Python values, its numbers as they are written."""
    return json.loads(row, parse_int=Number, parse_float=Number)


def with_texts(row: bytes, columns: Mapping[str, object]) -> bytes:
    """Return a row in which these columns are texts: a text itself, or the JSON of another value."""
    values = json.loads(row, parse_int=_raw, parse_float=_raw)
    for name in columns:
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            values[name] = orjson.dumps(value).decode()
    return orjson.dumps(values) + b"\n"


def _raw(number: str) -> Any:
    return orjson.Fragment(number)
