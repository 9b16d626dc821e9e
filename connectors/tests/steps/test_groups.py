"""Steps that need all rows: order, equality and sums as in SQL."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import ConfigError
from connectors.tests.steps.frames import run

NAN, INF = float("nan"), float("inf")
ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, 5, 6],
        "team": ["b", "a", None, "a", None, "B"],
        "score": [1.0, NAN, None, -INF, 2.5, 0.0],
        "money": pl.Series(["0.10", "0.20", None, "-1.00", "5.55", "0.00"]).cast(pl.Decimal(10, 2)),
        "day": [date(2026, 1, 1), None, date(2024, 2, 29), date(2026, 1, 1), None, None],
        "seen": pl.Series([None, datetime(2026, 3, 29, 1, tzinfo=UTC), None, None, None, None]),
        "tags": [["x"], [], None, None, None, None],
    }
)


def ids(step, config):
    return run(step, config, ROWS)["id"].to_list()


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"columns": ["id"], "descending": True}, [6, 5, 4, 3, 2, 1]),
        ({"columns": "score"}, [4, 6, 1, 5, 2, 3]),
        ({"by": ["score"], "descending": True}, [2, 5, 1, 6, 4, 3]),
        ({"columns": ["score"], "nulls_last": False}, [3, 4, 6, 1, 5, 2]),
        ({"columns": ["team", "id"], "descending": [False, True]}, [6, 4, 2, 1, 5, 3]),
        ({"columns": [{"column": "money", "order": "desc"}]}, [5, 2, 1, 6, 4, 3]),
        ({"columns": ["day", "id"], "null_position": "first"}, [2, 5, 6, 3, 1, 4]),
        ({"columns": ["id"], "ascending": False}, [6, 5, 4, 3, 2, 1]),
    ],
)
def test_rows_are_put_in_order(config, expected):
    assert ids("sort", config) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"columns": ["team"]}, [1, 2, 3, 6]),
        ({"columns": ["team"], "keep": "last"}, [1, 4, 5, 6]),
        ({"columns": ["day", "team"]}, [1, 2, 3, 4, 5, 6]),
        ({"columns": ["day"], "keep": "last"}, [3, 4, 6]),
        ({"columns": ["team"], "ignore_case": True}, [1, 2, 3]),
        ({"columns": ["id", "team"], "ignore_case": True}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_one_of_equal_rows_is_kept_in_the_order_of_the_input(config, expected):
    assert ids("deduplicate", config) == expected


def test_rows_that_have_equals_all_go():
    kept = run("deduplicate", {"columns": ["team"], "keep": "none"}, ROWS.head(4), by="id")
    assert kept["id"].to_list() == [1, 3]


def test_any_of_equal_rows_is_kept():
    kept = run("deduplicate", {"keep": "any"}, ROWS.select("team"), by="team")
    assert kept["team"].to_list() == ["B", "a", "b", None]


def test_equal_numbers_of_other_bits_are_equal():
    rows = pl.DataFrame({"x": [0.0, -0.0, NAN, -NAN, None, None]})
    assert run("deduplicate", {}, rows).height == 3


def test_all_rows_are_deduplicated_by_all_columns():
    rows = pl.DataFrame({"a": [1, 1, 1], "b": ["x", "x", "y"]})
    assert run("deduplicate", {}, rows).rows() == [(1, "x"), (1, "y")]


def sums(operation, column="id", rows=ROWS, by=("team",)):
    config = {
        "group_by_columns": list(by),
        "aggregations": [{"column": column, "operation": operation, "new_column_name": "made"}],
    }
    return run("aggregate", config, rows)["made"].to_list()


@pytest.mark.parametrize(
    ("operation", "column", "expected"),
    [
        # The groups are B, a, b and those without a team.
        ("count", "score", [1, 2, 1, 1]),
        ("sum", "id", [6, 6, 1, 8]),
        ("sum", "money", [Decimal("0.00"), Decimal("-0.80"), Decimal("0.10"), Decimal("5.55")]),
        ("mean", "money", [0.0, -0.4, 0.1, 5.55]),
        ("min", "day", [None, date(2026, 1, 1), date(2026, 1, 1), date(2024, 2, 29)]),
        ("max", "score", [0.0, NAN, 1.0, 2.5]),
        ("min", "score", [0.0, -INF, 1.0, 2.5]),
        ("max", "seen", [None, datetime(2026, 3, 29, 1, tzinfo=UTC), None, None]),
        ("std", "id", [None, math.sqrt(2), None, math.sqrt(2)]),
        ("variance", "id", [None, 2.0, None, 2.0]),
        ("std", "score", [None, NAN, None, None]),
        ("median", "id", [6.0, 3.0, 1.0, 4.0]),
        ("median", "score", [0.0, NAN, 1.0, 2.5]),
        ("n_unique", "day", [0, 1, 1, 1]),
        ("n_unique", "id", [1, 2, 1, 2]),
        ("first", "id", [6, 2, 1, 3]),
        ("last", "id", [6, 4, 1, 5]),
        ("first", "score", [0.0, NAN, 1.0, None]),
    ],
)
def test_groups_are_summed_up_as_in_sql(operation, column, expected):
    found = sums(operation, column)
    assert len(found) == 4
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, nan_ok=True) if isinstance(one, float) else one == other


def test_rows_are_counted_and_names_made():
    config = {"aggregations": [{"operation": "count"}, {"column": "money", "function": "avg"}]}
    assert run("aggregate", config, ROWS).to_dicts() == [{"count": 6, "money_mean": 0.97}]


def test_the_sum_of_nothing_is_nothing_and_its_count_is_0():
    nothing = ROWS.clear()
    assert sums("sum", rows=nothing, by=()) == [None]
    assert sums("sum", "money", rows=nothing, by=()) == [None]
    assert sums("count", rows=nothing, by=()) == [0]
    assert sums("first", rows=nothing, by=()) == [None]
    assert sums("sum", rows=nothing) == []


@pytest.mark.parametrize(
    ("dtype", "most"), [(pl.Int64, 2**63 - 1), (pl.UInt64, 2**64 - 1), (pl.Int8, 127)]
)
def test_a_sum_is_exact_or_refused(dtype, most):
    part = most // 8
    small = pl.DataFrame({"g": ["x"] * 3, "n": pl.Series([part] * 3, dtype=dtype)})
    assert sums("sum", "n", small, ("g",)) == [part * 3]
    if dtype is not pl.Int8:
        big = pl.DataFrame({"g": ["x"] * 3, "n": pl.Series([most] * 3, dtype=dtype)})
        with pytest.raises(Exception, match=r"conversion from `i128`|out of range"):
            sums("sum", "n", big, ("g",))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"aggregations": []}, "at least 1"),
        ({"aggregations": [{"operation": "sum"}]}, "sum needs a column"),
        ({"aggregations": [{"column": "id", "operation": "total"}]}, "'sum', 'mean'"),
        ({"aggregations": [{"column": "team", "operation": "sum"}]}, "needs numbers for sum"),
        ({"aggregations": [{"column": "tags", "operation": "max"}]}, "needs single values"),
        ({"aggregations": [{"column": "no", "operation": "max"}]}, "no column 'no'; there are: id"),
        (
            {
                "group_by": ["team"],
                "aggregations": [{"column": "id", "operation": "max", "output_name": "Team"}],
            },
            "a column 'team' already",
        ),
        (
            {"aggregations": [{"column": "id", "operation": "max", "alias": "x"}] * 2},
            "a column 'x' already",
        ),
    ],
)
def test_what_cannot_be_summed_up_is_told(config, told):
    with pytest.raises(ConfigError, match=told):
        run("aggregate", config, ROWS)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"columns": []}, "at least 1"),
        ({"columns": ["id", "id"]}, "named twice"),
        ({"columns": ["id"], "descending": [True, False]}, "one for each"),
        ({"columns": ["tags"]}, "needs single values"),
    ],
)
def test_what_cannot_be_sorted_is_told(config, told):
    with pytest.raises(ConfigError, match=told):
        run("sort", config, ROWS)
