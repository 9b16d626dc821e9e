"""Which type holds two others exactly."""

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from connectors.sql.growing import check_rows, grown, wider

MS, US, NS = (pl.Datetime(unit) for unit in ("ms", "us", "ns"))


@pytest.mark.parametrize(
    ("held", "given", "expected"),
    [
        (pl.Int8(), pl.Int64(), pl.Int64()),
        (pl.UInt8(), pl.Int8(), pl.Int16()),
        (pl.UInt32(), pl.Int8(), pl.Int64()),
        (pl.Int64(), pl.UInt64(), pl.Decimal(20, 0)),
        (pl.UInt64(), pl.Int128(), pl.Int128()),
        (pl.Int128(), pl.UInt128(), None),
        (pl.Int32(), pl.Decimal(6, 2), pl.Decimal(12, 2)),
        (pl.Decimal(10, 4), pl.Decimal(10, 2), pl.Decimal(12, 4)),
        (pl.Decimal(38, 0), pl.Decimal(10, 2), None),
        (pl.Decimal(6, 2), pl.Int64(), pl.Decimal(21, 2)),
        (pl.Float32(), pl.Float64(), pl.Float64()),
        (pl.Int32(), pl.Float64(), None),
        (pl.Date(), US, US),
        (pl.Date(), pl.Datetime("us", "UTC"), None),
        (MS, US, US),
        (US, NS, None),
        (US, pl.Datetime("us", "UTC"), None),
        (pl.Datetime("ms", "UTC"), pl.Datetime("us", "UTC"), pl.Datetime("us", "UTC")),
        (pl.Enum(["a"]), pl.String(), pl.String()),
        (pl.Int64(), pl.String(), None),
        (pl.String(), pl.Int64(), None),
        (pl.Boolean(), pl.Int64(), None),
        (pl.Null(), pl.Date(), pl.Date()),
    ],
)
def test_the_narrowest_type_that_holds_both(held, given, expected):
    assert wider(held, given) == expected


def test_names_are_compared_as_the_system_does():
    held, rows = {"Name": pl.String()}, {"name": pl.String()}
    assert not grown(rows, held, is_case_sensitive=False)
    assert grown(rows, held).added == rows


def test_a_column_that_must_be_given_is_refused_with_what_to_do():
    with pytest.raises(ConfigError, match=r"needs a value in column 'a'.*default.*NULL.*bring"):
        check_rows({"b": pl.Int64()}, {"a": pl.Int64()}, evolve=True, required=["a"])


def test_what_no_type_holds_is_refused_with_both_types_and_ways_out():
    with pytest.raises(DataError, match=r"'a' of t holds Int64 and the rows bring String.*replace"):
        check_rows({"a": pl.String()}, {"a": pl.Int64()}, evolve=True, table="t")


def test_without_evolve_the_way_out_is_named():
    with pytest.raises(ConfigError, match=r"has no column 'b'.*`evolve`"):
        check_rows({"b": pl.Int64()}, {"a": pl.Int64()}, evolve=False)
