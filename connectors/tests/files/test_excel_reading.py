"""What the cells of a sheet become, and which workbooks are refused before they are parsed."""

import datetime as dt
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.configuration import split, validate
from connectors.errors import ConfigError, DataError
from connectors.library.excel import Excel
from connectors.tests.files.biff import xls
from connectors.tests.files.sheets import write
from connectors.tests.loads import System, access_to


def column(excel, files, *cells, **options):
    """Return how a column of these cells is read."""
    write(files / "t.xlsx", ["x", "n"], *([cell, 7] for cell in cells))
    return excel("t.xlsx").read(**options)["x"]


MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        ([1, 2.0, None], pl.Int64, [1, 2, None]),
        ([1, 2.5], pl.Float64, [1.0, 2.5]),
        ([10**16, 3], pl.Float64, [1e16, 3.0]),
        ([True, False], pl.Boolean, [True, False]),
        ([True, 5], pl.String, ["true", "5"]),
        ([1, 0], pl.Int64, [1, 0]),
        (["007", "1"], pl.String, ["007", "1"]),
        (["007", 7], pl.String, ["007", "7"]),
        ([dt.date(2026, 1, 2)], pl.Date, [dt.date(2026, 1, 2)]),
        ([dt.date(2026, 1, 2), MOMENT], pl.Datetime("ms"), [dt.datetime(2026, 1, 2), MOMENT]),
        ([dt.time(3, 4, 5)], pl.Time, [dt.time(3, 4, 5)]),
        ([dt.timedelta(hours=30)], pl.Duration("ms"), [dt.timedelta(hours=30)]),
        ([dt.date(2026, 1, 2), "later"], pl.String, ["2026-01-02", "later"]),
        ([MOMENT, dt.date(2026, 1, 2), 4], pl.String,
         ["2026-01-02T03:04:05.000", "2026-01-02T00:00:00.000", "4"]),
        (["2026-01-02 03:04:05", 1], pl.String, ["2026-01-02 03:04:05", "1"]),
        (["#N/A", 4], pl.Int64, [None, 4]),
        (["#N/A", "t"], pl.String, [None, "t"]),
        ([None, None], pl.String, [None, None]),
        (["", " "], pl.String, ["", " "]),
    ],
)  # fmt: skip
def test_a_column_has_the_narrowest_type_that_keeps_every_value(excel, files, cells, dtype, values):
    read = column(excel, files, *cells)
    assert (read.dtype, read.to_list()) == (dtype, values)


def test_a_duration_among_texts_loses_nothing_of_the_others(excel, files):
    read = column(excel, files, dt.timedelta(hours=1.5), "t", 4)
    assert read.dtype == pl.String
    assert read.to_list()[1:] == ["t", "4"]


def test_cells_with_errors_are_null_and_counted(excel, files):
    write(files / "t.xlsx", ["a", "b"], ["#N/A", 1], [2, "#N/A"])
    with excel("t.xlsx").opened() as source:
        found = source.scan(validate(Excel.ReadOptions, {}))
        assert found.frame.collect().rows() == [(None, 1), (2, None)]
        (remark,) = found.remarks()
    assert "t.xlsx: 2 cells hold errors" in remark.message


def test_titles_empty_rows_and_empty_columns_are_no_data(excel, files):
    cells = [["Report 2026"], [], ["id", None, "name", None], [1, None, "x"], [], [2, None, "y", 3]]
    write(files / "t.xlsx", *cells, first=3)
    read = excel("t.xlsx").read()
    assert read.to_dict(as_series=False) == {
        "id": [1, 2],
        "name": ["x", "y"],
        "column_4": [None, 3],
    }
    assert excel("t.xlsx").read(header_row=6).equals(read)


def test_rows_without_names_and_rows_to_skip(excel, files):
    write(files / "t.xlsx", ["id", "unit"], ["no.", "kg"], [1, 2])
    system = excel("t.xlsx")
    assert system.read(skip_rows=1).rows() == [(1, 2)]
    assert system.read(header_row=0, skip_rows=2).to_dict(as_series=False) == {
        "column_1": [1],
        "column_2": [2],
    }
    assert system.read(header_row=3).columns == ["1", "2"]


def test_columns_of_one_name_get_names_of_their_own(excel, files):
    write(files / "t.xlsx", ["a", "a", "b"], [1, 2, 3])
    assert excel("t.xlsx").read().to_dict(as_series=False) == {"a": [1], "a_1": [2], "b": [3]}
    assert excel("t.xlsx").read(columns=["b", "a"]).rows() == [(3, 1)]


def test_types_that_a_person_names_win(excel, files):
    write(files / "t.xlsx", ["zip", "n"], [1234, "1.10"], ["0815", "2"])
    read = excel("t.xlsx").read(types={"n": "decimal(10,2)", "zip": "text"})
    assert read.dtypes == [pl.String, pl.Decimal(10, 2)]
    with pytest.raises(DataError, match="column 'zip': '1234' is no date; set `types`"):
        excel("t.xlsx").read(types={"zip": "date"})


def test_the_older_format_is_read(excel, files):
    (files / "t.xls").write_bytes(xls(["id", "name", "n"], [1, "007", 1.5], [2, "", 2]))
    read = excel("t.xls").read()
    assert read.drop("name").to_dict(as_series=False) == {"id": [1, 2], "n": [1.5, 2.0]}
    assert read["name"][0] == "007"
    assert list(excel("t.xls").discover()) == ["Old"]
    (files / "t.xls").write_bytes(xls(["id"], [1], texts=0x7FFFFFFF))
    assert excel("t.xls").read().height == 1


def test_each_sheet_is_a_stream(excel, files):
    more = {"Empty": [], "Other": [["b"], ["x"]]}
    write(files / "t.xlsx", ["a"], [1], **more)
    (files / "all").mkdir()
    write(files / "all/one.xlsx", ["a"], [1])
    write(files / "all/two.xlsx", ["a"], [1], **more)
    found = excel("t.xlsx").discover()
    assert list(found) == ["Data", "Other"]
    assert found["Other"].schema == {"b": pl.String}
    assert excel("t.xlsx").read(**found["Other"].options).rows() == [("x",)]
    assert excel("t.xlsx").read(sheet=3).rows() == [("x",)]
    found = excel("all").discover()
    assert list(found) == ["one", "two_Data", "two_Other"]
    assert excel("all").read(**found["two_Other"].options).rows() == [("x",)]
    with pytest.raises(ConfigError, match="has no sheet 'No'; known: Data, Empty, Other"):
        excel("t.xlsx").read(sheet="No")
    with pytest.raises(DataError, match="sheet 'Empty' holds no rows"):
        excel("t.xlsx").read(sheet="Empty")


def test_the_files_of_a_pattern_are_one_stream_with_types_for_all(excel, files):
    write(files / "1.xlsx", ["a", "b", "c"], [1, "x", 1])
    write(files / "2.xlsx", ["c", "b", "a"], [None, MOMENT, 2.5])
    read = excel("*.xlsx").read()
    assert read.to_dict(as_series=False) == {
        "a": [1.0, 2.5],
        "b": ["x", "2026-01-02T03:04:05.000"],
        "c": [1, None],
    }
    write(files / "3.xlsx", ["a"], [1])
    with pytest.raises(DataError, match=r"3\.xlsx has other columns"):
        excel("*.xlsx").read()


def test_a_packed_workbook_is_read(excel, files):
    write(files / "t.xlsx", ["a"], [1])
    with zipfile.ZipFile(files / "t.xlsx.zip", "w") as archive:
        archive.write(files / "t.xlsx", "t.xlsx")
    assert excel("t.xlsx.zip").read().rows() == [(1,)]


def test_only_workbooks_that_changed_are_read_again(excel, files):
    write(files / "1.xlsx", ["a"], [1])
    rows, state = excel("*.xlsx").read_on(cursor="_last_modified_time")
    assert rows["a"].to_list() == [1]
    assert rows["_last_modified_time"].dtype == pl.Datetime("us", "UTC")
    write(files / "2.xlsx", ["a", "b"], [2.5, "x"])
    state = json.loads(json.dumps(state))
    rows, state = excel("*.xlsx").read_on(state, cursor="_last_modified_time")
    assert rows.drop("_last_modified_time").rows() == [(2.5, "x")]
    rows, _ = excel("*.xlsx").read_on(state, cursor="_last_modified_time")
    assert rows.is_empty()
    assert rows.columns == ["a", "b", "_last_modified_time"]


def test_the_example_of_the_docs_works(files):
    write(files / "sales.xlsx", ["Report"], ["id", "amount"], [1, 2.5], sheet="2026")
    page = (Path(__file__).parents[3] / "docs/connectors/excel.md").read_text()
    example = json.loads(page.split("```json")[1].split("```")[0])
    found = split({**example, "path": str(files / example["path"])}, "source")
    system = System(registry.connector(example["type"]), access_to(files), **found.settings)
    assert system.read(**found.options).to_dict(as_series=False) == {"id": [1], "amount": [2.5]}
