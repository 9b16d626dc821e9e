"""A delimited text in pieces of whole lines, each small enough to be held."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from connectors.errors import DataError
from connectors.files.grammar import LARGEST_LINE, Grammar
from connectors.files.streams import File

if TYPE_CHECKING:
    from connectors.files.delimited import Dialect

# Large enough that parsing one is most of the work, small enough for two of them and their rows.
PIECE_BYTES = 1 << 23
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Piece:
    """A part of a text that begins at a line's begin; the last one ends where the text does."""

    text: bytes
    line: int
    is_over: bool
    is_cut: bool  # whether it ends with a line, as far as its quotes tell


class Text:
    """An open text: first its names, then its lines, piece by piece."""

    def __init__(self, file: File, stream: IO[bytes], dialect: "Dialect") -> None:
        """Read as much as tells the names of the columns."""
        self._file, self._stream, self._dialect = file, stream, dialect
        self._held, self._line, self._is_read = b"", 1, False
        self._fill()
        self._held = self._held.removeprefix(BOM)
        self._skip()
        first = self._first()
        self.names = dialect.names(first)
        self.grammar = Grammar(
            dialect.delimiter,
            dialect.quote,
            len(self.names),
            may_be_short=dialect.fill_short_lines,
        )
        if dialect.has_header:
            self._drop(len(first))

    def pieces(self) -> Iterator[Piece]:
        """Yield the text after its header; after each, the reader says how it went."""
        while True:
            end = len(self._held) if self._is_read else self.grammar.cut(self._held)
            if not end and len(self._held) < LARGEST_LINE and not self._is_read:
                self._fill()
                continue
            if not end and b"\n" not in self._held and self._held:
                raise DataError(
                    f"{self._file.shown}, line {self._line} is longer than {LARGEST_LINE >> 20} MB; "
                    "this is no text in lines"
                )
            # Where quotes let no line end for so long, whoever reads this finds out why.
            text = self._held[:end] or self._held
            piece = Piece(text, self._line, self._is_read, end > 0)
            if piece.text:
                self._held = self._held[len(text) :]
                yield piece
            if self._is_read and not self._held:
                return
            self._fill()

    def went_well(self, piece: Piece, rows: int) -> None:
        """Go on after a piece of so many rows."""
        # Without quotes a row is a line, and counting lines takes as long as a part of parsing.
        quote = self.grammar.quote
        is_plain = quote is None or quote not in piece.text
        self._line += rows if is_plain else piece.text.count(b"\n")

    def went_wrong(self, piece: Piece, rest: bytes) -> None:
        """Go on after a piece with broken lines, and take back its end where a line is not over."""
        self._line += piece.text.count(b"\n") - rest.count(b"\n")
        self._held = rest + self._held

    def _drop(self, size: int) -> None:
        self._line += self._held.count(b"\n", 0, size)
        self._held = self._held[size:]

    def _fill(self) -> None:
        if self._is_read:
            return
        chunk = self._stream.read(PIECE_BYTES)
        self._is_read = not chunk
        self._held = self._held + chunk
        if self._is_read and self._held and not self._held.endswith(b"\n"):
            self._held += b"\n"

    def _skip(self) -> None:
        """Leave out the lines before the text, and blank ones before its first line."""
        for _ in range(self._dialect.skip_lines):
            while b"\n" not in self._held and not self._is_read:
                self._held = b""
                self._fill()
            self._drop(self._held.find(b"\n") + 1 or len(self._held))
        if self._dialect.has_header or not self._dialect.skip_lines:
            while not self._is_read and not self._held.strip(b"\r\n"):
                self._fill()
            self._drop(len(self._held) - len(self._held.lstrip(b"\r\n")))

    def _first(self) -> bytes:
        """Return the first line, which may be longer than a chunk."""
        lines = Grammar(self._dialect.delimiter, self._dialect.quote, 1)
        while not (end := lines.first(self._held)):
            if self._is_read or len(self._held) >= LARGEST_LINE:
                break
            self._fill()
        if not self._held:
            raise DataError(f"{self._file.shown} is empty; not even a line with names is there")
        if not end:
            raise DataError(
                f"{self._file.shown}, line {self._line}: the quotes of the first line are not in "
                "order; repair it, or say `quote`"
            )
        return self._held[:end]
