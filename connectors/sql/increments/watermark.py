"""One read along a cursor: rows pass, those that are known are left out, the rest is remembered."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from connectors.base import State
from connectors.errors import DataError
from connectors.sql.increments.reach import Cursor, Reach
from connectors.sql.increments.rows import Gathered, Known
from connectors.sql.increments.tracks import Track
from connectors.typenames import written

if TYPE_CHECKING:
    import polars as pl


class Watermark:
    """How far one stream was read along its cursor.

    `reach` says which rows to ask for (more do no harm). Batches pass through `follow`; afterwards
    `state` is the new State.
    """

    def __init__(
        self, cursor: Cursor, schema: Mapping[str, "pl.DataType"], state: State | None = None
    ) -> None:
        """Take up `state`; `schema` is that of the batches, the cursor columns included."""
        self.reach = Reach(cursor, schema, _comparable(state, schema))
        self._before = self.reach.before
        # Columns that were added since the last read do not make its rows new ones.
        self._columns = list(self._before.get("columns", schema))
        self._types = [written(schema[name]) for name in self._columns]
        self._tracks = [Track(position, cursor, self._columns) for position in self.reach.positions]
        self._rest = _Rest(cursor, self._before, self._columns)
        self._is_read = False
        self._has_rows = False

    def follow(self, batches: Iterator["pl.DataFrame"]) -> Iterator["pl.DataFrame"]:
        """Yield the batches without the rows that an earlier load has read.

        Batches come in any order, with every column of the schema. Raises DataError at the end
        where rows of before changed and it cannot be told which ones.
        """
        import polars as pl

        for batch in batches:
            fresh = [part for part in self._parts(batch) if part.height]
            if fresh:
                yield pl.concat(fresh)
        for track in self._tracks:
            track.finish()
        self._rest.finish()
        self._is_read = True

    def state(self) -> State | None:
        """Return the State after all batches passed; the old one where the read ended early."""
        if not self._is_read or not (self._before or self._has_rows):
            return self._before or None
        first, *second = [track.state() for track in self._tracks]
        said = {**first, "columns": self._columns, "types": self._types, **self._rest.state()}
        return said | ({"second": second[0]} if second else {})

    def _parts(self, batch: "pl.DataFrame") -> Iterator["pl.DataFrame"]:
        """Yield the new rows of a batch: those with a value in each cursor, then the rest."""
        rest = batch
        for position, track in zip(self.reach.positions, self._tracks, strict=True):
            is_empty = rest.get_column(position.column).is_null()
            own = rest.filter(~is_empty) if is_empty.any() else rest
            rest = rest.filter(is_empty)
            self._has_rows |= bool(own.height)
            yield track.take(own)
        self._has_rows |= bool(rest.height) and self.reach.cursor.nulls == "read"
        yield self._rest.take(rest)


class _Rest:
    """The rows without a value in any cursor column."""

    def __init__(self, cursor: Cursor, before: Mapping[str, Any], columns: list[str]) -> None:
        self._cursor = cursor
        self._before = before.get("nulls", {})
        # States of before said nothing of these rows; the first read had brought them all.
        self._is_adopting = bool(before) and "nulls" not in before
        self._known = Known(self._before, columns)
        self._found = Gathered(columns)

    def take(self, rows: "pl.DataFrame") -> "pl.DataFrame":
        """Return the rows that are new."""
        if not rows.height or self._cursor.nulls == "skip":
            return rows.clear()
        if self._cursor.nulls == "refuse":
            names = " nor ".join(map(repr, self._cursor.columns))
            raise DataError(
                f"There are rows without a value in {names}, and `null_cursors` refuses them; give "
                "them one, or choose read or skip"
            )
        self._found.add(rows)
        if self._is_adopting:
            return rows.clear()
        new = self._known.drop(rows)
        return rows if self._known.is_counted_only and self._cursor.may_repeat else new

    def finish(self) -> None:
        """Make sure that a group too big for digests is as it was."""
        if self._cursor.nulls != "read" or self._cursor.may_repeat or self._known.is_same:
            return
        raise DataError(
            f"{self._known.rows:,} rows without a value in {self._cursor.column!r} were read "
            f"before; now there are {self._known.found:,} or others, and so many cannot be told "
            "apart. Name a second cursor for them, skip them (`null_cursors`), load by upsert with "
            "a key, or reset the state"
        )

    def state(self) -> Mapping[str, Any]:
        """Return what the next read must know; left out, the rows stay as known as they were."""
        if self._cursor.nulls == "read":
            return {"nulls": self._found.summary()}
        return {} if self._is_adopting else {"nulls": self._before}


def _comparable(state: State | None, schema: Mapping[str, "pl.DataType"]) -> State | None:
    """Return a state whose rows can be told by the columns that there are now.

    Where a column is gone or has another type, a digest of then says nothing of a row of now: the
    rows of before are only counted, as where there are too many to know each.
    """
    before = dict(state or {})
    columns: list[str] = before.get("columns", [])
    types = before.get("types") or [None] * len(columns)
    kept = {name: text for name, text in zip(columns, types, strict=True) if name in schema}
    is_same = all(text in (None, written(schema[name])) for name, text in kept.items())
    if len(kept) == len(columns) and is_same:
        return state
    groups = {name: _counted(before[name]) for name in ("second", "nulls") if before.get(name)}
    return {**_counted(before), **groups, "columns": list(kept)}


def _counted(group: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a group of rows, their number in place of their digests."""
    counted = {name: value for name, value in group.items() if name != "digests"}
    return counted | {"sum": "0", "version": ""} if "rows" in group else counted
