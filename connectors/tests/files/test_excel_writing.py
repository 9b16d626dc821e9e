"""What rows become in a sheet, and what is refused before anything is seen."""

import datetime as dt
import random
import zipfile
from decimal import Decimal

import polars as pl
import pytest

from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from connectors.library.excel import Excel
from connectors.tests.loads import System
from tests.contract.subjects import access_to as with_networks


def sheet_of(path):
    """Return the raw XML of the sheet."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_every_kind_of_cell_comes_back_as_it_was(excel):
    rows = pl.DataFrame(
        {
            "whole": [1, -(10**14), None],
            "float": [0.1 + 0.2, 5e-324, -1.7976931348623157e308],
            "price": [Decimal("1.10"), Decimal("-12345678901.55"), None],
            "text": ["", "  padded \t\n", "a\x00b\x1f\r_x0041_ <r>&\"'"],
            "yes": [True, False, None],
            "day": [dt.date(1900, 3, 1), dt.date(9999, 12, 31), None],
            "moment": [dt.datetime(2026, 1, 2, 3, 4, 5, 678000), dt.datetime(1970, 1, 1), None],
            "time": [dt.time(0), dt.time(23, 59, 59, 999000), None],
        }
    )
    system = excel("t.xlsx")
    assert system.load(rows, mode="replace").rows == 3
    read = system.read()
    assert read.drop("price", "moment").equals(rows.drop("price", "moment"))
    assert read["price"].to_list() == [1.1, -12345678901.55, None]
    assert read["moment"].to_list() == rows["moment"].to_list()


def test_milliseconds_of_two_centuries_are_exact(excel):
    made = random.Random(7)
    moments = [
        dt.datetime(1901, 1, 1) + dt.timedelta(milliseconds=made.randrange(6_300_000_000_000))
        for _ in range(2000)
    ]
    system = excel("t.xlsx")
    system.load(pl.DataFrame({"at": moments}), mode="replace")
    assert system.read()["at"].to_list() == moments


def test_what_a_cell_cannot_hold_exactly_is_text(excel):
    rows = pl.DataFrame(
        {
            "big": [2**63, 1],
            "decimal": [Decimal("1234567890123456.78"), None],
            "old": [dt.date(1, 1, 1), dt.date(1899, 12, 31)],
            "fine": [dt.datetime(2026, 1, 2, 3, 4, 5, 678901), None],
            "zoned": [dt.datetime(2026, 1, 2, tzinfo=dt.UTC), None],
        },
        schema_overrides={"big": pl.UInt64},
    )
    system = excel("t.xlsx")
    system.load(rows, mode="replace")
    read = system.read()
    assert read["big"].to_list() == ["9223372036854775808", "1"]
    assert read["decimal"].to_list() == ["1234567890123456.78", None]
    assert read["old"].to_list() == ["0001-01-01", "1899-12-31"]
    assert read["fine"].to_list() == ["2026-01-02T03:04:05.678901", None]
    assert read["zoned"].to_list() == ["2026-01-02T00:00:00.000000+00:00", None]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "http://x.y", "<r><t>x</t></r>"]
)
def test_no_text_becomes_a_formula_a_link_or_markup(excel, files, text):
    system = excel("t.xlsx")
    system.load(pl.DataFrame({text: [text]}), mode="replace")
    xml = sheet_of(files / "t.xlsx")
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    assert 't="inlineStr"' in xml
    assert system.read().to_dict(as_series=False) == {text: [text]}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (pl.DataFrame({"t": ["x" * 32_768]}), "'t' holds a text of more than 32,767"),
        (pl.DataFrame({"t": ["🚀" * 16_384]}), "'t' holds a text of more than 32,767"),
        (pl.DataFrame({"f": [float("nan")]}), "no NaN and no infinity, and column 'f'"),
        (pl.DataFrame({"b": [b"x"]}), "cannot hold column 'b'"),
        (pl.DataFrame({"d": [dt.timedelta(1)]}), "cannot hold column 'd'"),
        (pl.DataFrame({"l": [[1]]}), "cannot hold column 'l'"),
        (pl.DataFrame({f"c{n}": [n] for n in range(16_385)}), "16,384 columns"),
        (pl.select(n=pl.int_range(1_048_576)), "1,048,575 rows"),
    ],
)
def test_what_no_sheet_holds_is_refused_and_the_old_workbook_stays(excel, rows, reason):
    system = excel("t.xlsx")
    system.load(pl.DataFrame({"old": [1]}), mode="replace")
    with pytest.raises(DataError, match=reason):
        system.load(rows, mode="replace", fence=2)
    assert system.read()["old"].to_list() == [1]


def test_the_longest_text_fits(excel):
    text = "🚀" * 16_383 + "x"
    system = excel("t.xlsx")
    system.load(pl.DataFrame({"t": [text]}), mode="replace")
    assert system.read()["t"].to_list() == [text]


def test_rows_without_any_value_are_counted_and_not_read_back(excel):
    system = excel("t.xlsx")
    rows = pl.DataFrame({"a": [None, 1, None]}, schema={"a": pl.Int64})
    assert system.load(rows, mode="replace").rows == 3
    assert system.read()["a"].to_list() == [1]


def test_append_keeps_the_cells_of_old_rows(excel):
    rows = pl.DataFrame(
        {"id": [1, 2**60], "day": [dt.date(1, 1, 1), dt.date(2020, 1, 1)], "n": ["x", None]}
    )
    system = excel("t.xlsx")
    for fence in (1, 2, 3):
        assert system.load(rows, mode="append", fence=fence).rows == 2
    read = system.read()
    assert read["id"].to_list() == [str(1), str(2**60)] * 3
    assert read["day"].to_list() == ["0001-01-01", "2020-01-01"] * 3
    assert system.load(rows.drop("n"), mode="append", fence=4).rows == 2
    assert system.read()["n"].to_list() == ["x", None] * 3 + [None] * 2


def test_append_does_not_rewrite_a_workbook_of_somebody_else(excel, files):
    import xlsxwriter

    with xlsxwriter.Workbook(files / "t.xlsx") as book:
        book.add_worksheet("Sheet1").write_row(0, 0, ["id"])
    before = (files / "t.xlsx").read_bytes()
    with pytest.raises(ConfigError, match="was not written by Millrace alone"):
        excel("t.xlsx").load(pl.DataFrame({"id": [1]}), mode="append")
    assert (files / "t.xlsx").read_bytes() == before


def test_append_to_another_sheet_says_so(excel):
    system = excel("t.xlsx")
    system.load(pl.DataFrame({"id": [1]}), mode="append", sheet="A & B")
    assert system.read(sheet="A & B").height == 1
    with pytest.raises(ConfigError, match="has no sheet 'Other'; known: A & B"):
        system.load(pl.DataFrame({"id": [1]}), mode="append", sheet="Other", fence=2)


def test_a_folder_gets_a_workbook_with_each_load(excel, files):
    system = excel("out")
    system.load(pl.DataFrame({"id": [1]}), mode="append")
    system.load(pl.DataFrame({"id": [2]}), mode="append", fence=2)
    assert len(list((files / "out").glob("part-*.xlsx"))) == 2
    assert sorted(system.read()["id"]) == [1, 2]


@pytest.mark.parametrize("path", ["t.xls", "t.ods", "t.xlsm", "t.xlsx.gz"])
def test_only_xlsx_is_written(excel, path):
    with pytest.raises(ConfigError, match=r"can be read and not written|cannot be packed"):
        excel(path).load(pl.DataFrame({"id": [1]}), mode="replace")


@pytest.mark.parametrize("name", ["", "x" * 32, "a/b", "'a", "History", "a[b]"])
def test_a_name_that_no_sheet_may_have_is_refused(name):
    with pytest.raises(ConfigError, match="sheet: "):
        validate(Excel.WriteOptions, {"sheet": name})


def test_a_workbook_in_a_bucket_is_written_and_read(files, s3_store):
    system = System(
        Excel,
        with_networks(files),
        path=f"s3://{s3_store.bucket}/deep/t.xlsx",
        endpoint_url=s3_store.endpoint,
        access_key_id=s3_store.access_key,
        secret_access_key=s3_store.secret_key,
    )
    for fence in (1, 2):
        system.load(pl.DataFrame({"id": [1]}), mode="append", fence=fence)
    assert system.read()["id"].to_list() == [1, 1]


def test_nothing_is_left_behind(excel, files):
    system = excel("t.xlsx")
    system.load(pl.DataFrame({"id": [1]}), mode="replace")
    with pytest.raises(DataError):
        system.load(pl.DataFrame({"f": [float("inf")]}), mode="replace", fence=2)
    assert not list((files / "scratch").iterdir())
    assert {path.name for path in files.iterdir()} == {"scratch", "t.xlsx", ".millrace"}
