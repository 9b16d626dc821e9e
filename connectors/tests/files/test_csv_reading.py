"""Reading CSV: what a value is, and what is wrong with a text."""

import bz2
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
def test_a_line_of_another_length_is_an_error(csv_text, content, line, what):
    with pytest.raises(DataError, match=rf"line {line}: it {what} where \d are expected"):
        csv_text(content)


def test_short_lines_may_be_filled(csv_text):
    assert csv_text("a,b\n1,2\n3\n", ragged_lines="fill").rows() == [(1, 2), (3, None)]


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
def test_short_lines_are_found_in_any_text(csv_text, rows):
    content = "a,b,c\n" + "".join(",".join(fields[:3]) + "\n" for fields in rows)
    if all(len(fields) >= 3 for fields in rows):
        assert csv_text(content).height == len(rows)
    else:
        with pytest.raises(DataError, match="are expected"):
            csv_text(content)


def test_whole_lines_with_empty_ends_are_not_read_a_second_time(csv_text, monkeypatch):
    monkeypatch.setattr(raggedness, "_lengths", lambda *_: pytest.fail("read again"))
    assert csv_text('a,b\n"x,\n",\n"q""",""\n').rows() == [("x,\n", None), ('q"', "")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ('a,b\n"x,1\n2,3\n', "never closed"),
        (b"a,b\n\xff\xfe,2\n", "not UTF-8"),
        ('a,b\n5" pipe,\n', "double it"),
    ],
)
def test_a_broken_text_says_what_to_do(csv_text, content, message):
    with pytest.raises(DataError, match=message):
        csv_text(content)


def test_a_header_alone_yields_its_columns(csv_text):
    assert csv_text("a,b\n").schema == {"a": pl.String(), "b": pl.String()}
    assert csv_text("a,b", types={"b": "date"}).schema == {"a": pl.String(), "b": pl.Date()}


def test_the_dialect_may_be_said(csv_text):
    content = "made by x\n\na;b;c\n1,5;NA;'x;y'\n"
    options = {"delimiter": ";", "quote": "'", "skip_rows": 2, "null_values": ["NA"]}
    frame = csv_text(content, **options, decimal_comma=True)
    assert frame.rows() == [(1.5, None, "x;y")]
    assert csv_text("1\t2\n", delimiter="\\t", header=False).rows() == [(1, 2)]
    typed = csv_text(
        "a;b\n1,50;x\n", delimiter=";", decimal_comma=True, types={"a": "decimal(5,2)"}
    )
    assert typed["a"][0] == D("1.50")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1252", "utf-8-sig"])
def test_other_encodings_are_translated(csv_text, encoding):
    assert csv_text("naïve,b\nü\u00e9,1\n".encode(encoding), encoding=encoding).rows() == [
        ("ü\u00e9", 1)
    ]


def test_bytes_outside_of_an_encoding_are_an_error(csv_text):
    with pytest.raises(DataError, match="is not cp1252"):
        csv_text(b"a\n\x81\n", encoding="cp1252")


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


def test_columns_may_be_chosen(csv_text):
    assert csv_text("a,b,c\n1,2,3\n", columns=["c", "a"]).rows() == [(3, 1)]
    with pytest.raises(ConfigError, match="no column 'z'; known: a, b"):
        csv_text("a,b\n1,2\n", columns=["z"])
    with pytest.raises(ConfigError, match="no column 'z'; known: a, b"):
        csv_text("a,b\n1,2\n", types={"z": "text"})


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
