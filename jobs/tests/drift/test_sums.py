"""Sums are the same for the same rows, whatever their order, their batches and what holds them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.engine.checks import compared
from jobs.engine.sums import Sums, sort_of


def summed(frame, *, batches=1):
    """Return the sums of a frame that comes in so many batches."""
    sums = Sums.of(frame.schema)
    for number in range(batches):
        sums.add(frame[number::batches])
    return sums


ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3, None],
        "name": ["a", "", None, "ü"],
        "price": [Decimal("1.50"), Decimal("0.00"), None, Decimal("-10.00")],
        "rate": [0.5, -0.0, float("nan"), None],
        "at": [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), None, None],
        "seen": [datetime(2026, 1, 1, tzinfo=UTC), None, None, None],
        "day": [date(2026, 1, 1), None, None, None],
        "raw": [b"\x00", b"", None, None],
        "is_new": [True, False, None, None],
        "tags": [["a"], [], None, [None]],
    }
)
HELD = {
    "id": pl.Decimal(38, 4),
    "name": pl.Categorical(),
    "price": pl.Decimal(38, 6),
    "at": pl.Datetime("ms"),
    "is_new": pl.Int32(),
}


def test_order_and_batches_do_not_matter():
    assert summed(ROWS) == summed(ROWS.reverse(), batches=3)


def test_what_holds_a_value_does_not_matter():
    held = {**HELD, "at": pl.Datetime("us")}
    assert summed(ROWS) == summed(ROWS.cast(held))
    short = ROWS.filter(pl.col("id") == 1)
    assert summed(short) == summed(short.cast(HELD))


@pytest.mark.parametrize("column", list(ROWS.columns))
def test_a_value_that_is_lost_is_seen_in_its_column(column):
    lost = ROWS.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(None).otherwise(pl.col(column)).alias(column)
    )
    checks = compared(summed(ROWS), summed(lost))
    assert [check.name for check in checks if check.passed is False] == [
        "checksums",
        f"checksum of {column!r}",
    ]


def test_a_row_that_is_doubled_or_missing_is_seen():
    for other in (pl.concat([ROWS, ROWS[:1]]), ROWS[1:]):
        assert compared(summed(ROWS), summed(other))[0].passed is False


def test_values_that_changed_their_rows_are_seen():
    mixed = ROWS.with_columns(ROWS["name"].reverse())
    (whole,) = compared(summed(ROWS), summed(mixed))
    assert whole.passed is False


def test_a_column_of_another_sort_is_listed_and_not_compared():
    texts = ROWS.with_columns(pl.col("day").cast(pl.String))
    whole, single = compared(summed(ROWS), summed(texts))
    assert (whole.passed, single.name, single.passed) == (True, "checksum of 'day'", None)
    assert (single.expected, single.found) == ("date", "text")


def test_a_column_that_the_target_lacks_is_seen():
    checks = compared(summed(ROWS), summed(ROWS.drop("name")))
    assert "checksum of 'name'" in [check.name for check in checks if check.passed is False]


def test_sums_are_added_and_survive_as_json():
    first, second = ROWS[:1], ROWS[1:]
    both = summed(first).plus(summed(second))
    assert both == summed(ROWS)
    assert Sums.read(both.stored()) == both
    assert Sums.read(None) is None
    assert Sums.read({**both.stored(), "by": "0.1"}) is None


def test_types_without_a_comparable_form_are_not_compared():
    assert sort_of(pl.List(pl.Categorical())) == ""
    assert sort_of(pl.Object()) == ""


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.text())), st.randoms())
def test_any_shuffle_has_the_same_sums(rows, random):
    schema = {"a": pl.Int64, "b": pl.String}
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (pl.DataFrame(some, schema, orient="row") for some in (rows, shuffled))
    assert summed(one) == summed(other)
