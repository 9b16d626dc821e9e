"""Lines of a delimited text that have too few or too many fields, and where they are."""

import csv
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Protocol

from connectors.errors import DataError
from connectors.files.counting import count_outside
from connectors.files.streams import File, opened

if TYPE_CHECKING:
    import polars as pl


class Written(Protocol):
    """How a text is written."""

    @property
    def delimiter(self) -> str:
        """Return what stands between fields."""

    @property
    def quote(self) -> str | None:
        """Return what stands around fields."""

    @property
    def has_header(self) -> bool:
        """Whether the first line names the columns."""

    @property
    def skip_lines(self) -> int:
        """Return how many lines stand before the text."""

    def texts(self, file: File) -> "pl.LazyFrame":
        """Return all columns as text."""


def check_lengths(file: File, written: Written, rows: int | None, fields: int | None) -> None:
    """Raise DataError for the first line whose number of fields differs from the first line's.

    Polars fills short lines with nulls and says nothing. Where the count of delimiters is what
    `rows` lines of `fields` fields have, every line is whole, because none can be too long.
    """
    if rows is not None and fields is not None:
        lines = rows + written.has_header
        if _delimiters(file, written) == lines * (fields - 1):
            return
    expected = fields
    for line, found in _lengths(file, written):
        expected = found if expected is None else expected
        if found != expected:
            what = "is blank" if found == 0 else f"has {found} field{'s' * (found > 1)}"
            raise DataError(
                f"{file.shown}, line {line}: it {what} where {expected} are expected; repair it, "
                "or set `ragged_lines` to 'fill' to read what is missing as null"
            )


def line_of_row(file: File, written: Written, row: int) -> int:
    """Return the line, counted from 1, on which a row (counted from 0) begins."""
    import polars as pl

    before = written.texts(file).head(row)
    breaks = before.select(pl.all().str.count_matches("\n", literal=True).sum()).collect()
    inside = sum(int(value or 0) for value in breaks.row(0)) if row else 0
    return written.skip_lines + int(written.has_header) + row + inside + 1


def _delimiters(file: File, written: Written) -> int:
    with opened(file) as stream:
        _skip(stream, written.skip_lines)
        quote = written.quote.encode() if written.quote else None
        return count_outside(stream, written.delimiter.encode(), quote)


def _skip(stream: IO[bytes], lines: int) -> None:
    for _ in range(lines):
        while stream.read(1) not in (b"\n", b""):
            pass


def _lengths(file: File, written: Written) -> Iterator[tuple[int, int]]:
    """Yield line number and number of fields of each record."""
    # A field may be as long as a book.
    csv.field_size_limit(sys.maxsize)
    with opened(file) as stream:
        _skip(stream, written.skip_lines)
        # A byte that is no UTF-8 is no reason to miscount.
        lines = (bytes(line).decode("utf-8", "replace") for line in _lines(stream))
        reader = csv.reader(
            lines,
            delimiter=written.delimiter,
            quotechar=written.quote,
            quoting=csv.QUOTE_MINIMAL if written.quote else csv.QUOTE_NONE,
        )
        begins = written.skip_lines + 1
        try:
            for record in reader:
                yield begins, len(record)
                begins = written.skip_lines + reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{file.shown}, line {begins}: {error}") from None


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield lines with their ends; a carriage return alone ends none."""
    rest = b""
    while chunk := stream.read(1 << 20):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest
