"""PostgreSQL."""

import polars as pl

from connectors.tests.postgres.test_types import MAKE_TYPES, READ, REFUSED
from tests.types.cases import Case

US, UTC = pl.Datetime("us"), pl.Datetime("us", "UTC")
MAKE = MAKE_TYPES
MORE = [
    ("numeric(60,10)", "'-" + "9" * 50 + ".0123456789'", pl.String(), "-" + "9" * 50 + ".0123456789"),
    ("numeric(38,38)", "0." + "1" * 38, pl.Decimal(38, 38), "0." + "1" * 38),
    ("real", "'NaN'", pl.Float32(), float("nan")),
    ("real", "1e-45", pl.Float32(), 1e-45),
    ("double precision", "'NaN'", pl.Float64(), float("nan")),
    ("double precision", "'-0'", pl.Float64(), -0.0),
    ("double precision", "0.1", pl.Float64(), 0.1),
    ("bigint", "9007199254740993", pl.Int64(), 2**53 + 1),
    ("text", "repeat('x', 1000000)", pl.String(), "x" * 1_000_000),
    ("text", "'NULL'", pl.String(), "NULL"),
    ("text", "E' a\\tb\\r\\n\"q\"'", pl.String(), ' a\tb\r\n"q"'),
    ("text", "'1.50'", pl.String(), "1.50"),
    ("bytea", "''", pl.Binary(), b""),
    ("date", "'0001-01-01'", pl.Date(), "0001-01-01"),
    ("date", "'12345-06-07'", pl.Date(), "12345-06-07"),
    ("time", "'00:00:00'", pl.Time(), "00:00:00"),
    ("timestamp", "'9999-12-31 23:59:59.999999'", US, "9999-12-31 23:59:59.999999"),
    ("timestamptz", "'0001-01-01 00:00:00+00'", UTC, "0001-01-01 00:00:00"),
    ("timestamptz", "'1883-11-18 12:03:57.000001+00'", UTC, "1883-11-18 12:03:57.000001"),
    ("interval", "'-1 years +2 mons -3 days 25:00:00'", pl.String(), "-10 mons -3 days +25:00:00"),
    ("boolean[]", "'{t,NULL,f}'", pl.List(pl.Boolean()), [True, None, False]),
    ("double precision[]", "'{NaN,-Infinity,1.5}'", pl.List(pl.Float64()), [float("nan"), float("-inf"), 1.5]),
    ("date[]", "'{0001-01-01,NULL}'", pl.List(pl.Date()), ["0001-01-01", None]),
    ("json", "'null'", pl.String(), "null"),
]  # fmt: skip
BC = [
    (kind, text, dtype, "0000-01-01" if "BC" in text else value)
    for kind, text, dtype, value in READ
]
CASES = [Case(*row) for row in (*BC, *MORE)]
CASES += [Case(kind, value, None) for kind, value in REFUSED]
