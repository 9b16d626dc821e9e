"""Rows of the binary protocol as a Polars frame, column by column and never value by value.

A block holds many rows one behind the other. For each column it is known where its value begins in
every row, so its values are gathered in one go, and where the next column begins follows from it.
Texts are not even copied: Arrow's views point into the block.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.errors import DataError
from connectors.sql.mysql import types as kinds
from connectors.sql.mysql.driver import PADDING
from connectors.sql.mysql.moments import days, durations, microseconds, texts
from connectors.sql.mysql.types import Column

if TYPE_CHECKING:
    import polars as pl

Ints = np.ndarray[Any, np.dtype[Any]]
# How many bytes of a text lie in its view itself.
_INLINE = 12
# The first byte of a text's length: below, the length; from it on, how many bytes hold it.
_SHORT = 0xFB
# Keeps so many bytes of an 8-byte word.
_MASKS = np.array([(1 << (8 * count)) - 1 for count in range(8)] + [2**64 - 1], dtype="<u8")


class Block:
    """A block of rows; `at` is where the next column's value begins in each of them."""

    def __init__(self, buffer: bytearray, starts: Sequence[int], columns: int) -> None:
        """Stand before the first column of `columns`."""
        self.buffer = buffer
        self._starts = np.array(starts, dtype=np.int64)
        width = (columns + 9) // 8
        self.at: Ints = self._starts + (1 + width)
        # A bit for each missing value; most blocks have none in most bytes.
        nulls = [self.take("u1", self._starts + (1 + byte)) for byte in range(width)]
        self._nulls = [byte if byte.any() else None for byte in nulls]

    def view(self, dtype: str) -> Ints:
        """Return the buffer as numbers that begin at any byte."""
        width = np.dtype(dtype).itemsize
        count = len(self.buffer) - width + 1
        return np.ndarray((count,), dtype=dtype, buffer=self.buffer, strides=(1,))

    def take(self, dtype: str, at: Ints) -> Ints:
        """Return a number from each of these positions."""
        return self.view(dtype)[at]

    def valid(self, column: int) -> Ints | None:
        """Return which rows have a value in the column, None where all have."""
        byte, bit = divmod(column + 2, 8)
        flags = self._nulls[byte]
        is_null = None if flags is None else (flags >> bit) & 1
        return None if is_null is None or not is_null.any() else is_null == 0

    def step(self, width: Ints | int, valid: Ints | None) -> None:
        """Go on behind this column; a missing value takes no room."""
        self.at = self.at + (width if valid is None else width * valid)

    def parts(self, valid: Ints | None, wanted: Sequence[tuple[str, int, int]]) -> list[Ints]:
        """Return the parts of a moment, which is sent with as many bytes as it needs.

        Of each part are said: its type, where it stands, and how long the moment is at least that
        has it; it is 0 in shorter ones.
        """
        length = self._moment_length(valid)
        shortest, longest = (int(length.min()), int(length.max())) if length.size else (0, 0)
        found = []
        for dtype, offset, least in wanted:
            if longest < least:
                found.append(np.zeros(len(length), dtype))
                continue
            part = self.take(dtype, np.minimum(self.at + offset, len(self.buffer) - 8))
            found.append(part if shortest >= least else np.where(length >= least, part, 0))
        return found

    def leave_parts(self, valid: Ints | None) -> None:
        """Go on behind a moment."""
        self.step(self._moment_length(valid).astype(np.int64) + 1, valid)

    def _moment_length(self, valid: Ints | None) -> Ints:
        length = self.take("u1", self.at)
        return length if valid is None else np.where(valid, length, 0)

    def spans(self, valid: Ints | None) -> tuple[Ints, Ints]:
        """Return where each text begins and how many bytes it has, and go on behind it."""
        first = self.take("u1", self.at)
        if valid is not None:
            first = np.where(valid, first, 0)
        start, length = self.at + 1, first.astype(np.int64)
        if length.size and length.max() >= _SHORT:
            start, length = self._long_spans(first)
        end = start + length
        self.at = end if valid is None else np.where(valid, end, self.at)
        return start, length

    def _long_spans(self, first: Ints) -> tuple[Ints, Ints]:
        """Return what `spans` does where some lengths take several bytes."""
        # 0xfc, 0xfd and 0xfe say that 2, 3 or 8 bytes follow.
        bytes_of_length = np.array([0, 2, 3, 8])[np.maximum(first.astype(np.int64) - _SHORT, 0)]
        long = self.take("<u8", np.minimum(self.at + 1, len(self.buffer) - PADDING // 2))
        length = np.where(bytes_of_length == 0, first, long & _MASKS[bytes_of_length])
        return self.at + 1 + bytes_of_length, length.astype(np.int64)


def frame_of(
    buffer: bytearray,
    starts: Sequence[int],
    columns: Sequence[Column],
    count: Callable[[str, int], None],
) -> "pl.DataFrame":
    """Return the rows of a block; `count` is told how many zero dates a column had."""
    import polars as pl

    block = Block(buffer, starts, len(columns))
    series = []
    for number, column in enumerate(columns):
        valid = block.valid(number) if column.field.is_nullable else None
        series.append(_read(block, column, valid, count))
    return pl.DataFrame(series)


def _read(
    block: Block, column: Column, valid: Ints | None, count: Callable[[str, int], None]
) -> "pl.Series":
    """Return one column of a block, and go on behind it."""
    kind = column.field.type
    if kind in kinds.WIDTHS:
        return _numbers(block, column, valid)
    if kind in kinds.DATES:
        return _dates(block, column, valid, count)
    if kind == kinds.TIME:
        return _times(block, column, valid)
    if kind == kinds.BIT:
        return _bits(block, column, valid)
    start, length = block.spans(valid)
    if kind == kinds.GEOMETRY:
        # Behind the number of the reference system comes the well-known binary form.
        start, length = start + 4, np.maximum(length - 4, 0)
    return _texts(block, column, start, length, valid)


def _numbers(block: Block, column: Column, valid: Ints | None) -> "pl.Series":
    width = kinds.WIDTHS[column.field.type]
    form = (
        "f"
        if column.field.type in (kinds.FLOAT, kinds.DOUBLE)
        else "u"
        if column.field.is_unsigned
        else "i"
    )
    found = block.take(f"<{form}{width}", block.at)
    block.step(width, valid)
    return _series(column, found, valid)


def _bits(block: Block, column: Column, valid: Ints | None) -> "pl.Series":
    start, length = block.spans(valid)
    # Big-endian, in as few bytes as hold them.
    found = block.take(">u8", start) >> (64 - 8 * np.clip(length, 1, 8)).astype("u8")
    return _series(column, found, valid)


def _dates(
    block: Block, column: Column, valid: Ints | None, count: Callable[[str, int], None]
) -> "pl.Series":
    date = block.parts(valid, (("<u2", 1, 4), ("u1", 3, 4), ("u1", 4, 4)))
    clock = block.parts(valid, (("u1", 5, 7), ("u1", 6, 7), ("u1", 7, 7), ("<u4", 8, 11)))
    block.leave_parts(valid)
    return _dated(column, (date[0], date[1], date[2]), clock, valid, count)


def _dated(
    column: Column,
    date: tuple[Ints, Ints, Ints],
    clock: Sequence[Ints],
    valid: Ints | None,
    count: Callable[[str, int], None],
) -> "pl.Series":
    """Return dates and times of day as the column's type, judging days that no calendar has."""
    import polars as pl

    if column.dtype == pl.String():
        return texts(column, date, clock, valid)
    number, is_real = days(*date)
    is_there = np.ones(len(number), bool) if valid is None else valid
    wrong = int((is_there & ~is_real).sum())
    if wrong:
        count(column.name, wrong)
        valid = is_there & is_real
    if isinstance(column.dtype, pl.Date):
        return _series(column, number.astype("i4"), valid)
    return _series(column, number * 86_400_000_000 + microseconds(*clock), valid)


def _times(block: Block, column: Column, valid: Ints | None) -> "pl.Series":
    import polars as pl

    day = block.parts(valid, (("u1", 1, 8), ("<u4", 2, 8)))
    clock = block.parts(valid, (("u1", 6, 8), ("u1", 7, 8), ("u1", 8, 8), ("<u4", 9, 12)))
    block.leave_parts(valid)
    found = durations(day[0], day[1], clock)
    if column.dtype == pl.Time():
        is_there = np.ones(len(found), bool) if valid is None else valid
        if (is_there & ((found < 0) | (found >= 86_400_000_000))).any():
            raise DataError(
                f"Column {column.name!r} holds a time below 00:00 or beyond 24:00; read times as "
                "durations (`times`: duration)"
            )
        found = found * 1000
    return _series(column, found, valid)


def _texts(
    block: Block, column: Column, start: Ints, length: Ints, valid: Ints | None
) -> "pl.Series":
    """Return texts or bytes as views into the block."""
    import polars as pl
    import pyarrow as pa

    if valid is not None:
        start, length = np.where(valid, start, 0), np.where(valid, length, 0)
    views = np.empty((len(start), 2), dtype="<u8")
    is_long = length > _INLINE
    first, last = np.clip(length, 0, 4), np.clip(length - 4, 0, 8)
    head = block.take("<u4", start).astype("<u8") & _MASKS[first]
    views[:, 0] = length.astype("<u8") | (head << np.uint64(32))
    inline = block.take("<u8", start + 4) & _MASKS[last]
    views[:, 1] = np.where(is_long, start.astype("<u8") << np.uint64(32), inline)
    buffers = [_bitmap(valid), pa.py_buffer(views), pa.py_buffer(block.buffer)]
    array = pa.Array.from_buffers(pa.binary_view(), len(start), buffers)
    series = pl.Series(column.name, array)
    return series if column.dtype == pl.Binary() else series.cast(pl.String).cast(column.dtype)


def _series(column: Column, found: Ints, valid: Ints | None) -> "pl.Series":
    """Return numbers as a series of the column's type."""
    import polars as pl
    import pyarrow as pa

    found = np.ascontiguousarray(found).astype(found.dtype.newbyteorder("="), copy=False)
    if column.dtype == pl.Boolean():
        found = _booleans(column, found, valid)
        return pl.Series(
            column.name,
            pa.Array.from_buffers(pa.bool_(), len(found), [_bitmap(valid), _packed(found)]),
        )
    array = pa.Array.from_buffers(
        pa.from_numpy_dtype(found.dtype), len(found), [_bitmap(valid), pa.py_buffer(found)]
    )
    return pl.Series(column.name, array).cast(column.dtype)


def _booleans(column: Column, found: Ints, valid: Ints | None) -> Ints:
    is_other = (found != 0) & (found != 1)
    if (is_other if valid is None else is_other & valid).any():
        raise DataError(
            f"Column {column.name!r} is tinyint(1) and holds more than 0 and 1; read such columns as "
            "numbers (`tinyint1`: integer)"
        )
    return np.equal(found, 1)


def _bitmap(valid: Ints | None) -> Any:
    return None if valid is None else _packed(valid)


def _packed(flags: Ints) -> Any:
    import pyarrow as pa

    return pa.py_buffer(np.packbits(flags, bitorder="little"))
