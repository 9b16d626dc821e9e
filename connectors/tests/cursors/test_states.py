"""The State of a read along a cursor, when a person writes it."""

import pytest

from connectors.errors import ConfigError
from connectors.sql.states import judge_state

STATE = {"column": "a", "value": "7"}


def test_a_column_and_a_value_are_enough(shop):
    shop.make(a="whole", b="whole")
    shop.options = {"cursor": "a", "second_cursor": "b"}
    shop.insert((1, 6, None), (2, 7, None), (3, None, 1), (4, None, 2), (5, None, None))
    shop.state = {**STATE, "second": {"column": "b", "value": "2"}}
    judge_state("a", "b", shop.state)
    # Rows of the value come again; rows with neither count as known.
    assert shop.sync() == [2, 4]
    assert shop.sync() == []
    judge_state("a", "b", shop.state)


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
