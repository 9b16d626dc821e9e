"""What SQL connectors share: names, markers, the columns of a target."""

import sqlite3
from contextlib import closing

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Marker
from connectors.configuration import validate
from connectors.errors import ConfigError, LeaseLost
from connectors.sql import MarkerTable, TableName, check_columns, check_names, parse_table, quoted
from connectors.sql.columns import fits
from connectors.sql.options import TableReadOptions, TableWriteOptions

PIECES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1)


@given(table=PIECES, schema=st.none() | PIECES)
def test_any_name_is_read_back_from_its_text(table, schema):
    name = TableName(table, schema)
    assert parse_table(str(name)) == name


@given(name=PIECES)
def test_a_quoted_name_is_one_identifier(name):
    with closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.execute(f"SELECT 1 AS {quoted(name)}")
        assert cursor.description[0][0] == name


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".b", "a.b.c", 'a"b', '"a', 'a."b"c', "a\0b", '""']
)
def test_what_is_not_a_name_is_refused(text):
    with pytest.raises(ConfigError, match="is not the name of a table"):
        parse_table(text)


def test_a_schema_may_stand_in_a_field_of_its_own_but_not_differ():
    assert parse_table("t", "s") == parse_table("s.t", "s") == TableName("t", "s")
    with pytest.raises(ConfigError, match="names another schema"):
        parse_table("s.t", "other")


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_an_empty_name_cannot_be_quoted(name):
    with pytest.raises(ConfigError, match="is not a name"):
        quoted(name)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "either `table` or `query`"),
        ({"table": "t", "query": "SELECT 1"}, "either `table` or `query`"),
        ({"query": "  "}, "`query` is empty"),
        ({"table": "a.b.c"}, "is not the name of a table"),
    ],
)
def test_read_options_name_one_origin(values, message):
    with pytest.raises(ConfigError, match=message):
        validate(TableReadOptions, values)


def test_options_know_the_spellings_of_every_contract():
    written = validate(TableWriteOptions, {"table_name": "t", "schema": "s", "if_exists": "fail"})
    assert (written.name(), written.mode.value) == (TableName("t", "s"), "error")
    assert validate(TableReadOptions, {"table_name": "s.t"}).name() == TableName("t", "s")


@pytest.fixture
def markers():
    with closing(sqlite3.connect(":memory:")) as connection:
        table = MarkerTable(lambda sql, values: connection.execute(sql, values).fetchall())
        for _ in range(2):
            table.create()
        yield table


def test_a_marker_is_stored_once_per_target_and_stream(markers):
    first = Marker("r1", "job/1", 1, {"read": {"cursor": "é"}}, 10)
    second = Marker("r2", "job/1", 2, None, 20)
    other = Marker("r3", "job/2", 3, {}, 30)
    for marker in (first, second, other):
        markers.put("db#t", marker)
    assert markers.get("db#t", "job/1") == second
    assert markers.get("db#t", "job/2") == other
    assert markers.get("db#u", "job/1") is None


def test_a_run_that_has_committed_is_told_so_even_when_it_is_late(markers):
    marker = Marker("r1", "job/1", 1, {"n": 1}, 10)
    assert markers.admit("t", marker) is None
    markers.put("t", marker)
    markers.put("t", Marker("r2", "job/2", 9))
    assert markers.admit("t", marker) == marker


def test_a_lower_fence_is_refused_whichever_stream_holds_the_higher(markers):
    markers.put("t", Marker("r2", "job/2", 9))
    with pytest.raises(LeaseLost, match="taken over"):
        markers.admit("t", Marker("r3", "job/1", 8))
    assert markers.admit("t", Marker("r3", "job/1", 9)) is None
    assert markers.admit("u", Marker("r3", "job/1", 1)) is None


@pytest.mark.parametrize(
    ("given", "held", "expected"),
    [
        (pl.Int64(), pl.Int64(), True),
        (pl.Int32(), pl.Int64(), True),
        (pl.Int64(), pl.Int32(), False),
        (pl.UInt64(), pl.Int64(), False),
        (pl.UInt64(), pl.Int128(), True),
        (pl.Int64(), pl.Float64(), False),
        (pl.UInt64(), pl.Decimal(20, 0), True),
        (pl.UInt64(), pl.Decimal(20, 1), False),
        (pl.Float32(), pl.Float64(), True),
        (pl.Float64(), pl.Float32(), False),
        (pl.Decimal(10, 2), pl.Decimal(12, 3), True),
        (pl.Decimal(10, 2), pl.Decimal(10, 3), False),
        (pl.Decimal(10, 2), pl.Float64(), False),
        (pl.Datetime("ms"), pl.Datetime("us"), True),
        (pl.Datetime("ns"), pl.Datetime("us"), False),
        (pl.Datetime("us"), pl.Datetime("us", "UTC"), False),
        (pl.Datetime("us", "Europe/Berlin"), pl.Datetime("us", "UTC"), True),
        (pl.Enum(["a"]), pl.String(), True),
        (pl.String(), pl.Enum(["a"]), False),
        (pl.String(), pl.Int64(), False),
        (pl.Null(), pl.Binary(), True),
        (pl.Date(), pl.Datetime("us"), False),
    ],
)
def test_a_type_fits_where_every_value_stays_what_it_is(given, held, expected):
    assert fits(given, held) is expected


def test_columns_are_found_without_regard_to_case_only_where_the_system_does_so():
    given, held = {"ID": pl.Int64()}, {"id": pl.Int64(), "note": pl.String()}
    check_columns(given, held, is_case_sensitive=False)
    with pytest.raises(ConfigError, match="t has no column 'ID'; it has: id, note"):
        check_columns(given, held, table="t")
    with pytest.raises(ConfigError, match="needs a value in column 'note'"):
        check_columns(given, held, required=["note"], is_case_sensitive=False)


@pytest.mark.parametrize("names", [[], [""], ["a", "A"], ["a\0"]])
def test_columns_that_a_table_cannot_have_are_refused(names):
    with pytest.raises(ConfigError):
        check_names(names, is_case_sensitive=False)
    if names == ["a", "A"]:
        check_names(names)
