"""Reading delimited text so that broken lines are left out, and all others come as ever.

A text is read in pieces of whole lines. Polars parses a piece in one go; only where it fails, or
where the piece's delimiters do not add up, its lines are looked at one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.base import lazy_frame
from connectors.files.converting import Converting, lost
from connectors.files.delimited import Dialect, compare_columns
from connectors.files.grammar import Grammar, Split
from connectors.files.pieces import Piece, Text
from connectors.files.rejects import Rejects
from connectors.files.streams import File, opened
from connectors.files.types import name_of

if TYPE_CHECKING:
    import polars as pl

LONGEST_VALUE = 80


def salvaged(
    files: Sequence[File],
    schema: Mapping[str, "pl.DataType"],
    dialect: Dialect,
    rejects: Rejects,
) -> "pl.LazyFrame":
    """Return a lazy frame over all files, one after the other, without their broken lines."""

    def batches(columns: list[str]) -> "Iterator[pl.DataFrame]":
        for file in files:
            rejects.begin(file)
            with opened(file) as stream:
                text = Text(file, stream, dialect)
                compare_columns(file, text.names, files[0], list(schema))
                yield from _rows(text, file, _Parser(text, schema, columns, dialect), rejects)
        rejects.judge()

    return lazy_frame(schema, batches)


def salvaged_sample(file: File, dialect: Dialect) -> "pl.DataFrame":
    """Return the first whole lines of a file as text."""
    import polars as pl

    most, rejects = dialect.infer_rows, Rejects(None)
    rejects.begin(file)
    with opened(file) as stream:
        text = Text(file, stream, dialect)
        schema = dict.fromkeys(text.names, pl.String())
        found = pl.DataFrame(schema=schema)
        for rows in _rows(text, file, _Parser(text, schema, text.names, dialect), rejects):
            found = pl.concat([found, rows])
            if most is not None and found.height >= most:
                break
    return found if most is None else found.head(most)


def _rows(text: Text, file: File, parser: "_Parser", rejects: Rejects) -> "Iterator[pl.DataFrame]":
    """Yield the rows of an open text."""
    for piece in text.pieces():
        rows = parser.quickly(piece)
        if rows is not None:
            text.went_well(piece, rows.height)
        else:
            split = text.grammar.split(piece.text, piece.line, is_over=piece.is_over)
            text.went_wrong(piece, split.rest)
            rows = parser.carefully(split)
            rejects.add(file, sorted(split.broken, key=lambda one: one.line))
        rejects.see(file, rows.height)
        yield rows


class _Parser:
    """Parses pieces of one text into some of its columns."""

    def __init__(
        self,
        text: Text,
        schema: Mapping[str, "pl.DataType"],
        columns: Sequence[str],
        dialect: Dialect,
    ) -> None:
        import polars as pl

        self.grammar: Grammar = text.grammar
        self.dialect, self.names, self.schema = dialect, text.names, schema
        self.converting = Converting(
            {name: schema[name] for name in columns}, is_comma_decimal=dialect.is_comma_decimal
        )
        self.types = {name: schema[name] for name in columns if name not in self.converting.columns}
        # A line that is too short shows in its last column, so that one is always read.
        self.read = list(dict.fromkeys([*columns, text.names[-1]]))
        self.texts = [name for name in columns if schema[name] != pl.String]

    def quickly(self, piece: Piece) -> "pl.DataFrame | None":
        """Return the rows of a piece; None where something is wrong with it."""
        from polars.exceptions import PolarsError

        if not piece.is_cut or not _is_utf8(piece.text):
            return None
        try:
            raw = self._parse(piece.text, self.read, self.types)
            if not self._is_whole(piece.text, raw):
                return None
        except PolarsError:
            return None
        done = self.converting.convert(raw)
        has_lost = any(lost(done[name], raw[name]).any() for name in self.converting.columns)
        return None if has_lost else done

    def carefully(self, split: Split) -> "pl.DataFrame":
        """Return the rows of whole lines, and take out those whose values do not fit."""
        import polars as pl

        self._take_out_bytes(split)
        raw = self._parse(split.whole, self.read, self.types, ignore_errors=True)
        done = self.converting.convert(raw)
        texts = self._parse(split.whole, self.texts, {}) if self.texts else raw
        misfits: dict[int, str] = {}
        for name in self.texts:
            for row in lost(done[name], texts[name]).arg_true().to_list():
                misfits.setdefault(row, self._reason(name, str(texts[name][row])))
        if not misfits:
            return done
        ends = [0, *self.grammar.ends(split.whole)]
        split.broken += [
            split.broken_at(ends[row], ends[row + 1], misfits[row]) for row in sorted(misfits)
        ]
        return done.filter(~pl.int_range(done.height, eager=True).is_in(list(misfits)))

    def _parse(
        self,
        text: bytes,
        columns: Sequence[str],
        types: Mapping[str, "pl.DataType"],
        **more: Any,
    ) -> "pl.DataFrame":
        return self.dialect.parse(text, self.names, columns, types, **more)

    def _is_whole(self, text: bytes, rows: "pl.DataFrame") -> bool:
        """Whether no line of a text that was parsed has too few or too many fields."""
        last, fields = self.names[-1], len(self.names)
        if fields == 1 and len(self.read) == 1:
            return True
        may_be_short, is_narrow = self.dialect.fill_short_lines, len(self.read) < fields
        has_empty_ends = rows[last].null_count() > 0
        if is_narrow and (may_be_short or has_empty_ends):
            # Polars refuses lines that are too long only where it reads all columns.
            self._parse(text, self.names, {})
        if may_be_short or not (is_narrow or has_empty_ends):
            return True
        return self.grammar.count(text) == rows.height * (fields - 1)

    def _take_out_bytes(self, split: Split) -> None:
        if _is_utf8(split.whole):
            return
        start, found = 0, []
        for end in self.grammar.ends(split.whole):
            if not _is_utf8(split.whole[start:end]):
                found.append((start, end, f"it has bytes that are not {self.dialect.encoding}"))
            start = end
        split.take_out(found)

    def _reason(self, name: str, value: str) -> str:
        shown = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
        return f"column {name!r}: {shown!r} is no {name_of(self.schema[name])}"


def _is_utf8(text: bytes) -> bool:
    import pyarrow as pa

    if text.isascii():
        return True
    ends = pa.py_buffer(bytes(4) + len(text).to_bytes(4, "little"))
    try:
        pa.StringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
