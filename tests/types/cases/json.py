"""JSON, without a word about its types."""

import polars as pl

from tests.types.cases import Case

CASES = [
    Case("number", "-9223372036854775808", pl.Int64(), -(2**63)),
    Case("number", "18446744073709551615", pl.Decimal(38, 0), 2**64 - 1),
    Case("number", "0.1", pl.Float64(), 0.1),
    Case("number", "5e-324", pl.Float64(), 5e-324),
    Case("number", "12345678901234567890.123", pl.String(), "12345678901234567890.123"),
    Case("number", "9" * 50, pl.String(), "9" * 50),
    Case("boolean", "true", pl.Boolean(), True),
    Case("string", '""', pl.String(), ""),
    Case("string", '"a\\u0000b \\ud83d\\ude00\\n"', pl.String(), "a\0b 😀\n"),
    Case("string", '"2024-02-29T01:02:03.123456789Z"', pl.String(), "2024-02-29T01:02:03.123456789Z"),
    Case("string", '"' + "x" * 1_000_000 + '"', pl.String(), "x" * 1_000_000),
    Case("array", "[1, null]", pl.List(pl.Int64()), [1, None]),
    Case("array", '[["a"], []]', pl.List(pl.List(pl.String())), [["a"], []]),
    Case("array", '[1, "a"]', pl.String(), '[1,"a"]'),
    Case("object", '{"a": 1, "b": [true]}', pl.Struct({"a": pl.Int64(), "b": pl.List(pl.Boolean())}), {"a": 1, "b": [True]}),
    Case("object", "{}", pl.String(), "{}"),
]  # fmt: skip
