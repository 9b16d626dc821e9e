"""An upsert as a merge of Parquet files: new rows replace old ones of the same key.

Memory holds the keys of the load; the rows of both sides stream.
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.errors import Cancelled, DataError

if TYPE_CHECKING:
    import polars as pl


class Incoming:
    """The rows of a load, of equal keys the last one, and their keys."""

    def __init__(self, frame: "pl.LazyFrame", key: Sequence[str], place: str) -> None:
        """Read the keys of `frame`; raise DataError where one is null."""
        import polars as pl

        self.key = list(key)
        columns = frame.collect_schema().names()
        number = _free("row", columns)
        last = (
            frame.select(self.key)
            .with_row_index(number)
            .group_by(self.key)
            .agg(pl.col(number).max(), pl.len().alias(_free("rows", [*columns, number])))
            .collect(engine="streaming")
        )
        _refuse_nulls(last, self.key, place)
        self.keys = last.select(self.key)
        self.rows = frame
        if last.height < int(last.get_column(last.columns[-1]).sum()):
            kept = last.lazy().select(number)
            self.rows = frame.with_row_index(number).join(kept, on=number, how="semi").drop(number)

    def touches(self, old: "pl.LazyFrame") -> bool:
        """Whether old rows have one of the new keys."""
        import polars as pl

        found = self._near(old.select(self.key)).join(self.keys.lazy(), on=self.key, how="semi")
        count = found.select(pl.len()).collect(engine="streaming").item()
        return bool(count)

    def merged(self, old: Sequence["pl.LazyFrame"], columns: Sequence[str]) -> "pl.LazyFrame":
        """Return the old rows whose keys do not come, then the new ones.

        Columns that the load does not bring keep their old values; new rows have null there.
        """
        import polars as pl

        if not old:
            return self.rows
        before = pl.concat([frame.select(columns) for frame in old])
        kept = before.join(self.keys.lazy(), on=self.key, how="anti")
        brought = self.rows.collect_schema().names()
        lacking = [name for name in columns if name not in brought]
        new = self.rows
        if lacking:
            matched = self._near(before.select([*self.key, *lacking])).join(
                self.keys.lazy(), on=self.key, how="semi"
            )
            new = new.join(matched.unique(self.key), on=self.key, how="left", maintain_order="left")
        return pl.concat([kept, new.select(columns)])

    def _near(self, old: "pl.LazyFrame") -> "pl.LazyFrame":
        """Leave out what the files' own statistics say lies outside of the new keys."""
        import polars as pl

        name = self.key[0]
        dtype = self.keys.schema[name]
        if not (dtype.is_integer() or isinstance(dtype, (pl.Date, pl.Datetime, pl.String))):
            return old
        column = self.keys.get_column(name)
        low, high = pl.select(pl.lit(column).min()), pl.select(pl.lit(column).max())
        return old.filter(pl.col(name).is_between(pl.lit(low.item()), pl.lit(high.item())))


def _refuse_nulls(keys: "pl.DataFrame", key: Sequence[str], place: str) -> None:
    for name in key:
        if keys.get_column(name).null_count():
            raise DataError(
                f"Key column {name!r} holds NULL, which identifies no row of {place}; filter those "
                "rows, or choose another key",
                field="key",
            )


def _free(name: str, taken: Sequence[str]) -> str:
    """Return a name that no column has."""
    while name in taken:
        name += "_"
    return name


def watched(frame: "pl.LazyFrame", stopping: threading.Event) -> "pl.LazyFrame":
    """Return the frame, which ends with Cancelled soon after `stopping` is set."""
    import polars as pl

    def look(batch: pl.DataFrame) -> pl.DataFrame:
        if stopping.is_set():
            raise Cancelled("The merge was stopped")
        return batch

    return frame.map_batches(look, streamable=True, validate_output_schema=False)
