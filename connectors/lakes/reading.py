"""From the lazy frame of a table to an extraction, whole or from a cursor's last value on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.base import Extraction, State
from connectors.sql.choosing import ChosenRows
from connectors.sql.increments import Watermark
from connectors.sql.scanning import chosen_of
from connectors.sql.scanning import extract as extract_batches
from connectors.transformers.filter import fits

if TYPE_CHECKING:
    import polars as pl

BATCH_ROWS = 122_880


def extract(
    frame: "pl.LazyFrame", options: ChosenRows, state: State | None, *, rows: int | None = None
) -> Extraction:
    """Return the rows of a table; columns and predicates reach its files."""
    import narwhals as nw

    schema = dict(frame.collect_schema())
    fitting = options.fitting()
    if fitting is not None:
        chosen_of(schema, list(fitting.columns()), "filter")
        judge = fits(fitting, nw.from_native(frame).collect_schema())
        frame = nw.from_native(frame).filter(judge).to_native()
    if options.cursor is None:
        wanted = chosen_of(schema, options.columns, "columns")
        return Extraction(frame.select(wanted), rows=None if fitting else rows)

    def batches(names: list[str], mark: Watermark | None) -> Iterator["pl.DataFrame"]:
        # Statistics of the files leave out what was read before.
        since = None if mark is None else mark.reach.predicate()
        query = frame.select(names) if since is None else frame.select(names).filter(since)
        yield from query.collect_batches(chunk_size=BATCH_ROWS, engine="streaming")

    return extract_batches(schema, options, state, batches)
