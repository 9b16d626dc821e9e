"""What a table format holds of a column, exactly, or why it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import DataError

if TYPE_CHECKING:
    import polars as pl

# Digits that a decimal of both formats may have.
DIGITS = 38


@dataclass(frozen=True)
class Format:
    """What tells table formats apart where values are held."""

    label: str
    has_small_integers: bool
    has_times: bool


def held_schema(schema: Mapping[str, "pl.DataType"], form: Format) -> dict[str, "pl.DataType"]:
    """Return the type that each column is held in; raise DataError for one that has none."""
    import polars as pl

    found: dict[str, pl.DataType] = {}
    for name, dtype in schema.items():
        held = held_type(dtype, form)
        if held is None:
            raise _unheld(name, dtype, form)
        found[name] = held
    return found


def held_type(dtype: "pl.DataType", form: Format) -> "pl.DataType | None":
    """Return a type that holds every value of `dtype` that the format can hold, None without one.

    Values that may still not fit (nanoseconds, 39 digits) are looked at when they pass.
    """
    if dtype.is_nested():
        return _nested(dtype, form)
    if dtype.is_integer():
        return _integer(dtype, form)
    return _plain(dtype, form)


def _plain(dtype: "pl.DataType", form: Format) -> "pl.DataType | None":
    import polars as pl

    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", None if dtype.time_zone is None else "UTC")
    if isinstance(dtype, pl.Decimal):
        return pl.Decimal(dtype.precision or DIGITS, dtype.scale)
    if isinstance(dtype, (pl.Categorical, pl.Enum, pl.Null)):
        return pl.String()
    if isinstance(dtype, pl.Float16):
        return pl.Float32()
    kept = (pl.Float32, pl.Float64, pl.String, pl.Binary, pl.Boolean, pl.Date)
    is_kept = isinstance(dtype, kept) or (isinstance(dtype, pl.Time) and form.has_times)
    return dtype if is_kept else None


def convert(
    frame: "pl.LazyFrame",
    schema: Mapping[str, "pl.DataType"],
    wanted: Mapping[str, "pl.DataType"],
    form: Format,
) -> "pl.LazyFrame":
    """Cast the columns to the wanted types, in that order; raise DataError where a value changes."""
    import polars as pl

    def look(batch: pl.DataFrame) -> pl.DataFrame:
        for name in fine:
            _demand_microseconds(batch.get_column(name), name, form)
        for name in days:
            _demand_known_years(batch.get_column(name), name, form)
        for name in wide:
            _demand_digits(batch.get_column(name), name, form)
        return batch

    fine = [name for name, dtype in schema.items() if is_fine(dtype)]
    days = [name for name, dtype in schema.items() if isinstance(dtype, (pl.Date, pl.Datetime))]
    wide = [name for name, dtype in schema.items() if _is_wide(dtype)]
    if fine or days or wide:
        frame = frame.map_batches(look, streamable=True, validate_output_schema=False)
    return frame.select(pl.col(name).cast(dtype) for name, dtype in wanted.items())


def is_fine(dtype: "pl.DataType") -> bool:
    """Whether values of this type may have nanoseconds."""
    import polars as pl

    return isinstance(dtype, pl.Time) or (
        isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns"
    )


def _integer(dtype: "pl.DataType", form: Format) -> "pl.DataType":
    """Return the signed type with room for all values; above 64 bits a decimal has it."""
    import polars as pl

    bits = int(str(dtype).removeprefix("U").removeprefix("Int"))
    needed = bits if dtype.is_signed_integer() else bits + 1
    if needed > 65:
        return pl.Decimal(DIGITS, 0)
    if needed == 65:
        return pl.Decimal(20, 0)
    sizes: tuple[tuple[int, pl.DataType], ...] = (
        (8, pl.Int8()),
        (16, pl.Int16()),
        (32, pl.Int32()),
        (64, pl.Int64()),
    )
    small = 8 if form.has_small_integers else 32
    return next(kind for size, kind in sizes if size >= max(needed, small))


def _nested(dtype: "pl.DataType", form: Format) -> "pl.DataType | None":
    import polars as pl

    def inside(inner: pl.DataType) -> pl.DataType | None:
        # Values inside are not looked at one by one, so what may not fit is refused.
        return None if is_fine(inner) or _is_wide(inner) else held_type(inner, form)

    if isinstance(dtype, (pl.List, pl.Array)):
        held = inside(_instance(dtype.inner))
        return None if held is None else pl.List(held)
    if not isinstance(dtype, pl.Struct):
        return None
    fields = {field.name: inside(_instance(field.dtype)) for field in dtype.fields}
    known = {name: held for name, held in fields.items() if held is not None}
    return pl.Struct(known) if known and len(known) == len(fields) else None


def _instance(dtype: Any) -> "pl.DataType":
    """Return the type of what lies inside, which may be spelled as a class."""
    found: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return found


def _is_wide(dtype: "pl.DataType") -> bool:
    return str(dtype) in ("Int128", "UInt128")


def _demand_microseconds(column: "pl.Series", name: str, form: Format) -> None:
    if (column.dt.nanosecond() % 1_000 != 0).any():
        raise DataError(
            f"Column {name!r} holds nanoseconds, and {form.label} keeps microseconds; round the "
            "column in a step before the load, or cast it to text"
        )


def _demand_known_years(column: "pl.Series", name: str, form: Format) -> None:
    if not column.dt.year().is_between(1, 9999).all():
        raise DataError(
            f"Column {name!r} holds a year outside of 1 to 9999, which readers of {form.label} "
            "cannot say; cast it to text in a step before the load"
        )


def _demand_digits(column: "pl.Series", name: str, form: Format) -> None:
    import polars as pl

    fitting = column.cast(pl.Decimal(DIGITS, 0), strict=False)
    if fitting.null_count() != column.null_count():
        raise DataError(
            f"Column {name!r} holds whole numbers of 39 digits, and {form.label} keeps {DIGITS}; "
            "cast it to text in a step before the load"
        )


def _unheld(name: str, dtype: "pl.DataType", form: Format) -> DataError:
    inside = " what lies inside of" if dtype.is_nested() else ""
    cure = f"cast{inside} it in a step before the load"
    return DataError(f"Column {name!r} is {dtype}, and {form.label} has no type for it; {cure}")
