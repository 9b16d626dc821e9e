"""Counters that stand in the stream of rows: they measure, report progress and hear a stop."""

import resource
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

REPORT_SECONDS = 0.5


@dataclass
class Measure:
    """What passed one point: rows, bytes in memory, seconds and CPU seconds first to last batch.

    `rejected` are the rows that a source said it left out.
    """

    rows: int = 0
    rejected: int = 0
    size: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    expected_rows: int | None = None
    expected_size: int | None = None
    about_rows: int | None = None


class Meters:
    """All counters of one part; batches arrive from many threads of the query engine."""

    def __init__(self, *, pulse: Callable[[], None], report: Callable[[], None]) -> None:
        """Call `pulse` for each batch and `report` at most every half second."""
        self.measures: dict[str, Measure] = {}
        self._pulse = pulse
        self._report = report
        self._lock = threading.Lock()
        self._next_report = time.monotonic() + REPORT_SECONDS

    def attach(self, step: str, frame: "pl.LazyFrame") -> "pl.LazyFrame":
        """Return the frame with a counter behind it."""
        measure = self.measures.setdefault(step, Measure())
        began: list[float] = []

        def count(batch: "pl.DataFrame") -> "pl.DataFrame":
            self._pulse()
            now, cpu = time.monotonic(), _cpu_seconds()
            with self._lock:
                if not began:
                    began.extend((now, cpu))
                measure.rows += batch.height
                measure.size += int(batch.estimated_size())
                measure.seconds = now - began[0]
                measure.cpu_seconds = cpu - began[1]
                is_due = now >= self._next_report
                if is_due:
                    self._next_report = now + REPORT_SECONDS
            if is_due:
                self._report()
            return batch

        return frame.map_batches(
            count, streamable=True, projection_pushdown=True, validate_output_schema=False
        )


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
