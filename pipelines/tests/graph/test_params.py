"""Values of params: which of them counts, and where they go."""

import datetime as dt
from decimal import Decimal

import pytest

from pipelines.graph.filling import filled
from pipelines.graph.params import settle
from pipelines.tests.graph.graphs import graph_of, node


def test_a_run_goes_before_a_schedule_and_that_before_defaults():
    declared = {"a": 1, "b": 1, "c": 1}
    params = settle(declared, {"b": 2, "c": 2}, {"c": 3}, built_in={"run_id": "r"})
    assert params.values == {"a": 1, "b": 2, "c": 3, "run_id": "r"}
    assert params.findings == []


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("string", "x", "x"),
        ("integer", "7", 7),
        ("number", "1.50", Decimal("1.50")),
        ("boolean", "true", True),
        ("date", "2026-01-31", dt.date(2026, 1, 31)),
        ("datetime", "2026-01-31T12:30:00+00:00", dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC)),
        ("list", ["a", "b"], ("a", "b")),
    ],
)
def test_a_declared_type_is_what_the_value_becomes(kind, given, value):
    params = settle([{"name": "p", "type": kind}], {"p": given}, built_in={})
    assert (params.values, params.findings) == ({"p": value}, [])
    wrong = settle([{"name": "p", "type": kind}], {"p": {"x": 1}}, built_in={})
    assert [one.code for one in wrong.findings] == ["bad_param"]


def test_a_required_param_needs_a_value():
    params = settle([{"name": "p", "required": True}], built_in={})
    assert [one.code for one in params.findings] == ["missing_param"]


def config_of(kind, module, config, **values):
    """Return the config of a node with values in it."""
    reading = graph_of(node("n", kind, module, config))
    return filled(reading.graph.nodes[0], settle({}, values, built_in={}).values)


def test_values_go_to_sql_apart_from_its_text():
    query = "SELECT ':a' FROM t WHERE x = :a AND y IN (:b)"
    filled_in = config_of("E", "sqlite", {"path": "a", "query": query}, a="'", b=[1, 2], c=3)
    assert filled_in == {"path": "a", "query": query, "params": {"a": "'", "b": [1, 2]}}


def test_values_go_into_texts_of_settings_where_a_name_stands_free():
    config = {
        "path": "out/:day/x_:day.csv",
        "delimiter": ":sep",
        "table": r"12:30 a:b \:day (?:day)",
    }
    assert config_of("L", "csv", config, day="d1", sep=";") == {
        "path": "out/d1/x_d1.csv",
        "delimiter": ";",
        "table": "12:30 a:b :day (?:day)",
    }
    assert config_of("T", "limit", {"rows": ":n"}, n=5) == {"rows": 5}


def test_values_do_not_say_where_to_or_with_what_secret():
    config = {"host": ":h", "password": ":h", "table": ":h"}
    assert config_of("E", "postgres", config, h="evil")["table"] == "evil"
    assert config_of("E", "postgres", config, h="evil")["host"] == ":h"
    path = {"path": "s3://:h/:h/x.csv", "secret_access_key": ":h"}
    assert config_of("E", "csv", path, h="evil") == {
        "path": "s3://:h/evil/x.csv",
        "secret_access_key": ":h",
    }
