"""Every type that is written comes back exactly, as its like, or is refused."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError

FIRST, LAST = dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)

WRITTEN = {
    "boolean": pl.Series([True, False, None]),
    "int64": pl.Series([-(2**63), 2**63 - 1, None], dtype=pl.Int64),
    "uint64": pl.Series([0, 2**64 - 1, None], dtype=pl.UInt64),
    "int128": pl.Series([-(2**127), 2**127 - 1, None], dtype=pl.Int128),
    "uint128": pl.Series([0, 2**128 - 1, None], dtype=pl.UInt128),
    "float64": pl.Series([0.1, float("-inf"), float("inf"), 5e-324, 1e300, None]),
    "decimal": pl.Series([Decimal(10**38 - 1), Decimal(-1), None], dtype=pl.Decimal(38, 0)),
    "decimal_scale": pl.Series([Decimal("1.10"), Decimal("-0.01"), None], dtype=pl.Decimal(15, 2)),
    "decimal_fraction": pl.Series([Decimal("0.99"), Decimal("-0.01")], dtype=pl.Decimal(2, 2)),
    "text": pl.Series(["", "a\0b", "1.50", "007", "'; DROP TABLE t; --", "🚀 é\n", None]),
    "binary": pl.Series([b"", b"\x00\xff", None]),
    "date": pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(2024, 2, 29), None]),
    "time": pl.Series([dt.time(0), dt.time(23, 59, 59, 999999), None]),
    "time_ns": pl.Series([123456789, 0, None]).cast(pl.Time),
    "datetime_ms": pl.Series([FIRST, dt.datetime(2026, 1, 1, 1, 1, 1, 5000)], dtype=pl.Datetime("ms")),
    "datetime_us": pl.Series([FIRST, LAST, None]),
    "datetime_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Datetime("ns")),
    "datetime_utc": pl.Series([LAST.replace(tzinfo=dt.UTC), None]),
    "datetime_utc_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC")),
    "duration_ms": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Duration("ms")),
    "duration_us": pl.Series([dt.timedelta(days=-400, microseconds=1), None]),
    "duration_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Duration("ns")),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_values_come_back_exactly(system, name):
    frame = pl.DataFrame({"x": WRITTEN[name]})
    for _ in range(2):
        assert system.load(frame, table="t").rows == frame.height
    assert_frame_equal(system.read(table="t"), pl.concat([frame, frame]))
    for empty in (frame.clear(), pl.DataFrame({"x": [None, None]}, schema=frame.schema)):
        system.load(empty, table="e", mode="replace")
        assert_frame_equal(system.read(table="e"), empty)


def test_upsert_finds_keys_of_every_type(system):
    frame = pl.DataFrame(
        {name: series.drop_nulls().head(1) for name, series in WRITTEN.items()}
    ).with_columns(note=1)
    key = list(WRITTEN)
    for note in (1, 2):
        system.load(frame.with_columns(note=note), table="t", mode="upsert", key=key)
    assert system.read(table="t")["note"].to_list() == [2]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pl.Series([-128], dtype=pl.Int8), pl.Series([-128])),
        (pl.Series([2**32 - 1], dtype=pl.UInt32), pl.Series([2**32 - 1])),
        (pl.Series([1.5], dtype=pl.Float32), pl.Series([1.5])),
        (pl.Series([1.5], dtype=pl.Float32).cast(pl.Float16), pl.Series([1.5])),
        (pl.Series(["a"], dtype=pl.Categorical), pl.Series(["a"])),
        (pl.Series(["a"], dtype=pl.Enum(["a", "b"])), pl.Series(["a"])),
        (pl.Series([None]), pl.Series([None], dtype=pl.String)),
        (
            pl.Series([0]).cast(pl.Datetime("us", "Europe/Berlin")),
            pl.Series([0]).cast(pl.Datetime("us", "UTC")),
        ),
    ],
    ids=["int8", "uint32", "float32", "float16", "categorical", "enum", "null", "zone"],
)
def test_types_that_sqlite_lacks_arrive_as_their_like(system, given, expected):
    for _ in range(2):
        system.load(pl.DataFrame({"x": given}), table="t")
    assert_frame_equal(system.read(table="t"), pl.DataFrame({"x": pl.concat([expected, expected])}))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pl.Series([1.0, float("nan")]), "holds NaN"),
        (pl.Series([0.0, -0.0]), "holds -0.0"),
        (pl.Series([10**7], dtype=pl.Int32).cast(pl.Date), "year outside of 1 to 9999"),
        (pl.Series([-(10**18)]).cast(pl.Datetime("us")), "year outside of 1 to 9999"),
    ],
)
def test_values_that_sqlite_would_spoil_are_refused(system, given, message):
    with pytest.raises(DataError, match=f"'x' {message}|'x' holds a {message}"):
        system.load(pl.DataFrame({"x": given}), table="t")
    assert not (system.access.base / "a.sqlite3").exists()
    assert list(system.access.scratch.iterdir()) == []


@pytest.mark.parametrize(
    "dtype", [pl.List(pl.Int64), pl.Struct({"a": pl.Int64}), pl.Array(pl.Int8, 1)]
)
def test_types_without_a_like_are_refused_before_any_row(system, dtype):
    with pytest.raises(ConfigError, match=r"'odd' is .*JSON text"):
        system.load(pl.DataFrame(schema={"odd": dtype}), table="t")


VALUES = {
    pl.Boolean(): st.booleans(),
    pl.Int64(): st.integers(-(2**63), 2**63 - 1),
    pl.UInt64(): st.integers(0, 2**64 - 1),
    pl.Float64(): st.floats(allow_nan=False).map(lambda value: value + 0.0),
    pl.String(): st.text(),
    pl.Binary(): st.binary(),
    pl.Date(): st.dates(),
    pl.Time(): st.times(),
    pl.Datetime("us"): st.datetimes(),
    pl.Decimal(20, 5): st.decimals(-(10**14), 10**14, places=5),
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
    assert_frame_equal(system.read(table="t"), frame)
