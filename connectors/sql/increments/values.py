"""Values of cursors: as text that means exactly them, one window further down, the highest one."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Context, Decimal
from math import ceil
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.increments.windows import Window

if TYPE_CHECKING:
    import polars as pl

_MOMENT = "%Y-%m-%d %H:%M:%S%.f"
_NANOSECONDS = {"ms": 1_000_000, "us": 1_000, "ns": 1}
# The first of January of the year 1, which every database can say, in days since 1970.
_FIRST_DAY = -719_162
_DAY = 86_400 * 10**9
_EXACT = Context(prec=200)


def encode(value: "pl.Series") -> str:
    """Return the first value of a series as text that means exactly it."""
    import polars as pl

    if isinstance(value.dtype, pl.Datetime) and value.dtype.time_zone is not None:
        plain = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return f"{plain.cast(pl.String)[0]}+00:00"
    return str(value.cast(pl.String)[0])


def decode(text: str, dtype: "pl.DataType") -> "pl.Series":
    """Return the value that `encode` made this text of, as a series of one."""
    import polars as pl

    series = pl.Series([text])
    if isinstance(dtype, pl.Date):
        return series.str.to_date("%Y-%m-%d")
    if isinstance(dtype, pl.Datetime):
        plain = series.str.strip_suffix("+00:00").str.to_datetime(
            _MOMENT, time_unit=dtype.time_unit
        )
        if dtype.time_zone is None:
            return plain
        return plain.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    return series.cast(dtype)


def highest_of(column: "pl.Series") -> "pl.Series | None":
    """Return the highest value as a series of one, None where there is none."""
    import polars as pl

    found = pl.select(pl.lit(column).max()).to_series()
    return None if found.null_count() else found


def greater(one: "pl.Series", other: "pl.Series") -> "pl.Series":
    """Return the greater of two values."""
    return one if (one > other)[0] else other


def can_be_cursor(dtype: "pl.DataType") -> bool:
    """Whether values of a type have an exact order and text that means them."""
    import polars as pl

    return dtype.is_integer() or isinstance(dtype, (pl.Decimal, pl.Date, pl.Datetime, pl.String))


def goes_with(window: Window, dtype: "pl.DataType") -> bool:
    """Whether a window can be taken off values of this type."""
    import polars as pl

    if isinstance(window, timedelta):
        return isinstance(dtype, (pl.Date, pl.Datetime))
    return dtype.is_integer() or isinstance(dtype, pl.Decimal)


def lowered(value: "pl.Series", window: Window) -> "pl.Series":
    """Return the value less the window, or the least that its type (or a calendar) can say."""
    import polars as pl

    if isinstance(window, timedelta):
        return _earlier(value, window)
    if isinstance(value.dtype, pl.Decimal):
        exact = _EXACT.subtract(Decimal(value[0]), window)
        end = -(Decimal(10) ** (value.dtype.precision - value.dtype.scale)) + 1
        # Rounded up, values at the end of the window would be lost.
        step = Decimal(1).scaleb(-value.dtype.scale)
        exact = max(exact, end).quantize(step, rounding="ROUND_FLOOR", context=_EXACT)
        return pl.Series([exact], dtype=value.dtype)
    low = max(int(value[0]) - ceil(window), _least(value.dtype))
    return pl.Series([str(low)]).cast(value.dtype)


def _earlier(value: "pl.Series", window: timedelta) -> "pl.Series":
    import polars as pl

    dtype = value.dtype
    unit = _NANOSECONDS[dtype.time_unit] if isinstance(dtype, pl.Datetime) else _DAY
    now = int(value.to_physical()[0])
    length = window // timedelta(microseconds=1) * 1000
    first = max(_FIRST_DAY * _DAY // unit, -(2**63) + 1)
    low = max(now + -length // unit, min(now, first))
    return pl.Series([low], dtype=value.to_physical().dtype).cast(value.dtype)


def _least(dtype: "pl.DataType") -> int:
    bits = int(str(dtype).removeprefix("U").removeprefix("Int"))
    return -(2 ** (bits - 1)) if dtype.is_signed_integer() else 0


def check_cursor(column: str, schema: Mapping[str, "pl.DataType"], field: str) -> None:
    """Refuse a cursor column that is not there, or whose values have no exact order."""
    if column not in schema:
        raise ConfigError(
            f"There is no cursor column {column!r}; known: {', '.join(schema)}", field=field
        )
    if not can_be_cursor(schema[column]):
        raise ConfigError(
            f"Column {column!r} is {schema[column]} and cannot be a cursor; choose one of whole "
            "numbers, decimals, dates, timestamps or text",
            field=field,
        )
