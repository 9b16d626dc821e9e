"""Reading CSV: what a value is, and what is wrong with a text."""

import bz2
import datetime as dt
import gzip
import zipfile
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from connectors.files import raggedness
from connectors.library.csv import CsvReadOptions

D = Decimal
BERLIN = pl.Datetime("us", "Europe/Berlin")


@pytest.fixture
def text(files, csv):
    """Read a text as a file."""

    def read(content: str | bytes, **options):
        raw = content if isinstance(content, bytes) else content.encode()
        (files / "t.csv").write_bytes(raw)
        return csv("t.csv").read(**options)

    return read


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
def test_no_value_of_the_sample_changes(text, values, dtype, expected):
    frame = text("a,b\n" + "".join(f"{value},x\n" for value in values))
    assert frame.schema["a"] == dtype
    assert str(frame["a"].to_list()) == str(expected)


def test_dates_are_inferred_only_when_asked(text):
    content = (
        "d,t,m,z,bad\n2020-01-31,10:00:00,2020-01-31T10:00:00.5,2020-01-31 10:00:00Z,2020-02-30\n"
    )
    frame = text(content, parse_dates=True)
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
def test_a_type_may_be_named(text, value, type, dtype, expected):
    frame = text(f"a,b\n{value},x\n,y\n", types={"a": type})
    assert frame.schema["a"] == dtype
    assert frame["a"].to_list() == [expected, None]


def test_a_zone_keeps_the_moment(text):
    frame = text("a\n2020-01-01T10:00:00+02:00\n", types={"a": "datetime[us, Europe/Berlin]"})
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
def test_what_a_named_type_cannot_hold_is_an_error_with_line_and_column(text, value, type):
    with pytest.raises(
        DataError, match=rf"line 4, column 'b': '{value.replace('+', '.')}' is no"
    ) as caught:
        text(
            f'a,b\nx,\n"y\nz",{value}\n'.replace(f'y\nz",{value}', f'y",\nz,{value}'),
            types={"b": type},
        )
    assert "infer_rows" in caught.value.message


@pytest.mark.parametrize("late", ["foo", "1.5", "99999999999999999999"])
def test_a_value_after_the_sample_that_does_not_fit_is_an_error_and_no_null(text, late):
    with pytest.raises(DataError, match=rf"line 202, column 'a': '{late}' is no i64; set `types`"):
        text("a,b\n" + "1,x\n" * 200 + f"{late},y\n", infer_rows=100)
    assert text("a,b\n" + "1,x\n" * 200 + f"{late},y\n", infer_rows=0).height == 201


def test_lines_are_counted_through_quoted_breaks(text):
    with pytest.raises(DataError, match="line 22, column 'b'"):
        text("a,b\n" + '"x\ny",1\n' * 10 + "z,foo\n", infer_rows=5)


def test_an_empty_field_is_null_and_a_quoted_one_is_empty_text(text):
    assert text('a,b\n"",1\n,2\n')["a"].to_list() == ["", None]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ("a,b\n1,2\n3\n", 3, "has 1 field"),
        ("a,b\n1,2\n3,4,5\n", 3, "has 3 fields"),
        ("a,b\n1,2\n\n3,4\n", 3, "is blank"),
        ('a,b\n"x\ny",2\n3\n', 4, "has 1 field"),
        ('a,b\n"x,y",\n"3"\n', 3, "has 1 field"),
        ("a,b,c\n1,2,3\n1,2\n,,\n", 3, "has 2 fields"),
    ],
)
def test_a_line_of_another_length_is_an_error(text, content, line, what):
    with pytest.raises(DataError, match=rf"line {line}: it {what} where \d are expected"):
        text(content)


def test_short_lines_may_be_filled(text):
    assert text("a,b\n1,2\n3\n", ragged_lines="fill").rows() == [(1, 2), (3, None)]


@given(
    st.lists(
        st.lists(
            st.sampled_from(["", "a", '"x,y"', '"n\nl"', '"q""q"', '""']), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_short_lines_are_found_in_any_text(text, rows):
    content = "a,b,c\n" + "".join(",".join(fields[:3]) + "\n" for fields in rows)
    if all(len(fields) >= 3 for fields in rows):
        assert text(content).height == len(rows)
    else:
        with pytest.raises(DataError, match="are expected"):
            text(content)


def test_whole_lines_with_empty_ends_are_not_read_a_second_time(text, monkeypatch):
    monkeypatch.setattr(raggedness, "_lengths", lambda *_: pytest.fail("read again"))
    assert text('a,b\n"x,\n",\n"q""",""\n').rows() == [("x,\n", None), ('q"', "")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ('a,b\n"x,1\n2,3\n', "never closed"),
        (b"a,b\n\xff\xfe,2\n", "not UTF-8"),
        ('a,b\n5" pipe,\n', "double it"),
    ],
)
def test_a_broken_text_says_what_to_do(text, content, message):
    with pytest.raises(DataError, match=message):
        text(content)


def test_a_header_alone_yields_its_columns(text):
    assert text("a,b\n").schema == {"a": pl.String(), "b": pl.String()}
    assert text("a,b", types={"b": "date"}).schema == {"a": pl.String(), "b": pl.Date()}


def test_the_dialect_may_be_said(text):
    content = "made by x\n\na;b;c\n1,5;NA;'x;y'\n"
    options = {"delimiter": ";", "quote": "'", "skip_rows": 2, "null_values": ["NA"]}
    frame = text(content, **options, decimal_comma=True)
    assert frame.rows() == [(1.5, None, "x;y")]
    assert text("1\t2\n", delimiter="\\t", header=False).rows() == [(1, 2)]
    typed = text("a;b\n1,50;x\n", delimiter=";", decimal_comma=True, types={"a": "decimal(5,2)"})
    assert typed["a"][0] == D("1.50")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1252", "utf-8-sig"])
def test_other_encodings_are_translated(text, encoding):
    assert text("naïve,b\nü\u00e9,1\n".encode(encoding), encoding=encoding).rows() == [
        ("ü\u00e9", 1)
    ]


def test_bytes_outside_of_an_encoding_are_an_error(text):
    with pytest.raises(DataError, match="is not cp1252"):
        text(b"a\n\x81\n", encoding="cp1252")


def test_packed_files_are_unpacked(files, csv):
    content = b"a,b\n" + b"1,\n" * 1000
    (files / "a.csv.gz").write_bytes(gzip.compress(content))
    (files / "a.csv.bz2").write_bytes(bz2.compress(content))
    with zipfile.ZipFile(files / "a.csv.zip", "w") as archive:
        archive.writestr("inner.csv", content)
    for name in ("a.csv.gz", "a.csv.bz2", "a.csv.zip"):
        assert csv(name).read().height == 1000
    assert not list((files / "scratch").iterdir())


def test_a_zip_archive_holds_one_file(files, csv):
    with zipfile.ZipFile(files / "a.csv.zip", "w") as archive:
        archive.writestr("x", "a\n")
        archive.writestr("y", "a\n")
    with pytest.raises(ConfigError, match="holds 2 files"):
        csv("a.csv.zip").read()
    (files / "b.csv.zip").write_bytes(b"no archive")
    with pytest.raises(DataError, match="not a zip archive"):
        csv("b.csv.zip").read()
    (files / "b.csv.gz").write_bytes(gzip.compress(b"a,b\n" * 999)[:-20])
    with pytest.raises(DataError, match=r"b\.csv\.gz"):
        csv("b.csv.gz").read()


def test_files_of_a_folder_must_agree_on_their_columns(files, csv):
    (files / "in").mkdir()
    (files / "in/a.csv").write_text("a,b\n1,x\n")
    (files / "in/b.csv").write_text("b,a\ny,2\n")
    assert csv("in").read().rows() == [(1, "x"), (2, "y")]
    (files / "in/c.csv").write_text("a,c\n1,x\n")
    with pytest.raises(
        DataError, match=r"c\.csv has other columns than .*a\.csv: it lacks \['b'\]"
    ):
        csv("in").read()


def test_columns_may_be_chosen(text):
    assert text("a,b,c\n1,2,3\n", columns=["c", "a"]).rows() == [(3, 1)]
    with pytest.raises(ConfigError, match="no column 'z'; known: a, b"):
        text("a,b\n1,2\n", columns=["z"])
    with pytest.raises(ConfigError, match="no column 'z'; known: a, b"):
        text("a,b\n1,2\n", types={"z": "text"})


def test_only_what_is_asked_for_is_read(files, csv):
    (files / "t.csv").write_text("a,b\n" + "1,x\n" * 10)
    with csv("t.csv").opened() as connector:
        found = connector.scan(CsvReadOptions())
        assert found.frame.select(pl.len()).collect().item() == 10
        assert (
            found.frame.filter(pl.col("b") == "x").head(3).select("a").collect().rows()
            == [(1,)] * 3
        )
        assert found.size == 44


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": ";;"}, "one ASCII character"),
        ({"delimiter": '"'}, "not the quote"),
        ({"encoding": "klingon"}, "unknown encoding"),
        ({"types": {"a": "varchar"}}, "unknown type 'varchar'; known: text"),
        ({"types": {"a": "decimal(39,2)"}}, "unknown type"),
        *(
            ({"table": table}, "not a file or folder below the path")
            for table in ("../x", "/etc", "a/../../x", ".env", "a/.git", "*", "", "a\0b", "a\\b")
        ),
    ],
)
def test_wrong_options_are_refused_when_they_are_saved(options, message):
    with pytest.raises(ConfigError, match=message):
        validate(CsvReadOptions, options)
