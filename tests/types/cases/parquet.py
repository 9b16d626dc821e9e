"""Parquet, as pyarrow writes it."""

import polars as pl
import pyarrow as pa

from tests.types.cases import Case

A = "arrow"
BERLIN = pl.Datetime("ns", "Europe/Berlin")
# What pyarrow makes the column of: its type and its value.
ARROW = [
    (pa.bool_(), True, pl.Boolean(), True),
    (pa.int8(), -128, pl.Int8(), -128),
    (pa.int16(), -32768, pl.Int16(), -32768),
    (pa.int32(), -(2**31), pl.Int32(), -(2**31)),
    (pa.int64(), -(2**63), pl.Int64(), -(2**63)),
    (pa.uint8(), 255, pl.UInt8(), 255),
    (pa.uint16(), 65535, pl.UInt16(), 65535),
    (pa.uint32(), 2**32 - 1, pl.UInt32(), 2**32 - 1),
    (pa.uint64(), 2**64 - 1, pl.UInt64(), 2**64 - 1),
    (pa.float32(), 0.1, pl.Float32(), 0.1),
    (pa.float64(), float("nan"), pl.Float64(), float("nan")),
    (pa.float64(), float("inf"), pl.Float64(), float("inf")),
    (pa.float64(), -0.0, pl.Float64(), -0.0),
    (pa.float64(), 5e-324, pl.Float64(), 5e-324),
    (pa.decimal128(38, 0), "9" * 38, pl.Decimal(38, 0), "9" * 38),
    (pa.decimal128(38, 38), "0." + "1" * 38, pl.Decimal(38, 38), "0." + "1" * 38),
    (pa.decimal128(5, 2), "-1.50", pl.Decimal(5, 2), "-1.50"),
    (pa.string(), "", pl.String(), ""),
    (pa.string(), "a\0b 😀\n", pl.String(), "a\0b 😀\n"),
    (pa.large_string(), "x" * 1_000_000, pl.String(), "x" * 1_000_000),
    (pa.binary(), b"\x00\xff", pl.Binary(), b"\x00\xff"),
    (pa.binary(4), b"\x00\xff\x00\x01", pl.Binary(), b"\x00\xff\x00\x01"),
    (pa.date32(), -719162, pl.Date(), "0001-01-01"),
    (pa.date32(), 2932896, pl.Date(), "9999-12-31"),
    (pa.date32(), 3000000, pl.Date(), "10183-09-21"),
    (pa.time32("ms"), 86399999, pl.Time(), "23:59:59.999"),
    (pa.time64("us"), 86399999999, pl.Time(), "23:59:59.999999"),
    (pa.time64("ns"), 86399999999999, pl.Time(), "23:59:59.999999999"),
    (pa.timestamp("ms"), 1, pl.Datetime("ms"), "1970-01-01 00:00:00.001"),
    (pa.timestamp("us"), -62135596800000000, pl.Datetime("us"), "0001-01-01 00:00:00"),
    (pa.timestamp("ns"), 1, pl.Datetime("ns"), "1970-01-01 00:00:00.000000001"),
    (pa.timestamp("ns", "Europe/Berlin"), 1, BERLIN, "1970-01-01 00:00:00.000000001"),
    (pa.timestamp("us", "UTC"), 1, pl.Datetime("us", "UTC"), "1970-01-01 00:00:00.000001"),
    (pa.timestamp("us", "Europe/Berlin"), 1, pl.Datetime("us", "Europe/Berlin"), "1970-01-01 00:00:00.000001"),
    (pa.duration("us"), -1, pl.Duration("us"), -1),
    (pa.duration("ns"), 1, pl.Duration("ns"), 1),
    (pa.dictionary(pa.int32(), pa.string()), "b", pl.Categorical(), "b"),
    (pa.null(), None, pl.Null(), None),
    (pa.list_(pa.int64()), [1, None], pl.List(pl.Int64()), [1, None]),
    (pa.list_(pa.int64()), [], pl.List(pl.Int64()), []),
    (pa.list_(pa.list_(pa.string())), [["a", None], [], None], pl.List(pl.List(pl.String())), [["a", None], [], None]),
    (pa.list_(pa.binary()), [b"\0"], pl.List(pl.Binary()), [b"\0"]),
    (pa.list_(pa.timestamp("us")), [1], pl.List(pl.Datetime("us")), ["1970-01-01 00:00:00.000001"]),
    (pa.struct({"a": pa.int64(), "b": pa.list_(pa.string())}), {"a": 1, "b": ["x", None]}, pl.Struct({"a": pl.Int64(), "b": pl.List(pl.String())}), {"a": 1, "b": ["x", None]}),
    (pa.struct({"f": pa.float64()}), {"f": float("nan")}, pl.Struct({"f": pl.Float64()}), {"f": float("nan")}),
    (pa.map_(pa.string(), pa.int64()), [("k", 1)], pl.Map(pl.String(), pl.Int64()), {"k": 1}),
]  # fmt: skip
CASES = [Case(str(kind), repr(held), dtype, value) for kind, held, dtype, value in ARROW]
