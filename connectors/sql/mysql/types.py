"""What the columns of an answer are, and which Polars type holds each of them exactly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

# The protocol's numbers of types.
TINY, SHORT, LONG, FLOAT, DOUBLE, NULL, TIMESTAMP, LONGLONG, INT24 = 1, 2, 3, 4, 5, 6, 7, 8, 9
DATE, TIME, DATETIME, YEAR, BIT, VECTOR, JSON, DECIMAL, STRING = (
    10,
    11,
    12,
    13,
    16,
    242,
    245,
    246,
    254,
)
BLOB, GEOMETRY = 252, 255
_UNSIGNED, _NOT_NULL, _BINARY_CHARSET = 32, 1, 63
DATES = frozenset({DATE, DATETIME, TIMESTAMP})
WIDTHS = {TINY: 1, SHORT: 2, YEAR: 2, LONG: 4, INT24: 4, LONGLONG: 8, FLOAT: 4, DOUBLE: 8}

# How values are read for which there is more than one honest answer.
ZeroDates = Literal["null", "text", "error"]
TinyInt1 = Literal["boolean", "integer"]
Times = Literal["duration", "time"]


@dataclass(frozen=True)
class Field:
    """One column as the server describes it; `length` is in bytes, or in bits."""

    name: str
    type: int
    flags: int = 0
    length: int = 0
    scale: int = 0
    charset: int = 0

    @property
    def is_unsigned(self) -> bool:
        """Whether a number cannot be negative."""
        return bool(self.flags & _UNSIGNED)

    @property
    def is_nullable(self) -> bool:
        """Whether a value may be missing."""
        return not self.flags & _NOT_NULL

    @property
    def is_binary(self) -> bool:
        """Whether a string is bytes and not text."""
        return self.charset == _BINARY_CHARSET and self.type != JSON


@dataclass(frozen=True)
class Reading:
    """What a person chose where MySQL leaves a choice."""

    zero_dates: ZeroDates = "null"
    tinyint1: TinyInt1 = "boolean"
    times: Times = "duration"


@dataclass(frozen=True)
class Column:
    """One column as it is read."""

    field: Field
    dtype: "pl.DataType"

    @property
    def name(self) -> str:
        """Return the column's name."""
        return self.field.name


def columns_of(fields: Iterable[Field], reading: Reading) -> list[Column]:
    """Return how these columns are read."""
    return [Column(field, dtype_of(field, reading)) for field in fields]


def dtype_of(field: Field, reading: Reading) -> "pl.DataType":
    """Return the Polars type that holds every value of a column."""
    import polars as pl

    chosen = _chosen(field, reading)
    if chosen is not None:
        return chosen
    if field.type == DECIMAL:
        precision, scale = digits_of(field)
        return pl.Decimal(precision, scale) if precision <= 38 else pl.String()
    plain = (_unsigned() if field.is_unsigned else {}).get(field.type) or _plain().get(field.type)
    if plain is not None:
        return plain
    return pl.Binary() if field.is_binary else pl.String()


def _chosen(field: Field, reading: Reading) -> "pl.DataType | None":
    """Return the type of a column for which there is a choice, None for the others."""
    import polars as pl

    if field.type == TINY and field.length == 1 and not field.is_unsigned:
        return pl.Boolean() if reading.tinyint1 == "boolean" else pl.Int8()
    if field.type in DATES and reading.zero_dates == "text":
        return pl.String()
    if field.type == TIME and reading.times == "time":
        return pl.Time()
    if field.type == BIT:
        return pl.Boolean() if field.length == 1 else pl.UInt64()
    return None


def digits_of(field: Field) -> tuple[int, int]:
    """Return precision and scale of a decimal, which the server tells as a width of text."""
    signs = (field.scale > 0) + (not field.is_unsigned)
    return max(field.length - signs, field.scale, 1), field.scale


def _plain() -> Mapping[int, "pl.DataType"]:
    import polars as pl

    return {
        TINY: pl.Int8(),
        SHORT: pl.Int16(),
        YEAR: pl.Int16(),
        INT24: pl.Int32(),
        LONG: pl.Int32(),
        LONGLONG: pl.Int64(),
        FLOAT: pl.Float32(),
        DOUBLE: pl.Float64(),
        NULL: pl.String(),
        DATE: pl.Date(),
        DATETIME: pl.Datetime("us"),
        TIMESTAMP: pl.Datetime("us", "UTC"),
        TIME: pl.Duration("us"),
        VECTOR: pl.Binary(),
        GEOMETRY: pl.Binary(),
    }


def _unsigned() -> Mapping[int, "pl.DataType"]:
    import polars as pl

    return {
        TINY: pl.UInt8(),
        SHORT: pl.UInt16(),
        YEAR: pl.Int16(),
        INT24: pl.UInt32(),
        LONG: pl.UInt32(),
        LONGLONG: pl.UInt64(),
    }
