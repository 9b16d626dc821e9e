"""MySQL and MariaDB."""

import polars as pl

from connectors.tests.mysql.test_types import READ
from tests.types.cases import Case

MORE = [
    ("double", "0.1", pl.Float64(), 0.1),
    ("float", "0.1", pl.Float32(), 0.1),
    ("bigint", "9007199254740993", pl.Int64(), 2**53 + 1),
    ("decimal(38,38)", "0." + "1" * 38, pl.Decimal(38, 38), "0." + "1" * 38),
    ("date", "'0000-00-00'", pl.Date(), None),
    ("date", "'0000-01-01'", pl.Date(), "0000-01-01"),
    ("datetime", "'0000-00-00 00:00:00'", pl.Datetime("us"), None),
    ("datetime(6)", "'0001-01-01 00:00:00.000001'", pl.Datetime("us"), "0001-01-01 00:00:00.000001"),
    ("timestamp(6) null", "'1970-01-01 00:00:01'", pl.Datetime("us", "UTC"), "1970-01-01 00:00:01"),
    ("time(6)", "'23:59:59.999999'", pl.Duration("us"), "23:59:59.999999"),
    ("longtext", "repeat('x', 1000000)", pl.String(), "x" * 1_000_000),
    ("text", "'NULL'", pl.String(), "NULL"),
    ("text", "' a\\tb\\r\\n\"q\"'", pl.String(), ' a\tb\r\n"q"'),
    ("tinyint(1)", "7", None),
]  # fmt: skip
CASES = [Case(*row) for row in (*READ, *MORE)]
