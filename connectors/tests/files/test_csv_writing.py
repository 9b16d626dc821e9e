"""Writing CSV: every value comes back, or is refused before a row moves."""

import datetime as dt
import gzip
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from connectors.library.csv import CsvWriteOptions

VALUES = {
    "text": (
        pl.Series(["x", "", None, 'q"q', "a,b", "n\nl", "c\rr", "\0", "😀", " s ", "007"]),
        "text",
    ),
    "int64": (pl.Series([-(2**63), 2**63 - 1, None]), "integer"),
    "uint64": (pl.Series([2**64 - 1, None], dtype=pl.UInt64), "uint64"),
    "float64": (pl.Series([0.1, 1 / 3, 5e-324, 1e300, -0.0, 123456789.0, None]), "float"),
    "odd floats": (pl.Series([float("inf"), float("-inf"), float("nan"), None]), "float"),
    "float32": (pl.Series([0.1, 1 / 3, 3.4e38], dtype=pl.Float32), "float32"),
    "decimal": (
        pl.Series([Decimal("9" * 35 + ".123"), Decimal("-0.001"), None], dtype=pl.Decimal(38, 3)),
        "decimal(38,3)",
    ),
    "boolean": (pl.Series([True, False, None]), "boolean"),
    "date": (pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]), "date"),
    "time": (pl.Series([1, 86399999999999, None]).cast(pl.Time), "time"),
    "datetime": (
        pl.Series([dt.datetime(1, 1, 1), dt.datetime(2026, 1, 1, 1, 1, 1, 1)]),
        "datetime",
    ),
    "nanoseconds": (pl.Series([1, -1, None]).cast(pl.Datetime("ns")), "datetime[ns]"),
    "zone": (
        pl.Series([1577934245678901, None]).cast(pl.Datetime("us", "Europe/Berlin")),
        "datetime[us, Europe/Berlin]",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_come_back_exactly(csv, name):
    values, type = VALUES[name]
    frame = pl.DataFrame({"x": values, "y": range(len(values))})
    csv("t.csv").load(frame)
    assert_frame_equal(csv("t.csv").read(types={"x": type}), frame)
    csv("one.csv").load(frame.select("x"))
    assert_frame_equal(csv("one.csv").read(types={"x": type}), frame.select("x"))


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)),
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
            st.one_of(st.none(), st.floats()),
        ),
        max_size=8,
    )
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None
)
def test_any_rows_come_back(csv, rows):
    schema = {"text": pl.String, "number": pl.Int64, "fraction": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    csv("any.csv").load(frame, mode="replace")
    types = {"text": "text", "number": "integer", "fraction": "float"}
    assert_frame_equal(csv("any.csv").read(types=types), frame)


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        (pl.Series([b"x"]), "encode it as text"),
        (pl.Series([[1]]), "write json or parquet"),
        (pl.Series([{"a": 1}]), "write json or parquet"),
        (pl.Series([dt.timedelta(1)]), "cast it to a number"),
    ],
)
def test_what_text_cannot_hold_is_refused_with_advice(files, csv, values, advice):
    with pytest.raises(DataError, match=f"CSV cannot hold column 'odd' .*{advice}"):
        csv("t.csv").load(pl.DataFrame({"odd": values}))
    assert not (files / "t.csv").exists()


def test_the_dialect_may_be_said(files, csv):
    frame = pl.DataFrame({"a": [1], "b": ["x;y"]})
    csv("t.csv").load(frame, delimiter=";")
    assert (files / "t.csv").read_text() == 'a;b\n1;"x;y"\n'
    csv("t.csv").load(frame, delimiter=";", mode="append", fence=2)
    assert (files / "t.csv").read_text() == 'a;b\n1;"x;y"\n1;"x;y"\n'
    csv("bare.csv").load(frame, header=False)
    csv("bare.csv").load(frame, header=False, mode="append", fence=2)
    assert (files / "bare.csv").read_text() == "1,x;y\n1,x;y\n"
    with pytest.raises(ConfigError, match="one ASCII character"):
        validate(CsvWriteOptions, {"delimiter": "ab"})


def test_old_bytes_stay_as_they_are(files, csv):
    (files / "t.csv").write_text("a,b\n1.10,007\n+5,x")
    csv("t.csv").load(pl.DataFrame({"a": ["2"], "b": ["y"]}), mode="append")
    assert (files / "t.csv").read_text() == "a,b\n1.10,007\n+5,x\n2,y\n"


def test_moments_are_written_with_digits_and_offset(files, csv):
    moment = pl.Series([1577934245678901]).cast(pl.Datetime("us", "Europe/Berlin"))
    csv("t.csv").load(pl.DataFrame({"m": moment}))
    assert (files / "t.csv").read_text() == "m\n2020-01-02T04:04:05.678901+01:00\n"


def test_no_rows_leave_a_header(files, csv):
    csv("t.csv").load(pl.DataFrame(schema={"a": pl.Int64, "b": pl.String}))
    assert (files / "t.csv").read_text() == "a,b\n"
    assert csv("t.csv").read().columns == ["a", "b"]


@pytest.mark.parametrize("name", ["t.tsv", "t.tsv.gz"])
def test_a_name_may_say_that_tabs_stand_between_fields(files, csv, name):
    rows = pl.DataFrame({"a": [1, 2], "b": ["x,y", "z"]})
    csv(name).load(rows)
    csv(name).load(rows)
    raw = (files / name).read_bytes()
    text = gzip.decompress(raw) if name.endswith("gz") else raw
    assert text == b"a\tb\n" + b"1\tx,y\n2\tz\n" * 2
    assert csv(name).read().rows() == [(1, "x,y"), (2, "z")] * 2
    csv(name).load(rows, mode="replace", delimiter=";")
    assert csv(name).read(delimiter=";").equals(rows)
