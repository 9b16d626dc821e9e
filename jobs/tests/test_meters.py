"""Counters in the stream of rows."""

from collections.abc import Iterator

import polars as pl
import pytest

from connectors.base import lazy_frame
from connectors.errors import Cancelled
from jobs.engine.meters import Meters


def nothing() -> None:
    """Hear no stop, report to nobody."""


def counted_source(reads: list[list[str]]) -> pl.LazyFrame:
    def batches(columns: list[str]) -> Iterator[pl.DataFrame]:
        reads.append(columns)
        for start in range(0, 50, 10):
            yield pl.DataFrame({"a": range(start, start + 10), "b": ["x"] * 10}).select(columns)

    return lazy_frame({"a": pl.Int64(), "b": pl.String()}, batches)


def test_a_counter_counts_the_rows_that_pass():
    meters = Meters(pulse=nothing, report=nothing)
    meters.attach("read", counted_source([])).collect()
    assert meters.measures["read"].rows == 50
    assert meters.measures["read"].size > 0


def test_two_branches_with_different_filters_read_the_source_once():
    reads: list[list[str]] = []
    meters = Meters(pulse=nothing, report=nothing)
    frame = meters.attach("read", counted_source(reads)).cache()
    low, high = frame.filter(pl.col("a") < 5), frame.filter(pl.col("a") >= 45).select("a")
    sizes: list[int] = []
    sinks = [
        branch.sink_batches(lambda batch: sizes.append(batch.height), lazy=True)
        for branch in (low, high)
    ]
    pl.collect_all(sinks)
    assert [sorted(columns) for columns in reads] == [["a", "b"]]
    assert sum(sizes) == 10
    assert meters.measures["read"].rows == 50


def test_columns_that_nobody_wants_are_not_read():
    reads: list[list[str]] = []
    meters = Meters(pulse=nothing, report=nothing)
    meters.attach("read", counted_source(reads)).select("a").collect()
    assert reads == [["a"]]


def test_a_stop_that_is_heard_at_a_counter_arrives_as_itself():
    def stop() -> None:
        raise Cancelled("a person asked for the end")

    meters = Meters(pulse=stop, report=nothing)
    with pytest.raises(Cancelled, match="a person asked for the end"):
        meters.attach("read", counted_source([])).collect()


def test_progress_is_reported_at_most_every_half_second():
    reports: list[int] = []
    meters = Meters(pulse=nothing, report=lambda: reports.append(1))
    meters.attach("read", counted_source([])).collect()
    assert reports == []
    meters._next_report = 0.0
    meters.attach("read", counted_source([])).collect()
    assert len(reports) == 1
