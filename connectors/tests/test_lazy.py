"""A lazy frame over batches."""

from collections.abc import Iterator

import polars as pl
import pytest

from connectors.base import lazy_frame


@pytest.fixture
def frame() -> pl.LazyFrame:
    def batches(columns: list[str]) -> Iterator[pl.DataFrame]:
        for start in (0, 3):
            yield pl.DataFrame({"a": range(start, start + 3), "b": ["x", "y", "z"]}).select(columns)

    return lazy_frame({"a": pl.Int64(), "b": pl.String()}, batches)


def test_a_predicate_on_a_column_that_is_not_selected_is_applied(frame):
    assert frame.filter(pl.col("b") == "y").select("a").collect()["a"].to_list() == [1, 4]


def test_a_limit_ends_the_reading(frame):
    assert frame.head(4).collect()["a"].to_list() == [0, 1, 2, 3]


def test_a_limit_after_a_predicate_counts_the_kept_rows(frame):
    assert frame.filter(pl.col("a") > 0).head(3).collect()["a"].to_list() == [1, 2, 3]


def test_no_batches_still_give_the_columns():
    empty = lazy_frame({"a": pl.Int64()}, lambda columns: iter(()))
    assert empty.collect().schema == {"a": pl.Int64}


def test_a_batch_of_another_type_is_an_error_not_a_cast():
    wrong = lazy_frame({"a": pl.Int64()}, lambda columns: iter([pl.DataFrame({"a": ["1"]})]))
    with pytest.raises(pl.exceptions.SchemaError):
        wrong.collect()
