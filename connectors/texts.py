"""Values of any type as exact text, for destinations that have no type of their own for them."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from connectors.errors import DataError

if TYPE_CHECKING:
    import polars as pl


def can_be_text(dtype: Any) -> bool:
    """Whether each value of a type has a text that says it exactly."""
    import polars as pl

    if isinstance(dtype, (pl.List, pl.Array)):
        return can_be_text(dtype.inner)
    if isinstance(dtype, pl.Map):
        return can_be_text(_pairs(dtype))
    if isinstance(dtype, pl.Struct):
        return all(can_be_text(field.dtype) for field in dtype.fields)
    return type(dtype).__name__ not in ("Object", "Unknown")


def with_texts(frame: "pl.LazyFrame", columns: Collection[str]) -> "pl.LazyFrame":
    """Return the frame with these columns as text: ISO moments, hex of bytes, JSON of the nested.

    Raises DataError while it runs where a nested NaN or infinity has no JSON.
    """
    import polars as pl

    schema = frame.collect_schema()
    nested = [name for name in columns if schema[name].is_nested()]
    if nested:
        frame = frame.map_batches(
            lambda batch: _demand_finite(batch, nested),
            streamable=True,
            validate_output_schema=False,
        )
    return frame.with_columns(text_of(pl.col(name), schema[name]).alias(name) for name in columns)


def text_of(at: "pl.Expr", dtype: Any) -> "pl.Expr":
    """Return an expression of type `dtype` as text."""
    import polars as pl

    if isinstance(dtype, pl.Duration):
        return at.dt.to_string("iso")
    if isinstance(dtype, pl.Time):
        return at.dt.to_string("%H:%M:%S%.f")
    if isinstance(dtype, pl.Datetime):
        return at.dt.to_string("iso:strict")
    if isinstance(dtype, pl.Binary):
        return at.bin.encode("hex")
    if not dtype.is_nested():
        return at.cast(pl.String)
    # Only a struct can be encoded, so the text is cut out of one.
    whole = pl.struct(_in_json(at, dtype).alias("v")).struct.json_encode()
    text = whole.str.slice(len('{"v":')).str.head(-1)
    return pl.when(at.is_not_null()).then(text)


def _in_json(at: "pl.Expr", dtype: Any) -> "pl.Expr":
    """Return what lies inside of nested values as JSON holds it: numbers, truth, and texts."""
    import polars as pl

    if isinstance(dtype, pl.Array):
        return _in_json(at.arr.to_list(), pl.List(dtype.inner))
    if isinstance(dtype, pl.Map):
        return _in_json(at.cast(_pairs(dtype)), _pairs(dtype))
    if isinstance(dtype, pl.List):
        return at.list.eval(_in_json(pl.element(), _whole(dtype.inner)))
    if isinstance(dtype, pl.Struct):
        fields = [
            _in_json(at.struct.field(field.name), _whole(field.dtype)).alias(field.name)
            for field in dtype.fields
        ]
        return pl.when(at.is_not_null()).then(pl.struct(fields)) if fields else at
    is_wide = dtype in (pl.Int128, pl.UInt128)
    is_number = dtype.is_float() or (dtype.is_integer() and not is_wide)
    is_plain = is_number or isinstance(dtype, (pl.Boolean, pl.String, pl.Null))
    return at if is_plain else text_of(at, dtype)


def _pairs(dtype: Any) -> "pl.List":
    """Return a map's type as a list of its entries."""
    import polars as pl

    return pl.List(pl.Struct({"key": dtype.key, "value": dtype.value}))


def _whole(dtype: Any) -> Any:
    """Return an inner type as an instance, where Polars keeps the class."""
    return dtype() if isinstance(dtype, type) else dtype


def _demand_finite(batch: "pl.DataFrame", columns: Collection[str]) -> "pl.DataFrame":
    for name in columns:
        if has_odd_number(batch[name]):
            raise DataError(
                f"Column {name!r} nests NaN or infinity, which JSON cannot hold; replace them in a "
                "step before the load"
            )
    return batch


def has_odd_number(values: "pl.Series") -> bool:
    """Whether NaN or infinity are among the values, or inside of them."""
    import polars as pl

    dtype = values.dtype
    if isinstance(dtype, pl.List | pl.Array):
        return has_odd_number(values.drop_nulls().explode())
    if isinstance(dtype, pl.Struct):
        return any(has_odd_number(values.struct.field(f.name)) for f in dtype.fields)
    return dtype.is_float() and not values.drop_nulls().is_finite().all()
