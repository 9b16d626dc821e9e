"""Every value comes back as it was, or the load says which column cannot be held."""

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError
from connectors.tests.lakes.values import HARD, HELD

BACK = HELD | {"tiny": pl.Int32(), "byte": pl.Int32()}
TIMED = HARD.with_columns(clock=pl.Series([dt.time(0), dt.time(23, 59, 59, 999_999), None]))


def test_every_value_survives(lake):
    lake.load(TIMED, table="hard", mode="replace")
    lake.load(TIMED, table="hard", mode="append")
    expected = TIMED.with_columns(pl.col(name).cast(dtype) for name, dtype in BACK.items())
    assert_frame_equal(lake.read(table="hard"), pl.concat([expected, expected]))


def test_a_foreign_reader_sees_the_same_values(lake):
    lake.load(TIMED, table="hard", mode="replace")
    with lake.opened() as connector:
        table = connector.tables.demand(("default", "hard"))
        seen = pl.DataFrame(table.scan().to_arrow())
        bounds = table.inspect.files().to_pylist()[0]["readable_metrics"]
    expected = TIMED.with_columns(pl.col(name).cast(dtype) for name, dtype in BACK.items())
    assert_frame_equal(seen, expected, check_dtypes=False)
    assert bounds["id"]["lower_bound"] == 1
    assert bounds["day"]["upper_bound"] == dt.date(9999, 12, 31)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.Series([dt.timedelta(1)]), r"'odd' is Duration.*set `unheld_types`"),
        (pl.Series([[dt.time(1)]]), r"'odd' is List\(Time\).*cast what lies inside"),
    ],
)
def test_a_type_that_iceberg_lacks_is_refused_by_name(lake, column, message):
    with pytest.raises(DataError, match=message):
        lake.load(pl.DataFrame({"odd": column}), table="odd")
    assert lake.discover() == {}


def test_durations_may_be_stored_as_text(lake):
    rows = pl.DataFrame({"took": [dt.timedelta(days=1, microseconds=1), None]})
    lake.load(rows, table="odd", unheld_types="text")
    assert lake.read(table="odd").rows() == [("P1DT0.000001S",), (None,)]


@pytest.mark.parametrize("dtype", [pl.Datetime("ns"), pl.Time])
def test_nanoseconds_that_would_be_lost_are_refused(lake, dtype):
    rows = pl.DataFrame({"at": pl.Series([1_001], dtype=dtype)})
    with pytest.raises(DataError, match="'at' holds nanoseconds, and Iceberg keeps microseconds"):
        lake.load(rows, table="fine")


def test_rows_must_fit_the_columns_that_are_there(lake):
    lake.load(pl.DataFrame({"id": [1], "n": [2]}), table="t")
    lake.load(pl.DataFrame({"n": pl.Series([7], dtype=pl.Int8)}), table="t", mode="append")
    assert lake.read(table="t").sort("n").rows() == [(1, 2), (None, 7)]
    with pytest.raises(
        ConfigError, match=r"Column 'n' of .* holds Int64 and the rows bring String"
    ):
        lake.load(pl.DataFrame({"n": ["x"]}), table="t", mode="append")
