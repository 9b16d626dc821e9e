"""What a state says of rows: a digest each while they are few, a sum of hashes where they are not."""

import base64
import sys
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

# Digests that a group of a state may carry; a hundred thousand take a megabyte of JSON.
DIGESTS = 100_000


class Gathered:
    """The rows of one group: themselves while they are few, their number and sum always."""

    def __init__(self, columns: Sequence[str]) -> None:
        """Keep the columns that tell rows apart."""
        self._columns = list(columns)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._frames: list[pl.DataFrame] = []
        self._rows = 0
        self._sum = 0

    def add(self, rows: "pl.DataFrame") -> None:
        """Take in rows of the group."""
        if not rows.height:
            return
        rows = rows.select(self._columns)
        self._rows += rows.height
        self._sum = (self._sum + _sum(rows)) % 2**64
        self._frames = [*self._frames, rows] if self._rows <= DIGESTS else []

    def summary(self) -> dict[str, Any]:
        """Return what a state says of these rows."""
        if self._rows > DIGESTS:
            return {"rows": self._rows, "sum": f"{self._sum:x}", "version": _version()}
        return told(self._frames)


class Known:
    """The rows of one group that an earlier load has read."""

    def __init__(self, before: Mapping[str, Any], columns: Sequence[str]) -> None:
        """Take up what `summary` returned, None for a group of which nothing is known."""
        self.rows = int(before.get("rows", 0))
        self.found = 0
        self._columns = list(columns)
        self._digests = Counter(_unpack(before.get("digests", "")))
        self._expected = int(before.get("sum", "0"), 16) if "sum" in before else None
        self._is_comparable = before.get("version") == _version()
        self._sum = 0

    @property
    def is_counted_only(self) -> bool:
        """Whether there were too many rows to know each of them."""
        return self._expected is not None

    @property
    def is_same(self) -> bool:
        """Whether a group that is only counted is as it was, as far as that can be told."""
        is_equal = not self._is_comparable or self._sum == self._expected
        return not self.is_counted_only or (self.found == self.rows and is_equal)

    def drop(self, rows: "pl.DataFrame") -> "pl.DataFrame":
        """Return those of the `rows` that are new; each known row is dropped once."""
        if self.is_counted_only:
            self.found += rows.height
            self._sum = (self._sum + _sum(rows.select(self._columns))) % 2**64
            return rows.clear()
        if not self._digests:
            return rows
        kept = []
        for digest in _digests(rows.select(self._columns)):
            is_new = self._digests[digest] == 0
            self._digests[digest] -= not is_new
            kept.append(is_new)
        return rows.filter(kept)


def told(frames: Sequence["pl.DataFrame"]) -> dict[str, Any]:
    """Return the digests of all these rows."""
    digests = [digest for frame in frames for digest in _digests(frame)]
    return {"rows": len(digests), "digests": _pack(digests)}


def _plain(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Return the rows with times as integers: Python's own have no nanoseconds."""
    import polars as pl
    from polars import selectors as cs

    return rows.with_columns(
        cs.temporal().to_physical(), cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String)
    )


def _digests(rows: "pl.DataFrame") -> list[int]:
    """Return 64 bits per row that are the same in every version of everything."""
    return [
        int.from_bytes(blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=8).digest())
        for row in _plain(rows).iter_rows()
    ]


def _sum(rows: "pl.DataFrame") -> int:
    """Return a sum of row hashes that does not depend on their order."""
    return int(rows.hash_rows(seed=0).sum()) if rows.width else 0


def _version() -> str:
    """Return what the hashes of `_sum` depend on."""
    import polars as pl

    return pl.__version__


def _pack(digests: Sequence[int]) -> str:
    packed = array("Q", digests)
    if sys.byteorder == "big":
        packed.byteswap()
    return base64.b64encode(packed.tobytes()).decode()


def _unpack(text: str) -> list[int]:
    packed = array("Q", base64.b64decode(text))
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tolist()
