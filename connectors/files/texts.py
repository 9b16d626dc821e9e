"""Columns on their way into text: what has no exact form there is refused."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.errors import DataError
from connectors.texts import has_odd_number

if TYPE_CHECKING:
    import polars as pl

ADVICE = {
    "Binary": "encode it as text first (hex or base64)",
    "Duration": "cast it to a number first",
    "Int128": "cast it to a decimal or to text first",
    "UInt128": "cast it to a decimal or to text first",
    "Object": "cast it to text first",
    "List": "turn it into text or rows first, or write json or parquet",
    "Array": "turn it into text or rows first, or write json or parquet",
    "Map": "take its entries out first, or write json or parquet",
    "Struct": "take its fields out first, or write json or parquet",
}


def refuse(schema: Mapping[str, "pl.DataType"], format: str, *kinds: str) -> None:
    """Raise DataError for the first column of one of these kinds of types."""
    for name, dtype in schema.items():
        kind = next((kind for kind in kinds if _holds(dtype, kind)), None)
        if kind is not None:
            raise DataError(f"{format} cannot hold column {name!r} ({dtype}): {ADVICE[kind]}")


def iso_texts(frame: "pl.LazyFrame") -> "pl.LazyFrame":
    """Return the frame with moments as ISO 8601 text, all digits and the offset kept."""
    import polars as pl
    from polars import selectors

    return frame.with_columns(
        selectors.datetime().dt.to_string("iso:strict"), selectors.by_dtype(pl.Null).cast(pl.String)
    )


def only_finite(frame: "pl.LazyFrame") -> "pl.LazyFrame":
    """Return the frame with a look at its floats: NaN and infinity are a DataError, not a null."""
    schema = frame.collect_schema()
    floats = [n for n, t in schema.items() if _holds(t, "Float64") or _holds(t, "Float32")]
    if not floats:
        return frame

    def look(batch: "pl.DataFrame") -> "pl.DataFrame":
        for name in floats:
            if has_odd_number(batch[name]):
                raise DataError(
                    f"JSON has no NaN and no infinity, and column {name!r} holds some; "
                    "replace them first"
                )
        return batch

    return frame.map_batches(look, streamable=True, validate_output_schema=False)


def _holds(dtype: "pl.DataType", kind: str) -> bool:
    """Whether a type is of a kind, or has one inside of it."""
    import polars as pl

    if type(dtype).__name__ == kind:
        return True
    if isinstance(dtype, pl.List | pl.Array):
        return _holds(dtype.inner, kind)  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return any(_holds(field.dtype, kind) for field in dtype.fields)  # type: ignore[arg-type]
    return False
