"""Which type a column of CSV gets, and what does not fit one."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import DataError

D = Decimal
BERLIN = pl.Datetime("us", "Europe/Berlin")


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["1", "-2"], pl.Int64(), [1, -2]),
        (["007", "8"], pl.String(), ["007", "8"]),
        (["+5", "1"], pl.String(), ["+5", "1"]),
        (["-0", "1"], pl.Float64(), [-0.0, 1.0]),
        (["1.10", "2"], pl.Float64(), [1.1, 2.0]),
        (["1e3", ".5", "nan", "-inf"], pl.Float64(), [1000.0, 0.5, float("nan"), float("-inf")]),
        (["1e400"], pl.String(), ["1e400"]),
        (["0.12345678901234567890123"], pl.String(), ["0.12345678901234567890123"]),
        (["1.5", "9007199254740993"], pl.String(), ["1.5", "9007199254740993"]),
        (["9223372036854775808"], pl.Decimal(38, 0), [D("9223372036854775808")]),
        (["9" * 38, "-1"], pl.Decimal(38, 0), [D("9" * 38), D(-1)]),
        (["9" * 39], pl.String(), ["9" * 39]),
        (["true", "FALSE"], pl.Boolean(), [True, False]),
        (["true", "yes"], pl.String(), ["true", "yes"]),
        (["2020-01-01"], pl.String(), ["2020-01-01"]),
        ([" 5", "5 "], pl.String(), [" 5", "5 "]),
        (["", "", "1"], pl.Int64(), [None, None, 1]),
        (["", ""], pl.String(), [None, None]),
        (["nan"], pl.String(), ["nan"]),
    ],
)
def test_no_value_of_the_sample_changes(csv_text, values, dtype, expected):
    frame = csv_text("a,b\n" + "".join(f"{value},x\n" for value in values))
    assert frame.schema["a"] == dtype
    assert str(frame["a"].to_list()) == str(expected)


def test_dates_are_inferred_only_when_asked(csv_text):
    content = (
        "d,t,m,z,bad\n2020-01-31,10:00:00,2020-01-31T10:00:00.5,2020-01-31 10:00:00Z,2020-02-30\n"
    )
    frame = csv_text(content, parse_dates=True)
    assert list(frame.schema.values()) == [
        pl.Date(),
        pl.Time(),
        pl.Datetime("us"),
        pl.Datetime("us", "UTC"),
        pl.String(),
    ]
    assert frame["m"][0] == dt.datetime(2020, 1, 31, 10, 0, 0, 500000)


@pytest.mark.parametrize(
    ("value", "type", "dtype", "expected"),
    [
        ("007", "text", pl.String(), "007"),
        ("007", "integer", pl.Int64(), 7),
        ("18446744073709551615", "uint64", pl.UInt64(), 2**64 - 1),
        ("1.10", "decimal(10, 2)", pl.Decimal(10, 2), D("1.10")),
        ("1.1000", "decimal(10,2)", pl.Decimal(10, 2), D("1.10")),
        ("9" * 36 + ".99", "numeric(38,2)", pl.Decimal(38, 2), D("9" * 36 + ".99")),
        ("2020-01-31", "date", pl.Date(), dt.date(2020, 1, 31)),
        ("10:00", "time", pl.Time(), dt.time(10)),
        ("2020-01-31 10:00", "datetime", pl.Datetime("us"), dt.datetime(2020, 1, 31, 10)),
        ("1.5", "float32", pl.Float32(), 1.5),
    ],
)
def test_a_type_may_be_named(csv_text, value, type, dtype, expected):
    frame = csv_text(f"a,b\n{value},x\n,y\n", types={"a": type})
    assert frame.schema["a"] == dtype
    assert frame["a"].to_list() == [expected, None]


def test_a_zone_keeps_the_moment(csv_text):
    frame = csv_text("a\n2020-01-01T10:00:00+02:00\n", types={"a": "datetime[us, Europe/Berlin]"})
    assert frame.schema["a"] == BERLIN
    assert frame["a"][0].astimezone(dt.UTC) == dt.datetime(2020, 1, 1, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "type"),
    [
        ("1.105", "decimal(10,2)"),
        ("1e2", "decimal(10,2)"),
        ("x", "integer"),
        ("300", "int8"),
        ("1.5", "integer"),
        ("2020-02-30", "date"),
        ("01/02/2020", "date"),
        ("2020-01-01T10:00:00+02:00", "datetime"),
        ("2020-01-01T10:00:00", "datetime[us, UTC]"),
        ("2020-01-01 10:00:00.1234567", "datetime"),
        ("25:00", "time"),
    ],
)
def test_what_a_named_type_cannot_hold_is_an_error_with_line_and_column(csv_text, value, type):
    with pytest.raises(
        DataError, match=rf"line 4, column 'b': '{value.replace('+', '.')}' is no"
    ) as caught:
        csv_text(
            f'a,b\nx,\n"y\nz",{value}\n'.replace(f'y\nz",{value}', f'y",\nz,{value}'),
            types={"b": type},
        )
    assert "infer_rows" in caught.value.message


@pytest.mark.parametrize("late", ["foo", "1.5", "99999999999999999999"])
def test_a_value_after_the_sample_that_does_not_fit_is_an_error_and_no_null(csv_text, late):
    with pytest.raises(
        DataError, match=rf"line 202, column 'a': '{late}' is no int64; set `types`"
    ):
        csv_text("a,b\n" + "1,x\n" * 200 + f"{late},y\n", infer_rows=100)
    assert csv_text("a,b\n" + "1,x\n" * 200 + f"{late},y\n", infer_rows=0).height == 201


def test_lines_are_counted_through_quoted_breaks(csv_text):
    with pytest.raises(DataError, match="line 22, column 'b'"):
        csv_text("a,b\n" + '"x\ny",1\n' * 10 + "z,foo\n", infer_rows=5)


def test_an_empty_field_is_null_and_a_quoted_one_is_empty_text(csv_text):
    assert csv_text('a,b\n"",1\n,2\n')["a"].to_list() == ["", None]
