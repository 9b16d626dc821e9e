"""Incremental reads: how far a column was read, exactly, and without a second look at old rows.

Rows are read from the last value on, that value included, because more rows may have come with it.
Those that were read before are known by a digest each. Where very many rows share the last value
only their number and sum are kept: then it is noticed, not repaired, when that group changes.

What is never seen: rows that appear later with a lower cursor value, or with none (NULL rows are
read by the first load only).
"""

import base64
import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from connectors.base import State
from connectors.errors import ConfigError, DataError

if TYPE_CHECKING:
    import polars as pl

# Digests that a state may carry; a hundred thousand take a megabyte of JSON.
DIGESTS = 100_000
_MOMENT = "%Y-%m-%d %H:%M:%S%.f"


class Watermark:
    """How far one stream was read along its `cursor` column.

    `value` is the last value read, as text that the database casts to the column's own type
    (instants end in +00:00); the query asks for rows `>=` it, comparing text by its bytes, or for
    all rows where it is None. Batches pass through `follow`; afterwards `state` is the new State.
    """

    def __init__(
        self, cursor: str, schema: Mapping[str, "pl.DataType"], state: State | None = None
    ) -> None:
        """Take up `state`; `schema` is that of the batches, the cursor column included."""
        self.cursor = cursor
        self.value: str | None = None
        self._before = dict(state or {})
        _check(cursor, schema, self._before)
        self._dtype = schema[cursor]
        # Columns that were added since the last read do not make its rows new ones.
        self._boundary = _Boundary(self._before.get("columns", list(schema)))
        self._highest: pl.Series | None = None
        self._is_read = False
        if self._before:
            self.value = self._before["value"]
            self._highest = decode(self._before["value"], self._dtype)

    def follow(self, batches: Iterator["pl.DataFrame"]) -> Iterator["pl.DataFrame"]:
        """Yield the batches without the rows that an earlier load has read.

        Batches come in any order, with every column of the schema. Raises DataError at the end
        where the rows of the last value changed and it cannot be told which ones.
        """
        last = self._highest
        known = _Known(self._before)
        for batch in batches:
            self._raise_to(batch)
            fresh = batch if last is None else self._drop_known(batch, last, known)
            if fresh.height:
                yield fresh
        known.finish(self.cursor, self.value)
        self._is_read = True

    def state(self) -> State | None:
        """Return the State after all batches passed; the old one where the read ended early."""
        if not self._is_read or self._highest is None:
            return self._before or None
        value = {"column": self.cursor, "value": encode(self._highest)}
        return value | self._boundary.summary()

    def _drop_known(
        self, batch: "pl.DataFrame", last: "pl.Series", known: "_Known"
    ) -> "pl.DataFrame":
        import polars as pl

        is_last = batch.get_column(self.cursor).eq_missing(last)
        if not is_last.any():
            return batch
        kept = known.drop(batch.filter(is_last), self._boundary.columns)
        return pl.concat([kept, batch.filter(~is_last)])

    def _raise_to(self, batch: "pl.DataFrame") -> None:
        """Keep the rows of the highest value so far."""
        column = batch.get_column(self.cursor)
        highest = _highest(column)
        if highest is None:
            return
        if self._highest is None or (highest > self._highest)[0]:
            self._highest = highest
            self._boundary.clear()
        if (highest == self._highest)[0]:
            self._boundary.add(batch.filter(column.eq_missing(highest)))


class _Boundary:
    """The rows that carry the highest value so far: themselves while few, a sum of hashes always."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = list(columns)
        self.clear()

    def clear(self) -> None:
        """Begin anew with a higher value."""
        self._frames: list[pl.DataFrame] = []
        self._rows = 0
        self._sum = 0

    def add(self, rows: "pl.DataFrame") -> None:
        """Take in rows of the highest value."""
        rows = rows.select(self.columns)
        self._rows += rows.height
        self._sum = (self._sum + _sum(rows)) % 2**64
        self._frames = [*self._frames, rows] if self._rows <= DIGESTS else []

    def summary(self) -> dict[str, Any]:
        """Return what a state says of these rows."""
        said = {"columns": self.columns, "rows": self._rows}
        if self._rows > DIGESTS:
            return said | {"sum": f"{self._sum:x}", "version": _version()}
        digests = [digest for frame in self._frames for digest in _digests(frame)]
        return said | {"digests": _pack(digests)}


class _Known:
    """The rows of the last value that an earlier load has read."""

    def __init__(self, before: Mapping[str, Any]) -> None:
        self._rows = int(before.get("rows", 0))
        self._digests = Counter(_unpack(before.get("digests", "")))
        self._expected = int(before.get("sum", "0"), 16) if "sum" in before else None
        self._is_comparable = before.get("version") == _version()
        self._found, self._sum = 0, 0

    def drop(self, rows: "pl.DataFrame", columns: Sequence[str]) -> "pl.DataFrame":
        """Return those of the `rows` that are new; each known row is dropped once."""
        if self._expected is not None:
            self._found += rows.height
            self._sum = (self._sum + _sum(rows.select(columns))) % 2**64
            return rows.clear()
        kept = []
        for digest in _digests(rows.select(columns)):
            is_new = self._digests[digest] == 0
            self._digests[digest] -= not is_new
            kept.append(is_new)
        return rows.filter(kept)

    def finish(self, cursor: str, value: str | None) -> None:
        """Make sure that a group too big for digests is as it was."""
        if self._expected is None:
            return
        is_same = not self._is_comparable or self._sum == self._expected
        if self._found != self._rows or not is_same:
            raise DataError(
                f"{self._rows:,} rows with {cursor} = {value} were read before; now there are "
                f"{self._found:,} or others, and so many cannot be told apart. Choose a cursor "
                "column with finer values, or reset the state"
            )


def encode(value: "pl.Series") -> str:
    """Return the first value of a series as text that means exactly it."""
    import polars as pl

    if isinstance(value.dtype, pl.Datetime) and value.dtype.time_zone is not None:
        plain = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return f"{plain.cast(pl.String)[0]}+00:00"
    return str(value.cast(pl.String)[0])


def decode(text: str, dtype: "pl.DataType") -> "pl.Series":
    """Return the value that `encode` made this text of, as a series of one."""
    import polars as pl

    series = pl.Series([text])
    if isinstance(dtype, pl.Date):
        return series.str.to_date("%Y-%m-%d")
    if isinstance(dtype, pl.Datetime):
        plain = series.str.strip_suffix("+00:00").str.to_datetime(
            _MOMENT, time_unit=dtype.time_unit
        )
        if dtype.time_zone is None:
            return plain
        return plain.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    return series.cast(dtype)


def _check(cursor: str, schema: Mapping[str, "pl.DataType"], before: Mapping[str, Any]) -> None:
    import polars as pl

    if cursor not in schema:
        raise ConfigError(
            f"There is no cursor column {cursor!r}; known: {', '.join(schema)}", field="cursor"
        )
    dtype = schema[cursor]
    if not (dtype.is_integer() or isinstance(dtype, (pl.Decimal, pl.Date, pl.Datetime, pl.String))):
        raise ConfigError(
            f"Column {cursor!r} is {dtype} and cannot be a cursor; choose one of whole numbers, "
            "decimals, dates, timestamps or text",
            field="cursor",
        )
    reset = "reset the state to begin anew"
    if before and before.get("column") != cursor:
        raise ConfigError(
            f"The state was kept for column {before.get('column')!r}, not for {cursor!r}; {reset}",
            field="cursor",
        )
    gone = [name for name in before.get("columns", ()) if name not in schema]
    if gone:
        raise ConfigError(
            f"Column {gone[0]!r} is not read any more, and without it the rows that were read "
            f"before cannot be told; read it again or {reset}",
            field="columns",
        )


def _highest(column: "pl.Series") -> "pl.Series | None":
    """Return the highest value as a series of one, None where all are null."""
    import polars as pl

    found = pl.select(pl.lit(column).max()).to_series()
    return None if found.null_count() else found


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
