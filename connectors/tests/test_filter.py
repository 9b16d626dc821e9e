"""The filter: operators, types, missing values, and what it says when something is wrong."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import narwhals as nw
import polars as pl
import pytest

from connectors.errors import ConfigError
from connectors.tests.steps.frames import run
from connectors.transformers.filter import Filter, FilterConfig

ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "big": pl.Series([0, 2**63, 2**64 - 1, None], dtype=pl.UInt64),
        "price": pl.Series(["1.10", "2.00", "2.01", None], dtype=pl.String).cast(
            pl.Decimal(38, 18)
        ),
        "ratio": [0.5, 1.5, float("nan"), None],
        "name": ["Ada", "ada%", "Ünal\nB", None],
        "born": [date(1815, 12, 10), date(1990, 1, 1), date(2000, 2, 29), None],
        "seen": pl.Series(
            [datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), None, None],
            dtype=pl.Datetime("us", "UTC"),
        ),
        "at": pl.Series([time(9, 30), time(23, 59), None, None]),
        "active": [True, False, True, None],
        "kind": pl.Series(["a", "b", "a", None], dtype=pl.Categorical),
        "tags": [["x"], [], None, None],
    }
)


def kept(config: dict) -> list[int]:
    """Return the ids of the rows that fit."""
    rows = Filter(FilterConfig.model_validate(config)).apply(nw.from_native(ROWS.lazy()))
    return nw.to_native(rows).collect()["id"].to_list()


@pytest.mark.parametrize(
    ("column", "operator", "value", "ids"),
    [
        ("id", "eq", 2, [2]),
        ("id", "=", "2", [2]),
        ("id", "!=", 2, [1, 3, 4]),
        ("id", ">=", 2.5, [3, 4]),
        ("big", "gt", 2**63, [3]),
        ("big", "eq", str(2**64 - 1), [3]),
        ("price", "eq", "2", [2]),
        ("price", "<", 2.01, [1, 2]),
        ("price", "between", ["1.1", "2"], [1, 2]),
        ("ratio", "<=", "1.5", [1, 2]),
        ("name", "eq", "Ada", [1]),
        ("name", "ne", "Ada", [2, 3]),
        ("name", "contains", "%", [2]),
        ("name", "starts_with", "A", [1]),
        ("name", "ends_with", "B", [3]),
        ("name", "like", "_da%", [1, 2]),
        ("name", "like", "%B", [3]),
        ("name", "like", "ada%", [2]),
        ("name", "regex", "^[Aa]da", [1, 2]),
        ("name", "in", ["Ada", "x"], [1]),
        ("name", "not_in", ["Ada"], [2, 3]),
        ("name", "is_null", None, [4]),
        ("name", "is not null", None, [1, 2, 3]),
        ("born", ">", "1990-01-01", [3]),
        ("born", "in", ["2000-02-29"], [3]),
        ("seen", "ge", "2026-06-01T02:00:00+02:00", [2]),
        ("seen", "lt", "2026-06-01", [1]),
        ("at", "gt", "12:00", [2]),
        ("active", "eq", "true", [1, 3]),
        ("active", "eq", False, [2]),
        ("kind", "eq", "a", [1, 3]),
        ("kind", "starts_with", "b", [2]),
        ("id", "contains", 3, [3]),
        ("tags", "is_null", None, [3, 4]),
    ],
)
def test_each_operator_compares_in_the_type_of_the_column(column, operator, value, ids):
    assert kept({"column": column, "operator": operator, "value": value}) == ids


def test_conditions_nest():
    config = {
        "any": [
            {"column": "id", "operator": "eq", "value": 4},
            {
                "all": [
                    {"column": "active", "operator": "eq", "value": True},
                    {"column": "price", "operator": "gt", "value": 2},
                ]
            },
        ]
    }
    assert kept(config) == [3, 4]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"column": "nmae", "operator": "eq", "value": 1}, "no column 'nmae'; there are: id, big"),
        ({"column": "id", "operator": "eq", "value": "x"}, "'x' cannot be compared with 'id'"),
        ({"column": "id", "operator": "eq", "value": True}, "True cannot be compared with 'id'"),
        ({"column": "born", "operator": "eq", "value": "soon"}, "which is Date"),
        ({"column": "active", "operator": "eq", "value": "perhaps"}, "which is Boolean"),
        ({"column": "tags", "operator": "eq", "value": "x"}, "no values to compare with"),
        ({"column": "tags", "operator": "contains", "value": "x"}, "this needs a text"),
        ({"column": "name", "operator": "regex", "value": "("}, "no regular expression"),
    ],
)
def test_what_does_not_go_with_the_column_is_told(config, told):
    with pytest.raises(ConfigError, match=told.replace("(", r"\(")):
        kept(config)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, "give one of"),
        ({"any": [{"column": "id", "operator": "eq", "value": 1}] * 201}, "at most 200 conditions"),
        ({"column": "id", "operator": "eq", "value": 1, "all": [{}]}, "give one of"),
        ({"column": "id"}, "operator is missing; known: eq, ne"),
        ({"column": "id", "operator": "almost", "value": 1}, "'is_not_null'"),
        ({"column": "id", "operator": "in", "value": 1}, "needs a list"),
        ({"column": "id", "operator": "between", "value": [1]}, "two values"),
        ({"column": "id", "operator": "eq"}, "is_null finds rows without one"),
        ({"column": "id", "operator": "gt", "value": 1, "case_sensitive": False}, "knows no case"),
    ],
)
def test_a_condition_that_says_nothing_is_refused(config, told):
    with pytest.raises(ValueError, match=told):
        FilterConfig.model_validate(config)


@pytest.mark.parametrize(
    ("column", "operator", "value", "ids"),
    [
        ("name", "eq", "ADA", [1]),
        ("name", "ne", "ADA", [2, 3]),
        ("name", "in", ["ADA", "ADA%"], [1, 2]),
        ("name", "contains", "ÜNAL", [3]),
        ("name", "startswith", "ADA", [1, 2]),
        ("name", "like", "ADA_", [2]),
        ("kind", "eq", "A", [1, 3]),
        ("id", "eq", 2, [2]),
    ],
)
def test_case_does_not_matter_where_that_is_said(column, operator, value, ids):
    config = {"column": column, "operator": operator, "value": value}
    assert kept({**config, "case_sensitive": False}) == ids


def test_conditions_may_be_joined_by_a_word():
    conditions = [
        {"column": "name", "operator": "endswith", "value": "%"},
        {"column": "id", "operator": "==", "value": 4},
    ]
    assert kept({"conditions": conditions, "logic": "OR"}) == [2, 4]
    assert kept({"conditions": conditions}) == []
    with pytest.raises(ValueError, match="logic is AND or OR"):
        FilterConfig.model_validate({"conditions": conditions, "logic": "xor"})


@pytest.mark.parametrize(
    ("operator", "value", "ids"),
    [
        ("gt", 1, [2, 3]),
        ("ge", 1.5, [2, 3]),
        ("lt", 1, [1]),
        ("ne", 0.5, [2, 3]),
        ("between", [0, 2], [1, 2]),
        ("not_between", [0, 1], [2, 3]),
        ("in", [0.5], [1]),
        ("not_in", [0.5], [2, 3]),
    ],
)
def test_nan_is_greater_than_all_numbers_on_each_engine(operator, value, ids):
    config = {"column": "ratio", "operator": operator, "value": value}
    assert kept(config) == ids
    assert run("filter", config, ROWS.select("id", "ratio"))["id"].to_list() == ids


def test_nothing_is_collected(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("a transformer never looks at rows")

    monkeypatch.setattr(pl.LazyFrame, "collect", refuse)
    config = FilterConfig(column="price", operator="gt", value=Decimal(1))
    Filter(config).apply(nw.from_native(ROWS.lazy()))
