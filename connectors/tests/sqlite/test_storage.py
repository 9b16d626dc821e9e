"""Values that SQLite stores whatever the column's declared type says."""

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import DataError
from connectors.tests.sqlite.database import PEOPLE, run_sql

MIXED = [
    ("", "1, 2.5", pl.Float64(), [1.0, 2.5]),
    ("", "9007199254740993, 0.1", pl.String(), ["9007199254740993", "0.1"]),
    ("", "1, 'a', 0.1, NULL", pl.String(), ["1", "a", "0.1", None]),
    ("", "x'FF', 'é', 1", pl.Binary(), [b"\xff", "é".encode(), b"1"]),
    ("", "NULL", pl.Null(), [None]),
    ("INTEGER", "1, 'one'", pl.String(), ["1", "one"]),
    ("INTEGER", "NULL", pl.Int64(), [None]),
    ("REAL", "1, 9007199254740992", pl.Float64(), [1.0, 9007199254740992.0]),
    ("DECIMAL(10,2)", "1, 2", pl.Float64(), [1.0, 2.0]),
    ("DECIMAL(10,2)", "9007199254740993, 2", pl.Int64(), [9007199254740993, 2]),
    ("NUMERIC", "1, 2", pl.Int64(), [1, 2]),
    ("VARCHAR(2)", "'long text', 5", pl.String(), ["long text", "5"]),
    ("BOOLEAN", "0, 1, NULL", pl.Boolean(), [False, True, None]),
    ("BOOLEAN", "0, 2", pl.Int64(), [0, 2]),
    ("DATE", "'2024-02-29', NULL", pl.Date(), [dt.date(2024, 2, 29), None]),
    ("DATE", "'2023-02-29'", pl.String(), ["2023-02-29"]),
    ("DATE", "'2024-02-29 10:00'", pl.String(), ["2024-02-29 10:00"]),
    ("DATE", "20240229", pl.Int64(), [20240229]),
    ("DATETIME", "'2026-01-02 03:04:05'", pl.Datetime("us"), [dt.datetime(2026, 1, 2, 3, 4, 5)]),
    ("TIMESTAMP", "'2026-01-02 03:04:05.5'", pl.Datetime("us"), [dt.datetime(2026, 1, 2, 3, 4, 5, 500000)]),
    ("TIMESTAMP", "'2026-01-02 03:04:05.1234567'", pl.String(), ["2026-01-02 03:04:05.1234567"]),
    ("TIMESTAMP", "'2026-01-02 25:04:05'", pl.String(), ["2026-01-02 25:04:05"]),
    ("TIMESTAMP", "'2026-01-02T03:04:05Z'", pl.String(), ["2026-01-02T03:04:05Z"]),
    ("TIMESTAMP", "'2026-01-02 03:04:05.'", pl.String(), ["2026-01-02 03:04:05."]),
    ("TIMESTAMPTZ", "'2026-01-02 03:04:05+00:00'", pl.Datetime("us", "UTC"), [dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)]),
    ("TIMESTAMPTZ", "'2026-01-02 03:04:05+01:00'", pl.String(), ["2026-01-02 03:04:05+01:00"]),
    ("TIME", "'24:00:00'", pl.String(), ["24:00:00"]),
    ("DECIMAL_TEXT(5,2)", "'1.5'", pl.String(), ["1.5"]),
    ("DECIMAL_TEXT(5,2)", "'a.10'", pl.String(), ["a.10"]),
    ("UNSIGNED64_TEXT", "'many'", pl.String(), ["many"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "dtype", "expected"), MIXED)
def test_the_values_decide_where_a_declared_type_does_not_hold(
    system, kind, values, dtype, expected
):
    rows = values.replace(", ", "), (")
    run_sql(system, f"CREATE TABLE t (x {kind})", f"INSERT INTO t VALUES ({rows})")
    frame = system.read(table="t")
    assert frame.schema == {"x": dtype}
    assert frame["x"].to_list() == expected
    assert system.read(query="SELECT x FROM t").equals(frame, null_equal=True)


def test_a_value_that_appears_after_the_columns_were_looked_at_is_not_seen(system):
    system.load(PEOPLE, table="t")
    run_sql(system, "PRAGMA journal_mode = WAL")
    with system.opened() as connector:
        found = connector.scan(connector.ReadOptions(table="t"))
        run_sql(system, "INSERT INTO t VALUES ('not a number', x'FF')")
        assert_frame_equal(found.frame.collect(), PEOPLE)
        assert found.rows == 3
    assert system.read(table="t").schema == {"id": pl.String(), "name": pl.Binary()}


def test_text_that_is_not_utf8_is_an_error_of_the_data(system):
    run_sql(system, "CREATE TABLE t (x TEXT)", "INSERT INTO t VALUES (CAST(x'FF' AS TEXT))")
    with pytest.raises(DataError, match="CAST"):
        system.read(table="t")
    assert system.read(query="SELECT CAST(x AS BLOB) AS x FROM t")["x"].to_list() == [b"\xff"]


def test_databases_in_utf16_are_read(system):
    run_sql(
        system, "PRAGMA encoding = 'UTF-16le'", "CREATE TABLE t (x)", "INSERT INTO t VALUES ('🚀')"
    )
    assert system.read(table="t")["x"].to_list() == ["🚀"]
