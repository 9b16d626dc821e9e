"""The values of one field in many documents, as one series, by the type of its column."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from bson import decode_all

from connectors.documents.codec import CODEC
from connectors.documents.texts import spelling
from connectors.documents.types import DECIMAL, polars_type

if TYPE_CHECKING:
    import polars as pl

Ints = np.ndarray[Any, np.dtype[Any]]
NULL = 10
# How long a value is, by its type: so many bytes, and for some their own length besides.
SIZES = {1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16, 2: 4, 5: 5, 3: 0, 4: 0}
WITH_LENGTH = (2, 3, 4, 5)
# How many bytes of a text lie in its view itself.
_INLINE = 12
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(8)] + [2**64 - 1], dtype="<u8")
_HEX = np.array([list(b"%02x" % byte) for byte in range(256)], dtype="u1")
# The years 1 to 9999, in milliseconds.
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
_POWERS = 10 ** np.arange(19, dtype="i8")


class Values:
    """The bytes of a slice, read anywhere."""

    def __init__(self, raw: bytes) -> None:
        """Keep the bytes."""
        self.raw = raw
        self._views: dict[str, Ints] = {}

    def take(self, dtype: str, at: Ints) -> Ints:
        """Return the numbers of this type at these places."""
        if dtype not in self._views:
            size = np.dtype(dtype).itemsize
            count = len(self.raw) - size + 1
            self._views[dtype] = np.ndarray((count,), dtype, self.raw, strides=(1,))
        return self._views[dtype][at]

    def reads(self, at: Ints, text: bytes) -> Ints:
        """Return at which places this text stands."""
        found = np.ones(len(at), dtype=bool)
        for offset in range(0, len(text), 8):
            piece = text[offset : offset + 8]
            word = np.uint64(int.from_bytes(piece, "little"))
            # Beyond the end there is nothing, and nothing to read.
            near = np.minimum(at + offset, len(self.raw) - 8)
            found &= (self.take("<u8", near) & _MASKS[len(piece)]) == word
        return found


@dataclass(frozen=True)
class Spots:
    """Where the values of one field lie: BSON's types of them, the values, the elements around."""

    kinds: Ints
    places: Ints
    elements: Ints


@dataclass(frozen=True)
class Gathered:
    """How a type of column is gathered: which values it takes, and how a series is made of them."""

    fits: Callable[[Values, Ints, Ints, str], Ints]
    # None where each value is spelled as text.
    make: Callable[[Values, Ints, Ints, str], Any] | None = None


def gather(values: Values, name: str, kind: str, spots: Spots) -> "pl.Series":
    """Return a series of values that fit their column."""
    import polars as pl

    valid = spots.kinds != NULL
    make = GATHERED[kind.partition("(")[0]].make
    if make is None:
        texts = _spelled(values.raw, name, spots.elements[valid])
        filled = np.full(len(valid), None, dtype=object)
        filled[valid] = texts
        return pl.Series(name, filled.tolist(), pl.String())
    made = make(values, spots.kinds, np.where(valid, spots.places, 0), kind)
    series = pl.Series(name, made)
    if kind == "timestamp":
        series = series.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    elif kind in ("string", "objectid"):
        series = series.cast(pl.String())
    elif kind == "boolean":
        series = series.cast(pl.Boolean())
    if not valid.all():
        series = pl.select(pl.when(pl.Series(valid)).then(pl.lit(series)).alias(name)).to_series()
    return series.cast(polars_type(kind))


def _spelled(raw: bytes, name: str, elements: Ints) -> list[str]:
    """Return values as extended JSON; each becomes a document of one field, and all are decoded."""
    parts = []
    for at in elements.tolist():
        end = _end(raw, at + 2 + len(name.encode()), raw[at])
        parts.append(struct.pack("<i", end - at + 5) + raw[at:end] + b"\0")
    joined = b"".join(parts)
    spell = spelling(joined)
    return [spell(document[name]) for document in decode_all(joined, CODEC)]


def _end(raw: bytes, place: int, kind: int) -> int:
    length = int.from_bytes(raw[place : place + 4], "little") if kind in WITH_LENGTH else 0
    return place + SIZES[kind] + length


def _among(*allowed: int) -> Callable[[Values, Ints, Ints, str], Ints]:
    return lambda _values, kinds, _places, _kind: np.isin(kinds, allowed)


def _is_calendar(values: Values, kinds: Ints, places: Ints, _kind: str) -> Ints:
    moments = values.take("<i8", places)
    found: Ints = (kinds == 9) & (moments >= _FIRST) & (moments <= _LAST)
    return found


def _is_bytes(values: Values, kinds: Ints, places: Ints, _kind: str) -> Ints:
    found: Ints = (kinds == 5) & (values.take("u1", places + 4) == 0)
    return found


def _is_short_decimal(values: Values, kinds: Ints, places: Ints, kind: str) -> Ints:
    """Return which decimals are a whole number of units of the column below 10^18."""
    found = DECIMAL.fullmatch(kind)
    assert found is not None
    low, high = values.take("<u8", places), values.take("<u8", places + 8)
    shift = ((high >> np.uint64(49)) & np.uint64(0x3FFF)).astype("i8") - 6176 + int(found[2])
    # No combination of the rarer form, no digits in the upper half.
    is_plain = (high & np.uint64(0x6001_FFFF_FFFF_FFFF)) < np.uint64(0x6000_0000_0000_0000)
    is_plain &= (high & np.uint64(0x0001_FFFF_FFFF_FFFF)) == 0
    most = min(18, int(found[1]))
    is_near = (shift >= 0) & (shift <= most)
    room = _POWERS[np.clip(most - shift, 0, 18)].astype("u8")
    fits: Ints = (kinds == 19) & is_plain & is_near & (low < room)
    return fits


def _doubles(values: Values, kinds: Ints, places: Ints, _kind: str) -> Any:
    whole = values.take("<i4", places).astype("f8")
    return np.where(kinds == 16, whole, values.take("<f8", places))


def _integers(values: Values, kinds: Ints, places: Ints, _kind: str) -> Any:
    short = values.take("<i4", places).astype("i8")
    return np.where(kinds == 16, short, values.take("<i8", places))


def _booleans(values: Values, _kinds: Ints, places: Ints, _kind: str) -> Any:
    return values.take("u1", places) != 0


def _moments(values: Values, _kinds: Ints, places: Ints, _kind: str) -> Any:
    return np.ascontiguousarray(values.take("<i8", places))


def _ids(values: Values, _kinds: Ints, places: Ints, _kind: str) -> Any:
    import pyarrow as pa

    digits = _HEX[values.take("u1", places[:, None] + np.arange(12))].reshape(-1)
    ends = np.arange(len(places) + 1, dtype="i8") * 24
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(digits))]
    return pa.Array.from_buffers(pa.large_utf8(), len(places), buffers)


def _texts(values: Values, kinds: Ints, places: Ints, _kind: str) -> Any:
    # The length of a text counts the zero at its end.
    length = np.where(kinds == 2, values.take("<i4", places).astype("i8") - 1, 0)
    return _views(values, places + 4, length)


def _binaries(values: Values, kinds: Ints, places: Ints, _kind: str) -> Any:
    length = np.where(kinds == 5, values.take("<i4", places).astype("i8"), 0)
    return _views(values, places + 5, length)


def _views(values: Values, start: Ints, length: Ints) -> Any:
    """Return texts or bytes as views into the slice, which is not copied."""
    import pyarrow as pa

    views = np.empty((len(start), 2), dtype="<u8")
    head = values.take("<u4", start).astype("<u8") & _MASKS[np.clip(length, 0, 4)]
    views[:, 0] = length.astype("<u8") | (head << np.uint64(32))
    near = np.minimum(start + 4, len(values.raw) - 8)
    inline = values.take("<u8", near) & _MASKS[np.clip(length - 4, 0, 8)]
    views[:, 1] = np.where(length > _INLINE, start.astype("<u8") << np.uint64(32), inline)
    buffers = [None, pa.py_buffer(views), pa.py_buffer(values.raw)]
    return pa.Array.from_buffers(pa.binary_view(), len(start), buffers)


def _decimals(values: Values, kinds: Ints, places: Ints, kind: str) -> Any:
    import pyarrow as pa

    found = DECIMAL.fullmatch(kind)
    assert found is not None
    low, high = values.take("<u8", places), values.take("<u8", places + 8)
    shift = ((high >> np.uint64(49)) & np.uint64(0x3FFF)).astype("i8") - 6176 + int(found[2])
    units = low.astype("i8") * _POWERS[np.clip(shift, 0, 18)]
    units = np.where(kinds == 19, np.where(high >> np.uint64(63), -units, units), 0)
    both = np.empty((len(units), 2), dtype="<i8")
    both[:, 0], both[:, 1] = units, units >> 63
    kind_ = pa.decimal128(int(found[1]), int(found[2]))
    return pa.Array.from_buffers(kind_, len(units), [None, pa.py_buffer(both)])


GATHERED: Mapping[str, Gathered] = {
    "int64": Gathered(_among(16, 18), _integers),
    "float64": Gathered(_among(1, 16), _doubles),
    "boolean": Gathered(_among(8), _booleans),
    "string": Gathered(_among(2), _texts),
    "objectid": Gathered(_among(7), _ids),
    "timestamp": Gathered(_is_calendar, _moments),
    "binary": Gathered(_is_bytes, _binaries),
    "decimal": Gathered(_is_short_decimal, _decimals),
    "json": Gathered(_among(*SIZES)),
    # Seldom enough for the slow way.
    "uuid": Gathered(_among()),
}
