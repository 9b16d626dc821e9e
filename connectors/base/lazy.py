"""A lazy frame over batches that a driver yields."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Rows in a batch where the source does not care: DuckDB's row group, a good size for Parquet too.
BATCH_ROWS = 122_880


def lazy_frame(
    schema: Mapping[str, "pl.DataType"],
    batches: Callable[[list[str]], Iterator["pl.DataFrame"]],
) -> "pl.LazyFrame":
    """Return a lazy frame that reads `batches(columns)` when its query runs.

    `batches` is called once with the wanted columns (in the schema's order) and yields frames
    with at least these columns and the schema's types; closing the iterator frees what it holds.
    """
    import polars as pl
    from polars.io.plugins import register_io_source

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = list(schema) if columns is None else columns
        # The predicate may need columns that are not wanted further on.
        roots = [] if predicate is None else predicate.meta.root_names()
        needed = [name for name in schema if name in {*wanted, *roots}]
        for batch in batches(needed):
            part = batch if predicate is None else batch.filter(predicate)
            part = part.select(wanted)
            if limit is not None:
                part = part.head(limit)
                limit -= part.height
            yield part
            if limit == 0:
                return

    # A generator is not pure: Polars must never read it twice and think it the same.
    return register_io_source(read, schema=pl.Schema(schema), validate_schema=True)
