"""SQLite."""

import polars as pl

from tests.types.cases import Case

CASES = [
    Case("INTEGER", "-9223372036854775808", pl.Int64(), -(2**63)),
    Case("BIGINT", "9007199254740993", pl.Int64(), 2**53 + 1),
    Case("REAL", "0.1", pl.Float64(), 0.1),
    Case("REAL", "-9e999", pl.Float64(), float("-inf")),
    Case("REAL", "5e-324", pl.Float64(), 5e-324),
    Case("NUMERIC", "1.5", pl.Float64(), 1.5),
    Case("NUMERIC", "12", pl.Int64(), 12),
    Case("DECIMAL_TEXT(38,2)", "'" + "9" * 36 + ".99'", pl.Decimal(38, 2), "9" * 36 + ".99"),
    Case("UNSIGNED64_TEXT", "'18446744073709551615'", pl.UInt64(), 2**64 - 1),
    Case("SIGNED128_TEXT", f"'{-(2**127)}'", pl.Int128(), -(2**127)),
    Case("BOOLEAN", "1", pl.Boolean(), True),
    Case("BOOLEAN", "2", pl.Int64(), 2),
    Case("TEXT", "''", pl.String(), ""),
    Case("TEXT", "'h\u00e9 \U0001f600' || char(10)", pl.String(), "hé 😀\n"),
    Case("TEXT", "'a' || char(0) || 'b'", pl.String(), "a\0b"),
    Case("TEXT", "printf('%.*c', 1000000, 'x')", pl.String(), "x" * 1_000_000),
    Case("CHAR(5)", "'ab  '", pl.String(), "ab  "),
    Case("BLOB", "x'00ff'", pl.Binary(), b"\x00\xff"),
    Case("BLOB", "x''", pl.Binary(), b""),
    Case("DATE", "'0001-01-01'", pl.Date(), "0001-01-01"),
    Case("DATE", "'2024-02-30'", pl.String(), "2024-02-30"),
    Case("TIME", "'23:59:59.999999999'", pl.Time(), "23:59:59.999999999"),
    Case("DATETIME", "'9999-12-31 23:59:59.999999'", pl.Datetime("us"), "9999-12-31 23:59:59.999999"),
    Case("TIMESTAMP_NS", "'2026-01-01 01:02:03.123456789'", pl.Datetime("ns"), "2026-01-01 01:02:03.123456789"),
    Case("TIMESTAMP WITH TIME ZONE", "'2026-01-01 01:02:03.123456+00:00'", pl.Datetime("us", "UTC"), "2026-01-01 01:02:03.123456"),
    Case("INTERVAL_NS", "-1", pl.Duration("ns"), -1),
    Case("JSON", "'{\"a\": 1.50}'", pl.String(), '{"a": 1.50}'),
]  # fmt: skip
