"""Every type of Polars in MySQL: what is written is read back, or refused by name."""

import datetime as dt
import struct
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError
from connectors.tests.loads import System

POINT = b"\1\1\0\0\0" + struct.pack("<dd", 1.5, 2)
WRITTEN = pl.DataFrame(
    {
        "flag": [True, False, None],
        "i8": pl.Series([-128, 127, None], dtype=pl.Int8),
        "u8": pl.Series([0, 255, None], dtype=pl.UInt8),
        "i16": pl.Series([-32768, 32767, None], dtype=pl.Int16),
        "u16": pl.Series([0, 65535, None], dtype=pl.UInt16),
        "i32": pl.Series([-(2**31), 2**31 - 1, None], dtype=pl.Int32),
        "u32": pl.Series([0, 2**32 - 1, None], dtype=pl.UInt32),
        "i64": pl.Series([-(2**63), 2**63 - 1, None], dtype=pl.Int64),
        "u64": pl.Series([0, 2**64 - 1, None], dtype=pl.UInt64),
        "f32": pl.Series([1.1, -1.17549435e-38, None], dtype=pl.Float32),
        "f64": [1.1, 2.2250738585072014e-308, None],
        "money": pl.Series(["-9" * 1 + "9" * 35 + ".99", "0.01", None]).cast(pl.Decimal(38, 2)),
        "text": ["", "NULL", None],
        "odd": ['"', "a,b\n'c'\\n\r\n\t\0\x1a", "é 😀 \\"],
        "padded": [" a ", "a  ", "  "],
        "digits": ["1", "1.50", "1e5"],
        "bytes": [b"", b"\0\xff'\"\\\n", None],
        "day": [dt.date(1, 1, 1), dt.date(9999, 12, 31), None],
        "at": [
            dt.datetime(1, 1, 1, 0, 0, 0, 1),
            dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
            None,
        ],
        "instant": pl.Series(
            [dt.datetime(1970, 1, 1, 0, 0, 1), dt.datetime(2038, 1, 19, 3, 14, 7, 999999), None]
        ).dt.replace_time_zone("UTC"),
        "span": [
            -dt.timedelta(hours=838, minutes=59, seconds=59),
            dt.timedelta(microseconds=1),
            None,
        ],
    }
)


def test_what_is_written_is_read_back_exactly(system):
    system.load(WRITTEN, table="t", mode="replace")
    system.load(WRITTEN, table="t", mode="append")
    assert_frame_equal(system.read(table="t"), pl.concat([WRITTEN, WRITTEN]))


def test_what_mysql_calls_otherwise_keeps_its_values(system, sql):
    rows = pl.DataFrame(
        {
            "big": pl.Series([-(2**127), 2**127 - 1, None], dtype=pl.Int128),
            "kind": pl.Series(["a", "b", None], dtype=pl.Categorical),
            "none": pl.Series([None, None, None], dtype=pl.Null),
            "time": [dt.time(23, 59, 59, 999999), dt.time(0), None],
            "list": [[1, None], [], None],
            "struct": [{"a": 'x"y', "b": [1.5]}, {"a": None, "b": None}, None],
            "milli": pl.Series(
                [dt.datetime(2024, 1, 1, 0, 0, 0, 5000)] * 3, dtype=pl.Datetime("ms")
            ),
        }
    )
    system.load(rows, table="t", mode="replace")
    found = system.read(table="t")
    assert found["big"].to_list() == [str(-(2**127)), str(2**127 - 1), None]
    assert found["kind"].to_list() == ["a", "b", None]
    assert found["none"].null_count() == 3
    assert found["time"].to_list() == [dt.timedelta(days=1, microseconds=-1), dt.timedelta(0), None]
    assert found["list"].to_list() == ["[1,null]", "[]", None]
    assert found["struct"][0] == '{"a":"x\\"y","b":[1.5]}'
    assert found["milli"].to_list() == [dt.datetime(2024, 1, 1, 0, 0, 0, 5000)] * 3


LATE = pl.Series("c", [dt.datetime(9999, 12, 31)]).dt.replace_time_zone("UTC")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pl.Series("c", [1.0, float("nan")]), "NaN or infinity"),
        (pl.Series("c", [float("-inf")]), "NaN or infinity"),
        (pl.Series("c", [[float("inf")]]), "nests NaN"),
        (pl.Series("c", [dt.timedelta(hours=839)]), "TIME"),
        (LATE, "instants"),
        (pl.Series("c", [3_000_000]).cast(pl.Date), "DATE"),
        (pl.Series("c", [1], dtype=pl.Int64).cast(pl.Datetime("ns")), "9 digits of a second"),
        (pl.Series("c", [1], dtype=pl.Int64).cast(pl.Time), "9 digits of a second"),
        (pl.Series("c", [{"a": dt.date(2024, 1, 1)}]), "nests Date"),
    ],
)
def test_a_value_that_mysql_cannot_hold_is_refused_by_name(system: System, sql, column, said):
    with pytest.raises(DataError, match=rf"'c'.*{said}"):
        system.load(column.to_frame(), table="t", mode="replace")
    assert sql("SHOW TABLES LIKE 't'") == []


def test_instants_beyond_a_timestamp_are_held_in_utc_where_a_person_says_so(system):
    system.load(LATE.to_frame(), table="t", mode="replace", instants="datetime")
    system.load(LATE.to_frame(), table="t", mode="append", instants="datetime")
    assert system.read(table="t")["c"].to_list() == [dt.datetime(9999, 12, 31)] * 2


# The type of a column that is there, and a value that it would change.
CHANGING = [
    ("char(5)", "a "),
    ("binary(4)", b"ab"),
    ("year", 24),
    ("datetime(0)", dt.datetime(2024, 1, 1, 0, 0, 0, 1)),
    ("time(3)", dt.timedelta(microseconds=1)),
    ("varchar(3)", "four"),
    ("varchar(9) character set latin1", "😀"),
    ("enum('a')", "b"),
    ("json", "{"),
]


@pytest.mark.parametrize(("kind", "value"), CHANGING)
def test_a_column_that_would_change_a_value_refuses_it(system, sql, kind, value):
    sql(f"CREATE TABLE t (id int, c {kind})")
    rows = pl.DataFrame({"id": pl.Series([1], dtype=pl.Int32), "c": [value]})
    rows = rows.cast({"c": pl.Int16}) if isinstance(value, int) else rows
    with pytest.raises(DataError):
        system.load(rows, table="t", mode="append")
    assert sql("SELECT count(*) FROM t") == [[0]]


@pytest.mark.parametrize("kind", ["float", "int", "decimal(10,1)", "datetime", "float(7,3)"])
def test_a_column_of_another_type_is_refused_before_a_row_moves(system, sql, kind):
    sql(f"CREATE TABLE t (c {kind})")
    with pytest.raises(ConfigError, match="'c'"):
        system.load(pl.DataFrame({"c": [Decimal("1.25")]}), table="t", mode="append")


def test_a_shape_is_written_as_it_was_read(system, sql):
    sql("CREATE TABLE t (g geometry)")
    system.load(pl.DataFrame({"g": [POINT, None]}), table="t", mode="append")
    assert system.read(table="t")["g"].to_list() == [POINT, None]
    assert sql("SELECT ST_AsText(g) FROM t")[0] == ["POINT(1.5 2)"]


@pytest.mark.slow
def test_a_row_is_as_long_as_the_server_takes_and_one_beyond_is_refused(system, sql):
    [[longest]] = sql("SELECT @@max_allowed_packet")
    wide = pl.DataFrame({"id": range(20), "text": ["x" * 1_000_000] * 20})
    system.load(wide, table="t", mode="replace")
    most = pl.DataFrame({"id": [20], "text": ["x" * (longest - 1_000)]})
    system.load(most, table="t", mode="append")
    assert system.read(table="t")["text"].str.len_bytes().sum() == 20_000_000 + longest - 1_000
    beyond = pl.DataFrame({"id": [21], "text": ["x" * longest]})
    with pytest.raises(DataError, match="max_allowed_packet"):
        system.load(beyond, table="t", mode="append")
