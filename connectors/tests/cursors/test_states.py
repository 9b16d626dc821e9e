"""The State of a read along a cursor, when a person writes it."""

import pytest

from connectors.errors import ConfigError
from connectors.sql.states import complete_state, judge_state, judge_values

STATE = {"column": "a", "value": "7"}


def test_a_column_and_a_value_are_enough(shop):
    shop.make(a="whole", b="whole")
    shop.options = {"cursor": "a", "second_cursor": "b"}
    shop.insert((1, 6, None), (2, 7, None), (3, None, 1), (4, None, 2), (5, None, None))
    given = {**STATE, "second": {"column": "b", "value": "2"}}
    judge_state("a", "b", given)
    shop.state = complete_state(given, None)
    # Rows of the value come again, and those with neither, of which nothing is known.
    assert shop.sync() == [2, 4, 5]
    assert shop.sync() == []
    judge_state("a", "b", shop.state)


def test_rows_without_a_value_are_neither_lost_nor_doubled_by_a_state(shop):
    shop.make(a="whole")
    shop.options = {"cursor": "a"}
    shop.insert((1, 6), (2, 7), (3, None))
    assert shop.sync() == [1, 2, 3]
    shop.insert((4, None), (5, 8))
    shop.state = complete_state(STATE, shop.state)
    assert shop.sync() == [2, 4, 5]
    assert shop.sync() == []


def test_a_state_of_an_old_release_still_counts_them_as_known(shop):
    shop.make(a="whole")
    shop.options = {"cursor": "a"}
    shop.insert((1, 6), (2, 7), (3, None))
    shop.state = STATE
    assert shop.sync() == [2]
    shop.insert((4, None))
    assert shop.sync() == [4]


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (STATE, {"column": "b", "columns": ["id"], "nulls": {"rows": 1}}),
        (STATE, {**STATE, "columns": ["id"]}),
        ({**STATE, "columns": ["id"]}, {**STATE, "columns": ["a"], "nulls": {"rows": 1}}),
    ],
)
def test_what_is_known_of_others_is_not_taken_over(given, known):
    assert complete_state(given, known) == {**given, "nulls": {}}


def test_what_a_person_says_of_rows_without_a_value_holds():
    given = {**STATE, "nulls": {"rows": 0, "digests": ""}}
    assert complete_state(given, {**STATE, "nulls": {"rows": 1}}) == given


@pytest.mark.parametrize(
    ("second", "state", "field"),
    [
        (None, {**STATE, "column": "b"}, "state.column"),
        (None, {"column": "a"}, "state.value"),
        (None, {**STATE, "value": 7}, "state.value"),
        (None, {**STATE, "from": 3}, "state.from"),
        (None, {**STATE, "nulls": []}, "state.nulls"),
        (None, {**STATE, "nulls": {"rows": -1}}, "state.nulls.rows"),
        (None, {**STATE, "nulls": {"digests": "?"}}, "state.nulls.digests"),
        (None, {**STATE, "second": {}}, "state.second"),
        ("b", STATE, "state.second"),
        ("b", {**STATE, "second": {"column": "c", "value": "1"}}, "state.second.column"),
    ],
)
def test_what_no_state_could_be_is_refused_by_its_field(second, state, field):
    with pytest.raises(ConfigError) as caught:
        judge_state("a", second, state)
    assert caught.value.field == field


MOMENT = "Datetime(time_unit='us', time_zone=None)"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("Int32", "-7"),
        ("Decimal(precision=10, scale=2)", "1.5"),
        ("Date", "2026-01-31"),
        (MOMENT, "2026-01-31 12:30:00"),
        ("Datetime(time_unit='us', time_zone='UTC')", "2026-01-31 12:30:00+00:00"),
        ("String", " any text "),
        ("no type", "7"),
    ],
)
def test_a_value_of_the_cursors_type_is_taken(kind, value):
    given = {"column": "a", "value": value, "from": value, "second": {"column": "b"}}
    judge_values(given, {"a": kind, "b": kind})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("Int32", "2147483648"),
        ("UInt8", "-1"),
        ("Decimal(precision=10, scale=2)", "1.555"),
        ("Decimal(precision=10, scale=2)", "1e3"),
        ("Date", "31.01.2026"),
        (MOMENT, "2026-01-31"),
        (MOMENT, "yesterday"),
    ],
)
@pytest.mark.parametrize("name", ["value", "from"])
def test_a_value_of_another_type_is_refused_by_its_field(kind, value, name):
    with pytest.raises(ConfigError, match="is no value of the cursor column 'a'") as caught:
        judge_values({"column": "a", name: value}, {"a": kind})
    assert caught.value.field == f"state.{name}"
    second = {"column": "b", name: value}
    with pytest.raises(ConfigError, match="is no value of the cursor column 'b'") as caught:
        judge_values({"column": "a", "second": second}, {"b": kind})
    assert caught.value.field == f"state.second.{name}"
