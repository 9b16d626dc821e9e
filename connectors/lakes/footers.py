"""The footers of Parquet files: rows, and the lowest and highest values of columns."""

import io
from pathlib import Path
from typing import Any

from connectors.files.objects import explain
from connectors.files.streams import File

# What the footer of most files fits into.
TAIL_BYTES = 1 << 16


def footer(file: File) -> Any:
    """Return pyarrow's view of the footer of a local file or an object."""
    import pyarrow.parquet as pq

    if file.store is None:
        return pq.read_metadata(Path(file.url))
    end = _tail(file, TAIL_BYTES)
    # The last eight bytes are the length of the footer and the format's sign.
    length = int.from_bytes(end[-8:-4], "little") + 8
    return pq.read_metadata(io.BytesIO(end if length <= len(end) else _tail(file, length)))


def _tail(file: File, length: int) -> bytes:
    """Return the last bytes of an object."""
    import obstore

    assert file.store is not None
    start = max(0, file.size - length)
    try:
        return bytes(obstore.get_range(file.store, file.key, start=start, end=file.size))
    except Exception as error:
        raise explain(error, file.shown) from error


def bounds(found: Any, column: str) -> tuple[Any, Any, int] | None:
    """Return lowest value, highest value and nulls of a flat column; None where it is not told."""
    low: Any = None
    high: Any = None
    nulls = 0
    for group in range(found.num_row_groups):
        row_group = found.row_group(group)
        if not row_group.num_rows:
            continue
        told = [
            row_group.column(index).statistics
            for index in range(row_group.num_columns)
            if row_group.column(index).path_in_schema == column
        ]
        if len(told) != 1 or told[0] is None or not told[0].has_null_count:
            return None
        nulls += told[0].null_count
        if told[0].null_count == row_group.num_rows:
            continue
        if not told[0].has_min_max:
            return None
        low = told[0].min if low is None else min(low, told[0].min)
        high = told[0].max if high is None else max(high, told[0].max)
    return low, high, nulls
