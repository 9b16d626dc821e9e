"""From the lazy frame of a table to an extraction, whole or from a cursor's last value on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from connectors.base import Extraction, State, lazy_frame
from connectors.sql.increments import Watermark, decode
from connectors.sql.scanning import chosen_of

if TYPE_CHECKING:
    import polars as pl

BATCH_ROWS = 122_880


class Chosen(Protocol):
    """The read options that this needs."""

    columns: tuple[str, ...] | None
    cursor: str | None


def extract(
    frame: "pl.LazyFrame", options: Chosen, state: State | None, *, rows: int | None = None
) -> Extraction:
    """Return the rows of a table; columns and predicates reach its files."""
    schema = dict(frame.collect_schema())
    wanted = chosen_of(schema, options.columns, "columns")
    if options.cursor is None:
        return Extraction(frame.select(wanted), rows=rows)
    chosen_of(schema, (options.cursor,), "cursor")
    # What was read is told apart by whole rows, so nothing less than all of it is asked for.
    every = list(dict.fromkeys([*wanted, options.cursor]))
    mark = Watermark(options.cursor, {name: schema[name] for name in every}, state)
    read = lazy_frame(
        {name: schema[name] for name in wanted}, lambda _: mark.follow(_since(frame, every, mark))
    )
    return Extraction(read, state=mark.state)


def _since(frame: "pl.LazyFrame", columns: list[str], mark: Watermark) -> Iterator["pl.DataFrame"]:
    """Yield the rows from the last value on; statistics of the files leave out older ones."""
    import polars as pl

    query = frame.select(columns)
    if mark.value is not None:
        last = decode(mark.value, frame.collect_schema()[mark.cursor])
        query = query.filter(pl.col(mark.cursor) >= pl.lit(last).first())
    yield from query.collect_batches(chunk_size=BATCH_ROWS, engine="streaming")
