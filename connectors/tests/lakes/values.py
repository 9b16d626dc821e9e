"""Rows that are hard to keep, for both table formats."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

BERLIN = ZoneInfo("Europe/Berlin")
BIG = Decimal("9" * 38)
LOW = Decimal("-" + "9" * 38)

HARD = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "tiny": pl.Series([-128, 127, None], dtype=pl.Int8),
        "byte": pl.Series([0, 255, None], dtype=pl.UInt8),
        "word": pl.Series([0, 2**32 - 1, None], dtype=pl.UInt32),
        "huge": pl.Series([0, 2**64 - 1, None], dtype=pl.UInt64),
        "wide": pl.Series([LOW, BIG, None], dtype=pl.Decimal(38, 0)),
        "price": pl.Series([Decimal("-0.01"), Decimal("1.10"), None], dtype=pl.Decimal(10, 2)),
        "float": [float("nan"), float("-inf"), None],
        "single": pl.Series([0.1, float("inf"), None], dtype=pl.Float32),
        "text": ["", "a\0b 🚀\n", None],
        "kind": pl.Series(["a", "b", None], dtype=pl.Enum(["a", "b"])),
        "bytes": [b"", b"\x00\xff", None],
        "flag": [True, False, None],
        "day": [dt.date(1, 1, 1), dt.date(9999, 12, 31), None],
        "at": [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999), None],
        "instant": [
            dt.datetime(2026, 7, 1, 12, 0, 0, 1, BERLIN),
            dt.datetime(1883, 1, 1, tzinfo=BERLIN),
            None,
        ],
        "exact": pl.Series([1_000, 2_000, None], dtype=pl.Datetime("ns")),
        "list": [[1, None], [], None],
        "struct": [{"a": 1, "b": "x"}, {"a": None, "b": None}, None],
        "nothing": pl.Series([None, None, None], dtype=pl.Null),
    }
)

# What columns come back as, where the format has not the type that they had.
HELD = {
    "word": pl.Int64(),
    "huge": pl.Decimal(20, 0),
    "kind": pl.String(),
    "instant": pl.Datetime("us", "UTC"),
    "exact": pl.Datetime("us"),
    "nothing": pl.String(),
}
