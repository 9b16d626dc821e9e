"""What both table formats hold: as other writers (deltalake, pyiceberg) write it."""

import polars as pl
import pyarrow as pa

from tests.types.cases import Case

Row = tuple[pa.DataType, object, pl.DataType, object]
SHARED: list[Row] = [
    (pa.bool_(), True, pl.Boolean(), True),
    (pa.int32(), -(2**31), pl.Int32(), -(2**31)),
    (pa.int64(), 2**53 + 1, pl.Int64(), 2**53 + 1),
    (pa.float32(), 0.1, pl.Float32(), 0.1),
    (pa.float64(), float("nan"), pl.Float64(), float("nan")),
    (pa.float64(), float("-inf"), pl.Float64(), float("-inf")),
    (pa.float64(), -0.0, pl.Float64(), -0.0),
    (pa.decimal128(38, 10), "-" + "9" * 28 + ".0123456789", pl.Decimal(38, 10), "-" + "9" * 28 + ".0123456789"),
    (pa.string(), "", pl.String(), ""),
    (pa.string(), "a\0b 😀\n", pl.String(), "a\0b 😀\n"),
    (pa.string(), "x" * 1_000_000, pl.String(), "x" * 1_000_000),
    (pa.binary(), b"\x00\xff", pl.Binary(), b"\x00\xff"),
    (pa.date32(), -719162, pl.Date(), "0001-01-01"),
    (pa.date32(), 2932896, pl.Date(), "9999-12-31"),
    (pa.timestamp("us"), -62135596800000000, pl.Datetime("us"), "0001-01-01 00:00:00"),
    (pa.timestamp("us", "UTC"), 1, pl.Datetime("us", "UTC"), "1970-01-01 00:00:00.000001"),
    (pa.list_(pa.int64()), [1, None], pl.List(pl.Int64()), [1, None]),
    (pa.list_(pa.string()), [], pl.List(pl.String()), []),
    (pa.struct([pa.field("a", pa.int64()), pa.field("b", pa.string())]), {"a": 1, "b": None}, pl.Struct({"a": pl.Int64(), "b": pl.String()}), {"a": 1, "b": None}),
    (pa.map_(pa.string(), pa.int64()), [("k", 1)], pl.Map(pl.String(), pl.Int64()), {"k": 1}),
]  # fmt: skip
ONLY_DELTA: list[Row] = [
    (pa.int8(), -128, pl.Int8(), -128),
    (pa.int16(), -32768, pl.Int16(), -32768),
]
ONLY_ICEBERG: list[Row] = [
    (pa.time64("us"), 86399999999, pl.Time(), "23:59:59.999999"),
    (pa.binary(4), b"\x00\xff\x00\x01", pl.Binary(), b"\x00\xff\x00\x01"),
]


def cases_of(rows: list[Row]) -> list[Case]:
    """Return the columns of such rows."""
    return [Case(str(kind), repr(held), dtype, value) for kind, held, dtype, value in rows]
