"""Values of every type pass through DuckDB and come back as themselves."""

import datetime as dt
from decimal import Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import DataError
from jobs.engine.carrying import Unfit
from jobs.tests.spilling.steps import on_disk, on_polars, sorted_by, spilling, step

MOST = 2**63 - 1
COLUMNS: dict[str, pl.Series] = {
    "boolean": pl.Series([True, False, None]),
    "int8": pl.Series([-128, 127, None], dtype=pl.Int8),
    "int64": pl.Series([-(2**63), MOST, None], dtype=pl.Int64),
    "uint8": pl.Series([255, 0, None], dtype=pl.UInt8),
    "uint64": pl.Series([2**64 - 1, 0, None], dtype=pl.UInt64),
    "int128": pl.Series([-(2**127), 2**127 - 1, None], dtype=pl.Int128),
    "uint128": pl.Series([2**128 - 1, 0, None], dtype=pl.UInt128),
    "float16": pl.Series([65504.0, -0.1, None], dtype=pl.Float16),
    "float32": pl.Series([3.4e38, 1e-45, None], dtype=pl.Float32),
    "float64": pl.Series([float("nan"), float("-inf"), 5e-324]),
    "minus_zero": pl.Series([-0.0, 0.0, None]),
    "decimal": pl.Series(
        [Decimal("9" * 38), Decimal(-1), None], dtype=pl.Decimal(38, 0), strict=False
    ),
    "digits": pl.Series([Decimal("0." + "9" * 38), None, Decimal(0)], dtype=pl.Decimal(38, 38)),
    "text": pl.Series(["", "\x00é€😀", None]),
    "binary": pl.Series([b"\x00\xff", b"", None]),
    "date": pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
    "far_date": pl.Series([2**31 - 1, -(2**31) + 2, None], dtype=pl.Int32).cast(pl.Date),
    "time": pl.Series([86_399_999_999_999, 1, None]).cast(pl.Time),
    "datetime_ms": pl.Series([MOST, -MOST, None]).cast(pl.Datetime("ms")),
    "datetime_us": pl.Series([MOST - 1, -(2**62), None]).cast(pl.Datetime("us")),
    "datetime_ns": pl.Series([MOST - 1, -MOST + 1, None]).cast(pl.Datetime("ns")),
    "zoned_ms": pl.Series([MOST, 1, None]).cast(pl.Datetime("ms", "UTC")),
    "zoned_us": pl.Series([2**50 + 1, -1, None]).cast(pl.Datetime("us", "Europe/Berlin")),
    "zoned_ns": pl.Series([MOST - 1, 1, None]).cast(pl.Datetime("ns", "America/New_York")),
    "duration_ms": pl.Series([MOST, -1, None]).cast(pl.Duration("ms")),
    "duration_ns": pl.Series([MOST, -1, None]).cast(pl.Duration("ns")),
    "categorical": pl.Series(["b", "a", None], dtype=pl.Categorical),
    "enum": pl.Series(["b's {0}", "a", None], dtype=pl.Enum(["b's {0}", "a"])),
    "null": pl.Series([None, None, None]),
    "list": pl.Series([[1, None], [], None], dtype=pl.List(pl.Int16)),
    "array": pl.Series([[1, 2], None, [3, None]], dtype=pl.Array(pl.UInt8, 2)),
    "struct": pl.Series([{"a": 1, "B": None}, {"a": None, "B": ["x"]}, None]),
    "names": pl.Series([["x"], [None], []], dtype=pl.List(pl.Categorical)),
    "kinds": pl.Series([["x"], [None], []], dtype=pl.List(pl.Enum(["x"]))),
}
SORTABLE = [
    name
    for name in COLUMNS
    if not COLUMNS[name].dtype.is_nested() and COLUMNS[name].dtype != pl.Null
]


def rows_of(name: str) -> pl.DataFrame:
    return pl.DataFrame({"id": [2, 1, 0], "cell": COLUMNS[name]})


@pytest.mark.parametrize("name", COLUMNS)
def test_a_value_of_every_type_comes_back_as_itself(name: str, tmp_path: Any) -> None:
    rows = rows_of(name)
    found = on_disk(tmp_path, sorted_by("id"), rows)
    assert_frame_equal(found, rows.reverse(), check_exact=True)
    signs = pl.col("cell").cast(pl.String) if rows.schema["cell"].is_float() else pl.lit(0)
    assert found.select(signs).equals(rows.reverse().select(signs))


@pytest.mark.parametrize("name", SORTABLE)
def test_values_sort_on_disk_as_in_memory(name: str, tmp_path: Any) -> None:
    rows = rows_of(name)
    assert_frame_equal(
        on_disk(tmp_path, sorted_by("cell", "id"), rows),
        on_polars(sorted_by("cell", "id"), rows),
        check_exact=True,
    )


REFUSED = {
    "inner_duration": pl.List(pl.Duration("ns")),
    "inner_int128": pl.Struct({"a": pl.Int128}),
    "inner_time": pl.List(pl.Time),
    "empty_struct": pl.Struct({}),
    "maybe": pl.List(pl.Null),
    "object": pl.Object(),
    "fields": pl.Struct({"a": pl.Int8, "A": pl.Int8}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_type_that_duckdb_cannot_hold_is_named(name: str, tmp_path: Any) -> None:
    with spilling(tmp_path) as disk, pytest.raises(Unfit, match=r"cell|'A'|'a'"):
        disk.keep(pl.LazyFrame(schema={"id": pl.Int64, "cell": REFUSED[name]}))


@pytest.mark.parametrize("names", [["a", "A"], ["", "a"], ["x\0", "a"]])
def test_names_that_duckdb_cannot_hold_stay_on_polars(names: list[str], tmp_path: Any) -> None:
    with spilling(tmp_path) as disk, pytest.raises(Unfit):
        disk.keep(pl.LazyFrame(schema=dict.fromkeys(names, pl.Int64)))


def test_odd_names_come_back_as_themselves(tmp_path: Any) -> None:
    rows = pl.DataFrame({"id": [1], 'a "b", c': [2], "select": [3], "é.x": [4], " ": [5]})
    assert_frame_equal(on_disk(tmp_path, sorted_by("id"), rows), rows)


def test_only_wanted_columns_come_back_and_rows_can_be_counted(tmp_path: Any) -> None:
    rows = pl.DataFrame({"id": [2, 1], "a": ["x", "y"]})
    with spilling(tmp_path) as disk:
        kept = disk.apply(sorted_by("id"), [rows.lazy()])[""]
        disk.write()
        assert kept.select("a").collect()["a"].to_list() == ["y", "x"]
        assert kept.filter(pl.col("id") > 1).select("a").collect()["a"].to_list() == ["x"]
        assert kept.select(pl.len()).collect().item() == 2


def test_a_sum_that_outgrows_its_type_is_an_error(tmp_path: Any) -> None:
    def total(rows: Any) -> Any:
        return rows.select(nw.col("id").sum())

    rows = pl.DataFrame({"id": [MOST, MOST]})
    with pytest.raises(DataError, match=r"HUGEINT|INT128|INT64"):
        on_disk(tmp_path, step(total), rows)
