"""Every type of DuckDB and of Polars: exact, as its like, as text, or refused."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError
from connectors.tests.duckdb.database import PEOPLE, run_sql

UTC = dt.UTC

WRITTEN = {
    "boolean": pl.Series([True, False, None]),
    "int8": pl.Series([-128, 127, None], dtype=pl.Int8),
    "int64": pl.Series([-(2**63), 2**63 - 1, None], dtype=pl.Int64),
    "uint64": pl.Series([0, 2**64 - 1, None], dtype=pl.UInt64),
    "int128": pl.Series([-(2**127), 2**127 - 1, None], dtype=pl.Int128),
    "uint128": pl.Series([0, 2**128 - 1, None], dtype=pl.UInt128),
    "float32": pl.Series([1.1, float("-inf"), None], dtype=pl.Float32),
    "float64": pl.Series([0.1, float("nan"), float("inf"), 5e-324, -0.0, None]),
    "decimal": pl.Series(
        [Decimal(10**38 - 1), Decimal(-1), None],
        dtype=pl.Decimal(38, 0),
    ),
    "decimal_scale": pl.Series([Decimal("1.10"), Decimal("-0.01"), None], dtype=pl.Decimal(15, 2)),
    "text": pl.Series(["", "a\0b", "'; DROP TABLE t; --", "🚀 é\n", None]),
    "binary": pl.Series([b"", b"\x00\xff", None]),
    "date": pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
    "time": pl.Series([dt.time(0), dt.time(23, 59, 59, 999999), None]),
    "datetime_ms": pl.Series([dt.datetime(2026, 1, 1, 1, 1, 1, 5000)], dtype=pl.Datetime("ms")),
    "datetime_us": pl.Series([dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)]),
    "datetime_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Datetime("ns")),
    "datetime_utc": pl.Series([dt.datetime(2026, 3, 29, 1, 30, tzinfo=UTC), None]),
    "enum": pl.Series(["b", "it's", None], dtype=pl.Enum(["a", "b", "it's", ""])),
    "list": pl.Series([[1, None], [], None]),
    "array": pl.Series([[1, 2], None], dtype=pl.Array(pl.Int32, 2)),
    "struct": pl.Series(
        [{"a b": 1, 'c"d': [dt.date(2026, 1, 1)]}, None],
        dtype=pl.Struct({"a b": pl.Int64, 'c"d': pl.List(pl.Date)}),
    ),
    "nested_time": pl.Series([[123456789]]).cast(pl.List(pl.Time)),
    "nested_decimal": pl.Series([[Decimal("1.5")]], dtype=pl.List(pl.Decimal(20, 5))),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_values_come_back_exactly(system, name):
    frame = pl.DataFrame({"x": WRITTEN[name]})
    assert system.load(frame, table="t").rows == frame.height
    assert_frame_equal(system.read(table="t"), frame)
    system.load(frame, table="t")
    assert_frame_equal(system.read(table="t"), pl.concat([frame, frame]))


VALUES = {
    pl.Boolean(): st.booleans(),
    pl.Int64(): st.integers(-(2**63), 2**63 - 1),
    pl.UInt64(): st.integers(0, 2**64 - 1),
    pl.Int128(): st.integers(-(2**127), 2**127 - 1),
    pl.Float32(): st.floats(width=32),
    pl.Float64(): st.floats(),
    pl.String(): st.text(),
    pl.Binary(): st.binary(),
    pl.Date(): st.dates(),
    pl.Time(): st.times(),
    pl.Datetime("us"): st.datetimes(),
    pl.Datetime("us", "UTC"): st.datetimes(timezones=st.just(UTC)),
    pl.Decimal(38, 5): st.decimals(-(10**32), 10**32, places=5),
    pl.List(pl.Int64()): st.lists(st.none() | st.integers(-9, 9), max_size=3),
}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_values_come_back_exactly(system, data):
    columns = {
        str(dtype): pl.Series(
            data.draw(st.lists(st.none() | values, min_size=4, max_size=4)), dtype=dtype
        )
        for dtype, values in VALUES.items()
    }
    frame = pl.DataFrame(columns)
    system.load(frame, table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), frame, check_exact=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pl.Series(["a", None], dtype=pl.Categorical), pl.Series(["a", None])),
        (pl.Series([None, None]), pl.Series([None, None], dtype=pl.String)),
        (
            pl.Series([1.5], dtype=pl.Float32).cast(pl.Float16),
            pl.Series([1.5], dtype=pl.Float32),
        ),
        (
            pl.Series([dt.timedelta(days=400, microseconds=1)]),
            pl.Series(["9600:00:00.000001"]),
        ),
        (
            pl.Series([0]).cast(pl.Datetime("ms", "Europe/Berlin")),
            pl.Series([0]).cast(pl.Datetime("us", "UTC")),
        ),
    ],
    ids=["categorical", "null", "float16", "duration", "zone"],
)
def test_types_that_duckdb_lacks_arrive_as_their_like(system, given, expected):
    for _ in range(2):
        system.load(pl.DataFrame({"x": given}), table="t")
    both = pl.DataFrame({"x": pl.concat([expected, expected])})
    assert_frame_equal(system.read(table="t"), both)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pl.Series([1]).cast(pl.Time), "nanoseconds"),
        (pl.Series([1]).cast(pl.Datetime("ns", "UTC")), "nanoseconds"),
        (pl.Series([1]).cast(pl.Duration("ns")), "nanoseconds"),
    ],
    ids=["time", "datetime", "duration"],
)
def test_digits_that_duckdb_cannot_keep_are_refused(system, given, message):
    with pytest.raises(DataError, match=message):
        system.load(pl.DataFrame({"x": given}), table="t")
    assert system.discover() == {}


def test_types_without_a_like_are_refused_before_any_row(system):
    frame = pl.DataFrame({"odd": [[1]]}).cast(pl.List(pl.Duration("ns")))
    with pytest.raises(ConfigError, match="'odd'"):
        system.load(frame, table="t")


READ = [
    ("TINYINT", "-128", pl.Int8(), -128),
    ("HUGEINT", "-170141183460469231731687303715884105728", pl.Int128(), -(2**127)),
    ("UHUGEINT", "340282366920938463463374607431768211455", pl.UInt128(), 2**128 - 1),
    ("BIGNUM", "'1" + "0" * 50 + "'", pl.String(), "1" + "0" * 50),
    ("DECIMAL(38,10)", "'1.5'", pl.Decimal(38, 10), Decimal("1.5")),
    ("UUID", "'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6'", pl.String(), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    ("BIT", "'0101011'", pl.String(), "0101011"),
    ("BLOB", "'\\x00\\xFF'", pl.Binary(), b"\x00\xff"),
    ("TIME", "'23:59:59.999999'", pl.Time(), dt.time(23, 59, 59, 999999)),
    ("TIMETZ", "'10:11:12+02:30'", pl.String(), "10:11:12+02:30"),
    ("TIMESTAMP_S", "'2026-01-01 01:02:03'", pl.Datetime("ms"), dt.datetime(2026, 1, 1, 1, 2, 3)),
    ("TIMESTAMPTZ", "'2026-01-01 02:00:00+02'", pl.Datetime("us", "UTC"), dt.datetime(2026, 1, 1, tzinfo=UTC)),
    ("INTERVAL", "'1 year 2 days 3.5 seconds'", pl.String(), "1 year 2 days 00:00:03.5"),
    ("ENUM('a','b')", "'b'", pl.Enum(["a", "b"]), "b"),
    ("JSON", "'{\"a\": 1}'", pl.String(), '{"a": 1}'),
    ("HUGEINT[]", "[1::HUGEINT << 100]", pl.List(pl.String()), [str(2**100)]),
    ("STRUCT(i INTERVAL, n INTEGER)", "{'i': '1 day', 'n': 2}", pl.Struct({"i": pl.String(), "n": pl.Int32()}), {"i": "1 day", "n": 2}),
    ("MAP(VARCHAR, INTEGER)", "MAP {'k': 1}", pl.Map(pl.String(), pl.Int32()), {"k": 1}),
    ("UNION(n INTEGER, s VARCHAR)", "union_value(n := 1)", pl.String(), "1"),
    ("GEOMETRY", "'POINT (1 2)'", pl.String(), "POINT (1 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "dtype", "expected"), READ, ids=[row[0] for row in READ])
def test_types_of_duckdb_arrive_exactly_or_as_text(system, kind, value, dtype, expected):
    run_sql(system, f"CREATE TABLE t (x {kind}); INSERT INTO t VALUES ({value}), (NULL)")
    frame = system.read(table="t")
    assert frame.schema == {"x": dtype}
    assert frame["x"].to_list() == [expected, None]
    empty = system.read(query="SELECT * FROM t WHERE false")
    assert (empty.height, empty.schema) == (0, {"x": dtype})


def test_a_variant_arrives_as_text(system):
    system.load(PEOPLE, table="t")
    assert system.read(query="SELECT 42::VARIANT AS x")["x"].to_list() == ["42"]


@pytest.mark.parametrize(
    "value",
    ["'infinity'::DATE", "'-infinity'::TIMESTAMP", "'infinity'::TIMESTAMPTZ", "'24:00:00'::TIME"],
)
def test_moments_that_polars_cannot_hold_are_refused(system, value):
    run_sql(system, f"CREATE TABLE t AS SELECT {value} AS x")
    with pytest.raises(DataError, match="'x' holds infinity"):
        system.read(table="t")
