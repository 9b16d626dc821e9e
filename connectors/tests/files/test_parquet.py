"""Parquet: every type there and back, and files that do not fit together."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pyarrow.parquet
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import DataError

EVERYTHING = pl.DataFrame(
    {
        "uint64": pl.Series([2**64 - 1, None], dtype=pl.UInt64),
        "float": [float("nan"), float("-inf")],
        "float32": pl.Series([0.1, None], dtype=pl.Float32),
        "decimal": pl.Series([Decimal("9" * 28 + ".1234567891"), None], dtype=pl.Decimal(38, 10)),
        "text": ["", "\0😀"],
        "binary": [b"\x00\xff", b""],
        "date": [dt.date(1, 1, 1), None],
        "time": pl.Series([1, None]).cast(pl.Time),
        "ns": pl.Series([1, None]).cast(pl.Datetime("ns", "Europe/Berlin")),
        "us": pl.Series([-1, None]).cast(pl.Datetime("us")),
        "ms": pl.Series([-1, None]).cast(pl.Datetime("ms")),
        "duration": pl.Series([1, None]).cast(pl.Duration("ns")),
        "list": [[1, None], None],
        "array": pl.Series([[1, 2], None], dtype=pl.Array(pl.Int8, 2)),
        "struct": [{"a": [{"b": 1}]}, None],
        "enum": pl.Series(["b", None], dtype=pl.Enum(["a", "b"])),
        "null": pl.Series([None, None], dtype=pl.Null),
    }
)


@pytest.mark.parametrize("path", ["t.parquet", "t"])
def test_values_and_types_come_back_exactly(parquet, path):
    parquet(path).load(EVERYTHING)
    assert_frame_equal(parquet(path).read(), EVERYTHING)
    parquet(path).load(EVERYTHING, mode="append", fence=2)
    assert_frame_equal(parquet(path).read(), pl.concat([EVERYTHING, EVERYTHING]))


def test_no_rows_keep_their_columns(parquet):
    parquet("t.parquet").load(EVERYTHING.head(0))
    assert parquet("t.parquet").read().schema == EVERYTHING.schema


def test_the_layout_may_be_said(files, parquet):
    frame = pl.DataFrame({"a": range(1000)})
    parquet("t.parquet").load(frame, compression="snappy", row_group_size=100, statistics=False)
    found = pyarrow.parquet.ParquetFile(files / "t.parquet").metadata
    assert found.num_row_groups == 10
    assert found.row_group(0).column(0).compression == "SNAPPY"
    assert not found.row_group(0).column(0).is_stats_set
    parquet("u.parquet").load(frame)
    found = pyarrow.parquet.ParquetFile(files / "u.parquet").metadata
    assert found.row_group(0).column(0).compression == "ZSTD"
    assert found.row_group(0).column(0).is_stats_set


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (pl.DataFrame({"a": [1.5], "b": ["x"]}), "Column 'a' is Int64 in .*1.* and Float64 in .*2"),
        (pl.DataFrame({"a": [1]}), "Column 'b' is String in .*1.* and missing in .*2"),
        (pl.DataFrame({"a": [1], "b": ["x"], "c": [1]}), "Column 'c' is missing in .*1"),
    ],
)
def test_files_of_a_folder_must_agree(files, parquet, other, message):
    (files / "in").mkdir()
    pl.DataFrame({"a": [1], "b": ["x"]}).write_parquet(files / "in/1.parquet")
    other.write_parquet(files / "in/2.parquet")
    with pytest.raises(DataError, match=message):
        parquet("in").read()


def test_files_may_have_their_columns_in_another_order(files, parquet):
    (files / "in").mkdir()
    pl.DataFrame({"a": [1], "b": ["x"]}).write_parquet(files / "in/1.parquet")
    pl.DataFrame({"b": ["y"], "a": [2]}).write_parquet(files / "in/2.parquet")
    assert parquet("in").read().rows() == [(1, "x"), (2, "y")]


def test_what_is_no_parquet_says_so(files, parquet):
    (files / "t.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(DataError, match=r"t\.parquet is not a sound Parquet file"):
        parquet("t.parquet").read()


def test_folders_become_columns_only_when_asked(files, parquet):
    folder = files / "in/year=2026"
    folder.mkdir(parents=True)
    pl.DataFrame({"a": [1]}).write_parquet(folder / "x.parquet")
    assert parquet("in/*/*.parquet").read().columns == ["a"]
    assert parquet("in/*/*.parquet").read(hive_partitioning=True).rows() == [(1, 2026)]


def test_types_that_no_format_knows_are_refused(parquet):
    odd = pl.DataFrame({"odd": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(DataError, match="Parquet cannot hold column 'odd'"):
        parquet("t.parquet").load(odd)


@pytest.mark.parametrize("dtype", [pl.Int128, pl.List(pl.UInt128)])
def test_numbers_that_only_polars_could_read_back_are_refused(parquet, dtype):
    with pytest.raises(DataError, match=r"'odd'.*cast it to a decimal or to text first"):
        parquet("t.parquet").load(pl.DataFrame(schema={"odd": dtype}))
