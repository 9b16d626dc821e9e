"""Columns straight out of BSON: all documents of a slice step through their fields side by side.

numpy looks, for one field after the other, where it lies in every document, and gathers the values
of the usual types. Documents that hold something else (a field without a column, a value that does
not fit its column, a rare type) are left to the slow way, which knows everything.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.documents.columns import Builder
from connectors.documents.gathering import (
    GATHERED,
    NULL,
    SIZES,
    WITH_LENGTH,
    Spots,
    Values,
    gather,
)
from connectors.documents.texts import spelling

if TYPE_CHECKING:
    import polars as pl

    from connectors.documents.types import Document

Ints = np.ndarray[Any, np.dtype[Any]]
# A slice of fewer documents is not worth it.
FEW = 64
# Fields may come in another order than in the sample; after so many rounds a document is odd.
_ROUNDS = 3
_SIZES = np.full(256, -1, dtype="i8")
_SIZES[list(SIZES)] = list(SIZES.values())
_HAS_LENGTH = np.isin(np.arange(256), WITH_LENGTH)


def frame_of(
    builder: Builder,
    part: bytes,
    columns: Sequence[str],
    decode: "Callable[[bytes], Sequence[Document]]",
) -> "pl.DataFrame":
    """Return these columns of the documents in a slice, in their order."""
    from polars.exceptions import PolarsError

    starts = starts_of(part)
    if len(starts) >= FEW:
        try:
            return _stepped(builder, part, starts, columns, decode)
        except (PolarsError, IndexError):
            # A text that is none, lengths that lead nowhere: the slow way says where.
            builder.misfits.clear()
    return builder.frame(decode(part), columns, spelling(part))


def _stepped(
    builder: Builder,
    part: bytes,
    starts: Ints,
    columns: Sequence[str],
    decode: "Callable[[bytes], Sequence[Document]]",
) -> "pl.DataFrame":
    import polars as pl

    fields = Fields(part, starts, builder.types)
    wanted = [name for name in columns if name != builder.extra]
    good = fields.found & fields.fitting(wanted)
    series = [fields.series(name, good) for name in wanted]
    if builder.extra in columns:
        series.append(pl.Series(builder.extra, [None] * int(good.sum()), pl.String()))
    frame = pl.DataFrame(series).select(columns)
    if good.all():
        return frame
    ends = np.append(starts[1:], len(part))
    odd = b"".join(part[starts[at] : ends[at]] for at in np.flatnonzero(~good))
    slow = builder.frame(decode(odd), columns, spelling(odd))
    order = np.argsort(np.concatenate([np.flatnonzero(good), np.flatnonzero(~good)]))
    return pl.concat([frame, slow])[order]


def starts_of(part: bytes) -> Ints:
    """Return where each document begins."""
    found, position = [], 0
    while position < len(part):
        found.append(position)
        position += int.from_bytes(part[position : position + 4], "little")
    return np.array(found, dtype="i8")


class Fields:
    """Where each field of each document lies; `found` tells which documents are known to their end."""

    def __init__(self, part: bytes, starts: Ints, types: Mapping[str, str]) -> None:
        """Step through the documents."""
        # A gather of eight bytes may reach over the end.
        self.values = Values(part + bytes(16))
        self.types = types
        self._places = {name: np.full(len(starts), -1, dtype="i8") for name in types}
        self._at = starts + 4
        self._names = {name: name.encode() + b"\0" for name in types}
        waiting = np.arange(len(starts))
        for _ in range(_ROUNDS):
            for name in types:
                waiting = self._step(name, waiting)
            if not len(waiting):
                break
        self.found = np.ones(len(starts), dtype=bool)
        self.found[waiting] = False

    def _step(self, name: str, waiting: Ints) -> Ints:
        """Note where the field lies in those documents whose next one it is; return who waits."""
        if not len(waiting):
            return waiting
        at, text = self._at[waiting], self._names[name]
        kind = self.values.take("u1", at)
        is_next = (_SIZES[kind] >= 0) & (self._places[name][waiting] < 0)
        is_next &= self.values.reads(at + 1, text)
        who, at, kind = waiting[is_next], at[is_next], kind[is_next]
        place = at + 1 + len(text)
        self._places[name][who] = at
        length = np.where(_HAS_LENGTH[kind], self.values.take("<i4", place), 0)
        self._at[who] = place + _SIZES[kind] + length
        # A zero where a type would be ends a document.
        rest: Ints = waiting[self.values.take("u1", self._at[waiting]) != 0]
        return rest

    def fitting(self, names: Sequence[str]) -> Ints:
        """Return which documents hold in these fields what their columns take."""
        fits = np.ones(len(self.found), dtype=bool)
        for name in names:
            kinds, places = self._of(name)
            judge = GATHERED[self.types[name].partition("(")[0]]
            fits &= (kinds == NULL) | judge.fits(self.values, kinds, places, self.types[name])
        return fits

    def series(self, name: str, who: Ints) -> "pl.Series":
        """Return the values of a field in these documents."""
        kinds, places = self._of(name)
        spots = Spots(kinds[who], places[who], self._places[name][who])
        return gather(self.values, name, self.types[name], spots)

    def _of(self, name: str) -> tuple[Ints, Ints]:
        """Return types and places of a field's values; a field that is not there is null."""
        at = self._places[name]
        is_there = at >= 0
        kinds = np.where(is_there, self.values.take("u1", np.where(is_there, at, 0)), NULL)
        return kinds, np.where(is_there, at + 1 + len(self._names[name]), 0)
