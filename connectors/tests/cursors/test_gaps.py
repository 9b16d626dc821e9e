"""Rows without a cursor value: looked at each time, brought by a second cursor, left out."""

import pytest

from connectors.errors import ConfigError, DataError
from connectors.sql.increments import rows


@pytest.fixture
def gaps(shop):
    """A table with a cursor that may be missing and one beside it."""
    shop.make(seen="moment", number="whole")
    shop.options = {"cursor": "seen"}
    return shop


NOON, LATER = "2024-01-01 12:00:00", "2024-01-01 13:00:00"


def test_rows_that_get_none_later_are_neither_lost_nor_doubled(gaps):
    gaps.insert((1, NOON, 1), (2, None, 2))
    assert gaps.sync() == [1, 2]
    gaps.insert((3, None, 3), (4, LATER, 4), (5, None, None))
    assert gaps.sync() == [3, 4, 5]
    gaps.run("UPDATE t SET seen = NULL WHERE id = 4")
    assert gaps.sync() == [4]
    assert gaps.sync() == []


def test_a_row_that_gets_a_value_comes_again_as_an_update(gaps):
    gaps.insert((1, NOON, 1), (2, None, 2))
    gaps.sync()
    gaps.run(f"UPDATE t SET seen = '{LATER}' WHERE id = 2")
    assert gaps.sync() == [2]
    assert gaps.sync() == []


def test_a_table_of_gaps_alone_is_followed(gaps):
    gaps.insert((1, None, 1))
    assert gaps.sync() == [1]
    assert gaps.sync() == []
    gaps.insert((2, None, 1), (3, NOON, 1))
    assert gaps.sync() == [2, 3]
    assert gaps.sync() == []


def test_skipped_they_stay_away_and_come_when_they_are_read_again(gaps):
    gaps.insert((1, NOON, 1), (2, None, 2))
    assert gaps.sync(null_cursors="skip") == [1]
    gaps.insert((3, None, 3), (4, LATER, 4))
    assert gaps.sync(null_cursors="skip") == [4]
    assert gaps.sync() == [2, 3]
    gaps.insert((5, None, 5))
    assert gaps.sync(null_cursors="skip") == []
    assert gaps.sync() == [5]


def test_refused_they_end_the_read(gaps):
    gaps.insert((1, NOON, 1))
    assert gaps.sync(null_cursors="refuse") == [1]
    gaps.insert((2, None, 2))
    with pytest.raises(DataError, match="without a value in 'seen', and `null_cursors` refuses"):
        gaps.sync(null_cursors="refuse")


def test_a_state_of_before_knows_the_rows_that_the_first_read_brought(gaps):
    gaps.insert((1, NOON, 1), (2, None, 2))
    gaps.sync()
    gaps.state = {name: value for name, value in gaps.state.items() if name != "nulls"}
    assert gaps.sync() == []
    gaps.insert((3, None, 3))
    assert gaps.sync() == [3]


def test_too_many_of_them_are_watched_as_a_whole(gaps, monkeypatch):
    monkeypatch.setattr(rows, "DIGESTS", 3)
    gaps.insert((0, NOON, 0), *[(number, None, number) for number in range(1, 6)])
    assert len(gaps.sync()) == 6
    gaps.insert((6, LATER, 6))
    assert gaps.sync() == [6]
    gaps.insert((7, None, 7))
    with pytest.raises(DataError, match="5 rows without a value in 'seen' were read before; now"):
        gaps.sync()
    # Where rows are merged by key they come again instead.
    assert gaps.sync(may_repeat=True) == [1, 2, 3, 4, 5, 7]


def test_a_second_cursor_orders_the_rows_without_a_first(gaps):
    gaps.options |= {"second_cursor": "number"}
    gaps.insert((1, NOON, 100), (2, None, 7), (3, None, None))
    assert gaps.sync() == [1, 2, 3]
    gaps.insert((4, NOON, 1), (5, None, 7), (6, None, 6), (7, None, None), (8, LATER, 1))
    # The sixth came late: its number lies below the last one of those without a first value.
    assert gaps.sync() == [4, 5, 7, 8]
    assert gaps.sync() == []
    gaps.insert((9, None, 8))
    assert gaps.sync() == [9]
    assert gaps.sync() == []


def test_a_second_cursor_may_begin_later(gaps):
    gaps.options |= {"second_cursor": "number"}
    gaps.insert((1, NOON, 1))
    assert gaps.sync() == [1]
    gaps.insert((2, None, -5), (3, None, None))
    assert gaps.sync() == [2, 3]
    gaps.insert((4, None, -5), (5, None, -6), (6, None, None))
    assert gaps.sync(null_cursors="skip") == [4]
    assert gaps.sync() == [6]


def test_a_state_of_one_cursor_is_none_of_two(gaps):
    gaps.insert((1, NOON, 1))
    gaps.sync()
    with pytest.raises(ConfigError, match="for no second column, not for column 'number'"):
        gaps.sync(second_cursor="number")
    with pytest.raises(ConfigError, match="like the first; name another"):
        gaps.sync(second_cursor="seen")
    with pytest.raises(ConfigError, match="no column 'nmuber'"):
        gaps.sync(second_cursor="nmuber")


def test_days_that_no_calendar_has_count_as_gaps_of_mysql(shop):
    if shop.name != "mysql":
        return
    shop.make(seen="date")
    shop.options = {"cursor": "seen"}
    days = ["2024-01-01", "0000-00-00", "2024-00-00", "2030-02-31"]
    shop.insert(*[(number, day) for number, day in enumerate(days)])
    assert shop.sync() == [0, 1, 2, 3]
    # The server sorts half of a date among the others: one below the last value came late.
    shop.insert((4, "0000-00-00"), (5, "2023-02-30"), (6, "2024-05-00"))
    assert shop.sync() == [4, 6]
    assert shop.sync() == []
