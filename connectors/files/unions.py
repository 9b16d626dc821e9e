"""The type that holds the values of two types unchanged, for files that differ."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

UNITS = ("ms", "us", "ns")
# Whole numbers up to these bits are exact as 64-bit floats.
EXACT_BITS = 32
DIGITS = 38


def common_type(
    one: "pl.DataType", other: "pl.DataType", *, are_integers_exact: bool = False
) -> "pl.DataType | None":
    """Return the type that holds every value of both, None where there is none.

    `are_integers_exact` says that all integers are small enough to be floats.
    """
    import polars as pl

    if other in (one, pl.Null):
        return one
    if one == pl.Null:
        return other
    if isinstance(one, pl.Date | pl.Datetime) and isinstance(other, pl.Date | pl.Datetime):
        return _moments(one, other)
    if one.is_numeric() and other.is_numeric():
        return _numbers(one, other, are_integers_exact=are_integers_exact)
    texts = (pl.String, pl.Categorical, pl.Enum)
    return pl.String() if isinstance(one, texts) and isinstance(other, texts) else None


def _moments(one: "pl.DataType", other: "pl.DataType") -> "pl.DataType | None":
    import polars as pl

    stamps = [dtype for dtype in (one, other) if isinstance(dtype, pl.Datetime)]
    zones = {dtype.time_zone for dtype in stamps}
    if len(zones) > 1 or (len(stamps) == 1 and zones != {None}):
        return None
    finest = max((dtype.time_unit for dtype in stamps), key=UNITS.index)
    return pl.Datetime(finest, zones.pop())


def _numbers(
    one: "pl.DataType", other: "pl.DataType", *, are_integers_exact: bool
) -> "pl.DataType | None":
    import polars as pl

    if one.is_float() or other.is_float():
        if isinstance(one, pl.Decimal) or isinstance(other, pl.Decimal):
            return None
        whole = [dtype for dtype in (one, other) if dtype.is_integer()]
        is_exact = are_integers_exact or all(_bits(dtype) <= EXACT_BITS for dtype in whole)
        return pl.Float64() if is_exact else None
    if isinstance(one, pl.Decimal) or isinstance(other, pl.Decimal):
        return _decimals(one, other)
    if one.is_signed_integer() == other.is_signed_integer():
        return max(one, other, key=_bits)
    unsigned, signed = sorted((one, other), key=lambda dtype: dtype.is_signed_integer())
    bits = max(2 * _bits(unsigned), _bits(signed))
    return pl.Decimal(20, 0) if bits > 64 else getattr(pl, f"Int{bits}")()


def _decimals(one: "pl.DataType", other: "pl.DataType") -> "pl.DataType | None":
    import polars as pl

    pairs = []
    for dtype in (one, other):
        if isinstance(dtype, pl.Decimal):
            pairs.append((dtype.precision or DIGITS, dtype.scale))
        else:
            pairs.append((20, 0))
    scale = max(scale for _, scale in pairs)
    whole = max(precision - scale for precision, scale in pairs)
    return pl.Decimal(whole + scale, scale) if whole + scale <= DIGITS else None


def _bits(dtype: "pl.DataType") -> int:
    return int("".join(letter for letter in str(dtype) if letter.isdigit()) or 64)


def agreeing(
    frames: "Sequence[pl.LazyFrame]",
    settle: "Callable[[str], pl.DataType]",
    *,
    are_integers_exact: bool = False,
) -> "list[pl.LazyFrame]":
    """Return the frames with one type for all columns of one name.

    `settle` gives the type, or raises, for a column whose types nothing else holds. A column that
    is null everywhere becomes text.
    """
    import polars as pl

    schemas = [frame.collect_schema() for frame in frames]
    wanted: dict[str, pl.DataType] = {}
    for schema in schemas:
        for name, dtype in schema.items():
            before = wanted.get(name, pl.Null())
            found = common_type(before, dtype, are_integers_exact=are_integers_exact)
            wanted[name] = found or settle(name)
    final = {name: pl.String() if dtype == pl.Null else dtype for name, dtype in wanted.items()}
    return [
        frame.with_columns(cast(name, dtype, final[name]) for name, dtype in schema.items())
        for frame, schema in zip(frames, schemas, strict=True)
    ]


def cast(name: str, dtype: "pl.DataType", wanted: "pl.DataType") -> "pl.Expr":
    """Return a column in another type; moments become ISO text."""
    import polars as pl

    column = pl.col(name)
    if dtype == wanted:
        return column
    if wanted == pl.String and isinstance(dtype, pl.Datetime):
        return column.dt.to_string("iso:strict")
    if wanted == pl.String and isinstance(dtype, pl.Date | pl.Time | pl.Duration):
        return column.dt.to_string("iso")
    return column.cast(wanted)
