"""What a whole line of a delimited text is, and where the lines are that are not whole.

A line with quoted breaks is one line here; it is called by the number of its first one. Where quotes
are out of order nobody can say what was meant, so just that one line of the text is broken, and the
next one begins anew.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

# A longer line is none: somewhere a quote was left open.
LARGEST_LINE = 1 << 26
QUOTES = "its quotes are not in order"


@dataclass(frozen=True)
class Broken:
    """A line that is left out: its number, why, and its text as it stands there."""

    line: int
    reason: str
    text: bytes


@dataclass
class Split:
    """A text taken apart: the whole lines, where they begin, the broken ones, and what is open."""

    whole: bytes
    broken: list[Broken]
    rest: bytes
    # Where each run of whole lines begins: its place in `whole`, and the number of its line.
    runs: list[tuple[int, int]] = field(default_factory=list)

    def take_out(self, spans: Sequence[tuple[int, int, str]]) -> None:
        """Let lines of `whole` be broken ones: where they begin and end, and why."""
        kept: list[bytes] = []
        runs, at, place = [], 0, 0
        for start, end, reason in spans:
            self.broken.append(self.broken_at(start, end, reason))
            runs += [(place + begin - at, line) for begin, line in self._between(at, start)]
            kept.append(self.whole[at:start])
            place, at = place + start - at, end
        runs += [(place + begin - at, line) for begin, line in self._between(at, len(self.whole))]
        self.whole = b"".join([*kept, self.whole[at:]])
        self.runs = runs

    def broken_at(self, start: int, end: int, reason: str) -> Broken:
        """Return the line that lies there in `whole` as a broken one."""
        return Broken(self._line_at(start), reason, self.whole[start:end])

    def _between(self, start: int, end: int) -> list[tuple[int, int]]:
        if start == end:
            return []
        inside = [(begin, line) for begin, line in self.runs if start < begin < end]
        return [(start, self._line_at(start)), *inside]

    def _line_at(self, place: int) -> int:
        begin, line = self.runs[bisect_right(self.runs, place, key=lambda run: run[0]) - 1]
        return line + self.whole.count(b"\n", begin, place)


class Grammar:
    """The shape of lines with so many fields."""

    def __init__(
        self, delimiter: str, quote: str | None, fields: int, *, may_be_short: bool = False
    ) -> None:
        """Compile what is looked for."""
        self.delimiter, self.fields = delimiter.encode(), fields
        self.quote = quote.encode() if quote else None
        one, cut = _field(self.delimiter, self.quote), re.escape(self.delimiter)
        times = b"{%d,%d}+" % (0 if may_be_short else fields - 1, fields - 1)
        # Possessive: a line is whole in one way or not at all, so nothing is tried twice.
        self._whole = re.compile(rb"(?:%b(?:%b%b)%b\r?\n)*+" % (one, cut, one, times))
        self._any = re.compile(rb"%b(?:%b%b)*+\r?\n" % (one, cut, one))
        self._open = _open(self.delimiter, self.quote)

    def split(self, text: bytes, line: int, *, is_over: bool) -> Split:
        """Take apart a text that begins with this line; what it ends in may be open."""
        found: list[tuple[int, int]] = []
        split = Split(b"", [], b"")
        at = place = 0
        while at < len(text):
            end = self._end_of_whole(text, at)
            if end > at:
                found.append((at, end))
                split.runs.append((place, line))
                place, line = place + end - at, line + text.count(b"\n", at, end)
                at = end
                continue
            if not is_over and self._is_open(text, at):
                split.rest = text[at:]
                break
            end, reason = self._broken(text, at)
            split.broken.append(Broken(line, reason, text[at:end]))
            at, line = end, line + text.count(b"\n", at, end)
        split.whole = b"".join(text[start:end] for start, end in found)
        return split

    def first(self, text: bytes) -> int:
        """Return where the first line of a text ends, 0 where it is not whole."""
        found = self._any.match(text)
        return found.end() if found else 0

    def ends(self, text: bytes) -> list[int]:
        """Return where each line ends in a text whose lines are all whole."""
        return [found.end() for found in self._any.finditer(text)]

    def count(self, text: bytes) -> int:
        """Count the delimiters that stand between fields."""
        if self.quote is None or self.quote not in text:
            return text.count(self.delimiter)
        return b"".join(text.split(self.quote)[::2]).count(self.delimiter)

    def cut(self, text: bytes) -> int:
        """Return where the last line of a text ends, 0 where none does; quotes tell, if in order."""
        end = text.rfind(b"\n")
        if self.quote is None or self.quote not in text:
            return end + 1
        is_inside = text.count(self.quote, 0, max(end, 0)) % 2 == 1
        while is_inside and end > 0:
            before = text.rfind(b"\n", 0, end)
            is_inside ^= text.count(self.quote, max(before, 0), end) % 2 == 1
            end = before
        return end + 1

    def _end_of_whole(self, text: bytes, at: int) -> int:
        found = self._whole.match(text, at)
        return found.end() if found else at

    def _is_open(self, text: bytes, at: int) -> bool:
        """Whether a line may go on beyond the text."""
        return len(text) - at < LARGEST_LINE and self._open.match(text, at) is not None

    def _broken(self, text: bytes, at: int) -> tuple[int, str]:
        """Return where a broken line ends, and what is wrong with it."""
        if found := self._any.match(text, at):
            if not found.group().strip(b"\r\n"):
                return found.end(), f"it is blank where {self.fields} fields are expected"
            held = self.count(found.group()) + 1
            has = f"it has {held} field{'s' * (held > 1)}"
            return found.end(), f"{has} where {self.fields} are expected"
        return (text.find(b"\n", at) + 1) or len(text), QUOTES


def _field(delimiter: bytes, quote: bytes | None) -> bytes:
    """Return the pattern of a field: bare, with quotes inside in pairs; quoted; or empty."""
    cut = re.escape(delimiter)
    if quote is None:
        return rb"[^%b\n]*+" % cut
    mark = re.escape(quote)
    plain = rb"[^%b%b\n]" % (mark, cut)
    bare = rb"%b++(?:%b%b*+%b%b*+)*+" % (plain, mark, plain, mark, plain)
    inside = rb"%b[^%b]*+(?:%b%b[^%b]*+)*+" % (mark, mark, mark, mark, mark)
    return rb"(?:%b|%b%b(?=%b|\r?\n)|(?=%b|\n))" % (bare, inside, mark, cut, cut)


def _open(delimiter: bytes, quote: bytes | None) -> "re.Pattern[bytes]":
    """Return the pattern of a line that ends in the middle."""
    if quote is None:
        return re.compile(rb"[^\n]*+\Z")
    cut, mark = re.escape(delimiter), re.escape(quote)
    one = _field(delimiter, quote)
    inside = rb"%b[^%b]*+(?:%b%b[^%b]*+)*+%b?\r?" % (mark, mark, mark, mark, mark, mark)
    return re.compile(rb"(?:%b%b)*+(?:%b|[^\n]*+)\Z" % (one, cut, inside))
