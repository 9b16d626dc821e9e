"""CSV, without a word about its types; values are what stands between two commas."""

import polars as pl

from tests.types.cases import Case

CASES = [
    Case("field", "-9223372036854775808", pl.Int64(), -(2**63)),
    Case("field", "18446744073709551615", pl.Decimal(38, 0), 2**64 - 1),
    Case("field", "0.1", pl.Float64(), 0.1),
    Case("field", "12345678901234567890.123", pl.String(), "12345678901234567890.123"),
    Case("field", "007", pl.String(), "007"),
    Case("field", "true", pl.Boolean(), True),
    Case("field", "abc", pl.String(), "abc"),
    Case("field", '""', pl.String(), ""),
    Case("field", '"a,""b""\n😀"', pl.String(), 'a,"b"\n😀'),
    Case("field", "2024-02-29", pl.String(), "2024-02-29"),
    Case("field", "NaN", pl.String(), "NaN"),
    Case("field", "x" * 1_000_000, pl.String(), "x" * 1_000_000),
]
