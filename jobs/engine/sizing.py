"""How much memory the rows of a source may need: an upper bound, or nobody knows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.base import Extraction

if TYPE_CHECKING:
    import polars as pl

# A sort holds its rows up to so many times (1.5 GB for 10 million rows of 500 MB, measured).
WORKING = 3
# Bytes of a text, a list and the like where nothing else is known.
LOOSE = 64
FIXED = 8


def bound(extraction: Extraction, swells: int) -> int | None:
    """Return the bytes that the rows of a source may take in memory; None where nobody knows.

    `swells` is how many times the size that the source tells its rows may grow in memory.
    """
    rows = extraction.rows if extraction.rows is not None else extraction.about_rows
    is_told = extraction.size is not None and not extraction.packed
    by_size = (extraction.size or 0) * swells if is_told else None
    by_rows = None if rows is None else rows * _width(extraction.frame.collect_schema())
    known = [size for size in (by_size, by_rows) if size is not None]
    return max(known) if known else None


def is_beyond(sizes: list[int | None], memory: int) -> bool:
    """Whether a step that needs all of these rows may need more than this; unknown counts so."""
    known = [size for size in sizes if size is not None]
    return len(known) < len(sizes) or sum(known) * WORKING > memory


def _width(schema: Mapping[str, "pl.DataType"]) -> int:
    """Return the bytes of a row; texts and what is nested are guessed."""
    return sum(_bytes_of(dtype) for dtype in schema.values())


def _bytes_of(dtype: Any) -> int:
    import polars as pl

    is_loose = dtype.is_nested() or dtype in (pl.String, pl.Binary, pl.Object)
    return LOOSE if is_loose else 2 * FIXED if dtype.is_decimal() else FIXED
