"""Looking back: late rows inside the window arrive, and known ones are not doubled."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.errors import ConfigError
from connectors.sql.increments import rows, window_of

# By kind: a window, the last value, one inside of the window, its very edge, and one outside.
WINDOWS = {
    "whole": ("10", 100, 95, 90, 89),
    "number": ("0.5", "2.0000", "1.6000", "1.5000", "1.4999"),
    "date": ("2d", "2024-03-01", "2024-02-29", "2024-02-28", "2024-02-27"),
    "moment": (
        "1h30m",
        "2024-01-01 12:00:00.000001",
        "2024-01-01 11:59:59",
        "2024-01-01 10:30:00.000001",
        "2024-01-01 10:30:00",
    ),
}


@pytest.mark.parametrize("kind", WINDOWS)
def test_late_rows_arrive_once_as_far_as_the_window_goes(shop, kind):
    window, last, inside, edge, outside = WINDOWS[kind]
    shop.make(seen=kind)
    shop.options = {"cursor": "seen", "look_back": window}
    shop.insert((1, last), (2, inside), (3, outside), (4, None))
    assert shop.sync() == [1, 2, 3, 4]
    shop.insert((5, inside), (6, edge), (7, outside), (8, last), (9, None))
    assert shop.sync() == [5, 6, 8, 9]
    assert shop.sync() == []


def test_a_window_that_moves_on_knows_its_own_rows(shop):
    shop.make(seen="whole")
    shop.options = {"cursor": "seen", "look_back": "10"}
    shop.insert(*[(number, number) for number in range(1, 31)])
    assert len(shop.sync()) == 30
    shop.insert((31, 35))
    assert shop.sync() == [31]
    shop.insert((32, 25), (33, 24))
    assert shop.sync() == [32]
    assert shop.sync() == []


def test_another_window_doubles_nothing(shop):
    shop.make(seen="whole")
    shop.options = {"cursor": "seen"}
    shop.insert(*[(number, number) for number in range(1, 31)])
    shop.sync(look_back="5")
    # What lies below the old window is not known row by row, so it is not asked for.
    assert shop.sync(look_back="20") == []
    shop.insert((31, 24), (32, 26), (33, 40))
    assert shop.sync(look_back="20") == [32, 33]
    shop.insert((34, 26))
    assert shop.sync(look_back="20") == [34]
    assert shop.sync() == []
    shop.insert((35, 39))
    assert shop.sync() == []


def test_a_window_wider_than_what_can_be_known_is_refused(shop, monkeypatch):
    monkeypatch.setattr(rows, "DIGESTS", 5)
    shop.make(seen="whole")
    shop.options = {"cursor": "seen", "look_back": "10"}
    shop.insert(*[(number, number) for number in range(1, 31)])
    with pytest.raises(ConfigError, match="More than 5 rows lie in the window of `look_back`"):
        shop.sync()
    assert len(shop.sync(look_back="3")) == 30
    # Merged by key, rows of the window that are not known come again.
    assert shop.sync(may_repeat=True) == list(range(20, 27))
    assert shop.sync(may_repeat=True) == list(range(20, 30))
    shop.insert((31, 30))
    assert shop.sync(look_back=None) == [31]


def test_a_dense_past_is_no_obstacle_to_a_thin_present(shop, monkeypatch):
    monkeypatch.setattr(rows, "DIGESTS", 5)
    shop.make(seen="whole")
    shop.options = {"cursor": "seen", "look_back": "10"}
    shop.insert(*[(number, 1) for number in range(20)], (20, 100), (21, 95))
    assert len(shop.sync()) == 22
    shop.insert((22, 91))
    assert shop.sync() == [22]


def test_a_window_of_time_leaves_a_second_cursor_of_numbers_alone(shop):
    shop.make(seen="moment", number="whole")
    shop.options = {"cursor": "seen", "second_cursor": "number", "look_back": "1h"}
    shop.insert((1, "2024-01-01 12:00:00", 1), (2, None, 10))
    assert shop.sync() == [1, 2]
    shop.insert((3, "2024-01-01 11:00:00", 1), (4, None, 9), (5, None, 10))
    assert shop.sync() == [3, 5]


def test_the_first_of_all_times_is_no_problem(shop):
    shop.make(seen="date")
    shop.options = {"cursor": "seen", "look_back": "500000w"}
    shop.insert((1, "1970-01-01"))
    assert shop.sync() == [1]
    shop.insert((2, "1000-01-01"))
    assert shop.sync() == [2]


@pytest.mark.parametrize(
    ("kind", "window", "told"),
    [
        ("moment", "10", "goes with no such `look_back`"),
        ("whole", "2h", "give a duration \\(2h\\) for dates and timestamps, a number for numbers"),
        ("text", "2", "and none for text"),
        ("whole", "soon", "'soon' is no window to look back; give a duration such as 30m"),
        ("whole", "-1", "is no window"),
    ],
)
def test_a_window_that_does_not_go_with_the_cursor_is_refused(shop, kind, window, told):
    shop.make(seen=kind)
    with pytest.raises(ConfigError, match=told) as caught:
        shop.sync(cursor="seen", look_back=window)
    assert caught.value.field == "look_back"


def test_a_window_needs_a_cursor(shop):
    with pytest.raises(ConfigError, match="`look_back` goes with `cursor`"):
        shop.sync(look_back="2h")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("2h", timedelta(hours=2)),
        (" 1D 12H ", timedelta(hours=36)),
        ("1w30m5s", timedelta(days=7, minutes=30, seconds=5)),
        ("1000", Decimal(1000)),
        ("0.25", Decimal("0.25")),
        ("0", None),
        ("0h", None),
    ],
)
def test_windows_are_durations_or_numbers(text, window):
    assert window_of(text) == window


@pytest.mark.parametrize("text", ["", "h", "2 hours", "1e999999999x", "NaN", "inf", "2h-1h"])
def test_anything_else_is_no_window(text):
    with pytest.raises(ValueError, match="is no window"):
        window_of(text)
