"""Steps that choose, name, fill and change columns, at the edges of their values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import ConfigError, UnknownColumn
from connectors.tests.steps.frames import run

NAN = float("nan")
ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "Name": ["Ada", "", None, "\u00a0Ünal\n"],
        "price": pl.Series(["0.10", None, "123456789012345678.90", "0.20"]).cast(pl.Decimal(30, 2)),
        "ratio": [0.5, NAN, None, -0.0],
        "born": [date(1815, 12, 10), None, date(2000, 2, 29), None],
        "seen": pl.Series([datetime(2026, 1, 1, 12, tzinfo=UTC), None, None, None]),
        "path": ["a/b/c/d", "a", "", None],
        "ok": [True, None, False, None],
    }
)


def column(name, config, of):
    return run(name, config, ROWS)[of].to_list()


@pytest.mark.parametrize(
    ("step", "config", "columns"),
    [
        ("select", {"columns_to_select": ["path", "id"]}, ["path", "id"]),
        ("select", {"columns": "id"}, ["id"]),
        ("drop", {"columns": ["price", "ratio", "born", "seen", "path"]}, ["id", "Name", "ok"]),
        (
            "rename_column",
            {"mapping": {"id": "ok", "ok": "id"}},
            ["ok", "Name", "price", "ratio", "born", "seen", "path", "id"],
        ),
        (
            "rename_column",
            {"from_column": "Name", "to_column": "name"},
            ["id", "name", "price", "ratio", "born", "seen", "path", "ok"],
        ),
    ],
)
def test_columns_are_chosen_and_named(step, config, columns):
    assert run(step, config, ROWS).columns == columns


@pytest.mark.parametrize(
    ("step", "config", "told"),
    [
        ("select", {"columns": []}, "columns"),
        ("select", {"columns": ["id", "id"]}, "'id' is named twice"),
        ("select", {"columns": ["name"]}, "There is no column 'name'; there are: id, Name"),
        ("drop", {"columns": list(ROWS.columns)}, "all of the columns; leave at least one"),
        ("rename_column", {"from_column": "id"}, "give from_column and to_column"),
        ("rename_column", {"from_column": "id", "to_column": ""}, "at least 1 character"),
        ("rename_column", {"from_column": "id", "to_column": "ok"}, "a column 'ok' already"),
        ("rename_column", {"from_column": "id", "to_column": "NAME"}, "a column 'Name' already"),
        ("rename_column", {"mapping": {"id": "x", "ok": "x"}}, "both become 'x'"),
        ("fill_null", {"columns": ["id"]}, "give columns and a value"),
        ("fill_null", {"columns": ["id"], "value": "x"}, "'x' cannot be compared with 'id'"),
        ("fill_null", {"values": {"id": None}}, "null fills nothing"),
        ("trim", {"columns": ["id"]}, "Column 'id' is Int64, and this needs text"),
        ("split_column", {"column": "path", "delimiter": "/", "into": ["x", "id"]}, "'id' already"),
        ("split_column", {"column": "id", "delimiter": "/", "into": ["x", "y"]}, "needs text"),
        ("split_column", {"column": "path", "delimiter": "", "into": ["x", "y"]}, "delimiter"),
        ("replace_values", {"columns": ["id"], "mapping": {"x": 1}}, "'x' cannot be compared"),
        ("replace_values", {"columns": ["id"]}, "give a mapping"),
        (
            "replace_values",
            {"columns": "Name", "mapping": {f"{n}": "" for n in range(101)}, "match": "part"},
            "at most 100 parts",
        ),
        ("mask_column", {"columns": ["id"]}, "this needs text"),
        ("mask_column", {"columns": ["Name"], "character": "$"}, "character"),
        ("limit", {"count": -1}, "count"),
        ("sample", {}, "give a fraction"),
        ("sample", {"fraction": 1.5}, "less than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused(step, config, told):
    with pytest.raises(ConfigError, match=told):
        run(step, config, ROWS)


def test_many_columns_are_not_all_named():
    wide = pl.DataFrame({f"c{number}": [1] for number in range(1000)})
    with pytest.raises(UnknownColumn, match=r"c99, … \(900 more\)$"):
        run("select", {"columns": ["d"]}, wide)


@pytest.mark.parametrize(
    ("values", "of", "expected"),
    [
        ({"Name": "none"}, "Name", ["Ada", "", "none", "\u00a0Ünal\n"]),
        ({"price": "7.5"}, "price", ["0.10", "7.50", "123456789012345678.90", "0.20"]),
        ({"ratio": 1}, "ratio", [0.5, NAN, 1.0, -0.0]),
        ({"born": "2026-01-31"}, "born", [date(1815, 12, 10), date(2026, 1, 31)]),
        ({"ok": "no"}, "ok", [True, False, False, False]),
        ({"seen": "2026-02-01T01:00:00+01:00"}, "seen", [datetime(2026, 1, 1, 12, tzinfo=UTC)]),
    ],
)
def test_what_is_missing_is_filled_in_the_type_of_the_column(values, of, expected):
    found = column("fill_null", {"values": values}, of)
    assert [str(value) for value in found][: len(expected)] == [str(value) for value in expected]
    assert None not in found
    assert run("fill_null", {"values": values}, ROWS).schema == ROWS.schema


@pytest.mark.parametrize(
    ("config", "ids"),
    [
        ({}, [1]),
        ({"columns": ["Name"]}, [1, 2, 4]),
        ({"columns": ["ratio"]}, [1, 2, 4]),
        ({"columns": ["born", "ok"], "how": "all"}, [1, 3]),
    ],
)
def test_rows_with_gaps_are_left_out(config, ids):
    assert column("drop_nulls", config, "id") == ids


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ["Ada", "", None, "Ünal"]),
        ({"side": "start"}, ["Ada", "", None, "Ünal\n"]),
        ({"side": "end"}, ["Ada", "", None, "\u00a0Ünal"]),
        ({"characters": "aA"}, ["d", "", None, "\u00a0Ünal\n"]),
    ],
)
def test_blanks_are_taken_off(config, expected):
    assert column("trim", config, "Name") == expected


def test_a_text_is_split_and_nothing_of_it_is_lost():
    config = {"column": "path", "delimiter": "/", "into": ["one", "two"]}
    found = run("split_column", config, ROWS)
    assert found.columns[6:8] == ["one", "two"]
    assert found["one"].to_list() == ["a", "a", "", None]
    assert found["two"].to_list() == ["b/c/d", None, None, None]
    kept = run("split_column", {**config, "into": ["1", "2", "3"], "keep_original": True}, ROWS)
    assert kept.columns == [*ROWS.columns, "1", "2", "3"]
    assert kept.row(0)[-3:] == ("a", "b", "c/d")


@pytest.mark.parametrize("delimiter", [".", "||", " ", "\\", "äö", "(", "\n"])
def test_a_delimiter_is_taken_as_it_is_written(delimiter):
    rows = pl.DataFrame({"t": [delimiter.join("abc"), f"{delimiter}x", "abc"]})
    config = {"column": "t", "delimiter": delimiter, "into": ["x", "y"]}
    found = run("split_column", config, rows).rows()
    assert found == [("a", f"b{delimiter}c"), ("", "x"), ("abc", None)]


@pytest.mark.parametrize(
    ("config", "of", "expected"),
    [
        ({"columns": "Name", "mapping": {"": "empty"}}, "Name", ["Ada", "empty", None]),
        ({"columns": ["id"], "mapping": {"1": 9, "2": None}}, "id", [9, None, 3, 4]),
        ({"columns": ["price"], "mapping": {"0.1": "5"}}, "price", [Decimal("5.00"), None]),
        ({"columns": ["ok"], "replacements": [{"old": True, "new": False}]}, "ok", [False, None]),
        (
            {"columns": ["born"], "mapping": {"2000-02-29": "2000-03-01"}},
            "born",
            [date(1815, 12, 10), None, date(2000, 3, 1)],
        ),
        (
            {"columns": ["path"], "mapping": {"/": "$1", "a": "\\1"}, "match": "part"},
            "path",
            ["\\1$1b$1c$1d", "\\1", ""],
        ),
    ],
)
def test_values_are_replaced_in_the_type_of_the_column(config, of, expected):
    assert column("replace_values", config, of)[: len(expected)] == expected
    assert run("replace_values", config, ROWS).schema == ROWS.schema


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ["***", "", None, "******"]),
        ({"keep_first": 1, "character": "•"}, ["A••", "", None, "\u00a0•••••"]),
        ({"keep_last": 2}, ["*da", "", None, "****l\n"]),
        ({"keep_first": 2, "keep_last": 2}, ["***", "", None, "\u00a0Ü**l\n"]),
    ],
)
def test_texts_are_hidden_and_keep_their_length(config, expected):
    assert column("mask_column", {"columns": ["Name"], **config}, "Name") == expected


@pytest.mark.parametrize(
    ("config", "ids"),
    [
        ({"count": 2}, [1, 2]),
        ({"count": 2, "offset": 3}, [4]),
        ({"limit": 0}, []),
        ({"n": 1, "skip": 9}, []),
    ],
)
def test_rows_are_limited_in_their_order(config, ids):
    assert column("limit", config, "id") == ids


def test_a_sample_is_the_same_each_time_and_fair():
    many = pl.DataFrame({"id": range(20_000)})
    drawn = [
        run("sample", {"fraction": 0.1, "seed": seed}, many)["id"].to_list() for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] == sorted(drawn[0])
    assert all(1_800 < len(ids) < 2_200 for ids in drawn)
    # Independent of one another: a tenth of a tenth comes twice.
    assert 120 < len({*drawn[0]} & {*drawn[2]}) < 290
    assert all(150 < sum(at <= one < at + 2_000 for one in drawn[0]) < 260 for at in (0, 18_000))


def test_a_sample_of_a_number_has_that_many_rows():
    many = pl.DataFrame({"id": range(1000)})
    for wanted, given in ((0, 0), (7, 7), (5000, 1000)):
        ids = run("sample", {"n": wanted}, many)["id"].to_list()
        assert len(ids) == given
        assert ids == sorted({*ids})
