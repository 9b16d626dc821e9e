"""Incremental reads: how far a column was read, exactly, and without a second look at old rows.

Rows are read from the last value on, that value included, because more rows may have come with it;
with a window (`look_back`) from so much before it. Rows without a value are read each time. Those
that were read before are known by a digest each. Where very many rows share the last value only
their number and sum are kept: then it is noticed, not repaired, when that group changes.

What is never seen: rows that appear later with a value below the window.
"""

from connectors.sql.increments.reach import Comparing, Cursor, Nulls, Reach
from connectors.sql.increments.values import decode, encode
from connectors.sql.increments.watermark import Watermark
from connectors.sql.increments.windows import window_of

__all__ = [
    "Comparing",
    "Cursor",
    "Nulls",
    "Reach",
    "Watermark",
    "decode",
    "encode",
    "window_of",
]
