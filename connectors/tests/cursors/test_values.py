"""Cursors of each type, run after run: nothing lost, nothing doubled."""

import pytest

from connectors.tests.cursors.conftest import TYPES

# Three values of each kind, in the order of the database and of Polars alike.
VALUES = {
    "whole": (-(2**62), 0, 2**62),
    "number": ("-1000000000000000.0001", "2.0001", "2.0002"),
    "date": ("1970-01-01", "2024-02-29", "2024-03-01"),
    "moment": (
        "1969-12-31 23:59:59.999999",
        "2024-01-01 00:00:00.000001",
        "2024-01-01 00:00:00.000002",
    ),
    "zoned": (
        "2024-01-01 00:00:00.000001+00:00",
        "2024-03-31 01:00:00.000002+00:00",
        "2024-03-31 01:00:00.000003+00:00",
    ),
    "nanos": (
        "2024-01-01 00:00:00.000000001",
        "2024-01-01 00:00:00.000000002",
        "2024-01-01 00:00:00.000000003",
    ),
    "text": ("B", "a", "é'\\%s😀"),
    "uuid": (
        "00000000-0000-0000-0000-00000000000f",
        "0f000000-0000-0000-0000-000000000000",
        "f0000000-0000-0000-0000-000000000000",
    ),
}
KINDS = sorted({(name, kind) for name, kinds in TYPES.items() for kind in kinds if kind in VALUES})


@pytest.mark.parametrize(("shop", "kind"), KINDS, indirect=["shop"])
def test_equal_values_split_over_runs_arrive_once(shop, kind):
    low, middle, high = VALUES[kind]
    shop.make(seen=kind)
    shop.options = {"cursor": "seen"}
    shop.insert((1, low), (2, middle), (3, middle), (4, None))
    assert shop.sync() == [1, 2, 3, 4]
    shop.insert((5, middle), (6, low), (7, None))
    # What comes late with a value below the last one is not seen.
    assert shop.sync() == [5, 7]
    assert shop.sync() == []
    shop.insert((8, middle), (9, high))
    assert shop.sync() == [8, 9]
    shop.insert((10, high), (11, high))
    assert shop.sync() == [10, 11]
    assert shop.sync() == []


def test_rows_that_are_equal_in_everything_are_counted(shop):
    shop.make(seen="whole")
    shop.options = {"cursor": "seen"}
    shop.insert((1, 5), (1, 5), (2, None), (2, None))
    assert shop.sync() == [1, 1, 2, 2]
    shop.insert((1, 5), (2, None))
    assert shop.sync() == [1, 2]
    assert shop.sync() == []


def test_an_update_that_leaves_the_cursor_comes_again(shop):
    shop.make(seen="moment", note="text")
    shop.options = {"cursor": "seen"}
    moment = "2024-01-01 10:00:00"
    shop.insert((1, moment, "a"), (2, moment, "b"), (3, None, "c"), (4, None, "d"))
    assert shop.sync() == [1, 2, 3, 4]
    shop.run("UPDATE t SET note = 'new' WHERE id IN (2, 3)")
    assert shop.sync() == [2, 3]
    assert shop.sync() == []


def test_a_view_and_a_choice_of_columns_are_followed_too(shop):
    shop.make(seen="whole", note="text")
    shop.insert((1, 5, "a"), (2, None, "b"))
    shop.options = {"cursor": "seen", "columns": ["id"], "table": None}
    shop.options["query"] = "SELECT note, seen, id FROM t"
    assert shop.sync() == [1, 2]
    # A change of what is not read is none.
    shop.run("UPDATE t SET note = 'new'")
    shop.insert((3, 5, "c"), (4, None, "d"))
    assert shop.sync() == [3, 4]
    assert shop.sync() == []
