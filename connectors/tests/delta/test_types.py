"""Every value comes back as it was, or the load says which column cannot be held."""

import datetime as dt

import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from connectors.errors import DataError
from connectors.tests.lakes.values import HARD, HELD

BACK = HELD | {"byte": pl.Int16()}


def test_every_value_survives(lake):
    lake.load(HARD, table="hard", mode="replace")
    lake.load(HARD, table="hard", mode="append")
    expected = HARD.with_columns(pl.col(name).cast(dtype) for name, dtype in BACK.items())
    assert_frame_equal(lake.read(table="hard"), pl.concat([expected, expected]))


def test_a_foreign_reader_sees_the_same_values_and_statistics(lake, files):
    lake.load(HARD, table="hard", mode="replace")
    table = DeltaTable(files / "lake/hard")
    seen = pl.DataFrame(table.to_pyarrow_table())
    expected = HARD.with_columns(pl.col(name).cast(dtype) for name, dtype in BACK.items())
    assert_frame_equal(seen, expected, check_dtypes=False)
    stats = pl.DataFrame(table.get_add_actions(flatten=True))
    assert stats["num_records"].to_list() == [3]
    assert stats["min.tiny"].to_list() == [-128]
    assert stats["max.day"].to_list() == [dt.date(9999, 12, 31)]
    assert stats["null_count.id"].to_list() == [0]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            pl.Series([dt.time(1)]),
            "'odd' is Time, and Delta has no type for it; .*set `unheld_types`",
        ),
        (pl.Series([dt.timedelta(1)]), "'odd' is Duration.*set `unheld_types`"),
        (pl.Series([[dt.time(1)]]), r"'odd' is List\(Time\).*cast what lies inside"),
        (pl.Series([{"a": None}], dtype=pl.Struct({"a": pl.Datetime("ns")})), "cast what lies in"),
    ],
)
def test_a_type_that_delta_lacks_is_refused_by_name(lake, column, message):
    with pytest.raises(DataError, match=message):
        lake.load(pl.DataFrame({"odd": column}), table="odd")
    assert lake.discover() == {}


def test_times_and_durations_may_be_stored_as_text(lake):
    rows = pl.DataFrame(
        {
            "at": pl.Series([3_600_000_000_001, None], dtype=pl.Time),
            "took": [dt.timedelta(days=1, microseconds=1), None],
        }
    )
    lake.load(rows, table="odd", unheld_types="text")
    assert lake.read(table="odd").rows() == [
        ("01:00:00.000000001", "P1DT0.000001S"),
        (None, None),
    ]


def test_nanoseconds_that_would_be_lost_are_refused(lake):
    rows = pl.DataFrame({"at": pl.Series([1_001], dtype=pl.Datetime("ns"))})
    with pytest.raises(DataError, match="'at' holds nanoseconds, and Delta keeps microseconds"):
        lake.load(rows, table="fine")


def test_a_wide_integer_that_does_not_fit_is_refused(lake):
    rows = pl.DataFrame({"n": pl.Series([10**38], dtype=pl.Int128)})
    with pytest.raises((DataError, pl.exceptions.PolarsError)):
        lake.load(rows, table="wide")
    lake.load(rows.with_columns(pl.col("n") - 1), table="wide")
    assert int(lake.read(table="wide").item()) == 10**38 - 1


def test_rows_must_fit_the_columns_that_are_there(lake):
    lake.load(pl.DataFrame({"id": [1], "n": [2]}), table="t")
    lake.load(pl.DataFrame({"n": pl.Series([7], dtype=pl.Int8)}), table="t", mode="append")
    assert lake.read(table="t").sort("n").rows() == [(1, 2), (None, 7)]
    with pytest.raises(Exception, match=r"Column 'n' of .* holds Int64 and the rows bring String"):
        lake.load(pl.DataFrame({"n": ["x"]}), table="t", mode="append")
    with pytest.raises(Exception, match="has no column 'm'"):
        lake.load(pl.DataFrame({"m": ["x"]}), table="t", mode="append")
