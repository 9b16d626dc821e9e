"""DuckDB."""

import polars as pl

from connectors.tests.duckdb.test_types import READ
from tests.types.cases import Case

UTC = pl.Datetime("us", "UTC")
MORE = [
    ("BOOLEAN", "true", pl.Boolean(), True),
    ("BIGINT", "-9223372036854775808", pl.Int64(), -(2**63)),
    ("UTINYINT", "255", pl.UInt8(), 255),
    ("USMALLINT", "65535", pl.UInt16(), 65535),
    ("UINTEGER", "4294967295", pl.UInt32(), 2**32 - 1),
    ("UBIGINT", "18446744073709551615", pl.UInt64(), 2**64 - 1),
    ("FLOAT", "0.1", pl.Float32(), 0.1),
    ("FLOAT", "'-inf'", pl.Float32(), float("-inf")),
    ("DOUBLE", "'nan'", pl.Float64(), float("nan")),
    ("DOUBLE", "-0.0::DOUBLE", pl.Float64(), -0.0),
    ("DOUBLE", "5e-324", pl.Float64(), 5e-324),
    ("DECIMAL(38,38)", "'0." + "1" * 38 + "'", pl.Decimal(38, 38), "0." + "1" * 38),
    ("DECIMAL(38,0)", "'" + "9" * 38 + "'", pl.Decimal(38, 0), "9" * 38),
    ("VARCHAR", "''", pl.String(), ""),
    ("VARCHAR", "'h\u00e9 \U0001f600' || chr(10)", pl.String(), "hé 😀\n"),
    ("VARCHAR", "'a' || chr(0) || 'b'", pl.String(), "a\0b"),
    ("VARCHAR", "repeat('x', 1000000)", pl.String(), "x" * 1_000_000),
    ("BLOB", "''", pl.Binary(), b""),
    ("DATE", "'0001-01-01'", pl.Date(), "0001-01-01"),
    ("DATE", "'0044-03-15 (BC)'", pl.Date(), "-0043-03-15"),
    ("DATE", "'10000-01-01'", pl.Date(), "10000-01-01"),
    ("TIME_NS", "'23:59:59.999999999'", pl.Time(), "23:59:59.999999999"),
    ("TIMESTAMP", "'9999-12-31 23:59:59.999999'", pl.Datetime("us"), "9999-12-31 23:59:59.999999"),
    ("TIMESTAMP", "'0001-01-01 00:00:00.000001'", pl.Datetime("us"), "0001-01-01 00:00:00.000001"),
    ("TIMESTAMP_MS", "'2026-01-01 01:02:03.004'", pl.Datetime("ms"), "2026-01-01 01:02:03.004"),
    ("TIMESTAMP_NS", "'2026-01-01 01:02:03.123456789'", pl.Datetime("ns"), "2026-01-01 01:02:03.123456789"),
    ("TIMESTAMPTZ", "'1883-11-18 12:03:57.000001+00'", UTC, "1883-11-18 12:03:57.000001"),
    ("INTEGER[]", "[1, NULL, 3]", pl.List(pl.Int32()), [1, None, 3]),
    ("INTEGER[]", "[]", pl.List(pl.Int32()), []),
    ("VARCHAR[][]", "[['a', NULL], [], NULL]", pl.List(pl.List(pl.String())), [["a", None], [], None]),
    ("DOUBLE[]", "['nan'::DOUBLE, 1.5]", pl.List(pl.Float64()), [float("nan"), 1.5]),
    ("DATE[]", "['0001-01-01']", pl.List(pl.Date()), ["0001-01-01"]),
    ("BLOB[]", "['\\x00\\xFF'::BLOB]", pl.List(pl.Binary()), [b"\x00\xff"]),
    ("DECIMAL(20,2)[]", "[1.50]", pl.List(pl.Decimal(20, 2)), ["1.50"]),
    ("UBIGINT[]", "[18446744073709551615]", pl.List(pl.UInt64()), [2**64 - 1]),
    ("INTEGER[3]", "[1, NULL, 3]", pl.Array(pl.Int32(), 3), [1, None, 3]),
    ("STRUCT(a INTEGER, b VARCHAR[])", "{'a': NULL, 'b': ['x']}", pl.Struct({"a": pl.Int32(), "b": pl.List(pl.String())}), {"a": None, "b": ["x"]}),
    ("STRUCT(d DATE, n DECIMAL(9,2))", "{'d': '2024-02-29', 'n': 1.5}", pl.Struct({"d": pl.Date(), "n": pl.Decimal(9, 2)}), {"d": "2024-02-29", "n": "1.50"}),
    ("DATE", "'infinity'", None),
    ("TIMESTAMP", "'-infinity'", None),
    ("TIMESTAMPTZ", "'infinity'", None),
    ("TIME", "'24:00:00'", None),
]  # fmt: skip
CASES = [Case(*row) for row in (*READ, *MORE)]
