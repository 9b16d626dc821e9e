"""A source over frames that a test wrote down, which can break or wait where the test says so."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl

from connectors.base import (
    Access,
    Check,
    CheckReport,
    Extraction,
    ReadOptions,
    Settings,
    Source,
    State,
    Stream,
    lazy_frame,
)


class RowsSettings(Settings):
    """Nothing to reach."""


class Rows(Source):
    """Yields the given batches; `before` is called with each batch's index and may raise."""

    name = "rows"
    label = "Rows"
    description = "Batches held in memory."
    Settings = RowsSettings
    ReadOptions = ReadOptions
    example: dict[str, Any] = {}

    def __init__(
        self,
        batches: Sequence[pl.DataFrame],
        access: Access,
        *,
        before: Callable[[int], None] = lambda index: None,
        state: State | None = None,
    ) -> None:
        super().__init__(RowsSettings(), access)
        self.batches = batches
        self.before = before
        self.state = state

    def check(self) -> CheckReport:
        return CheckReport((Check("memory", passed=True),))

    def discover(self) -> list[Stream]:
        return [Stream("rows", self.batches[0].schema, {})]

    def scan(self, options: ReadOptions, state: State | None = None) -> Extraction:
        def read(columns: list[str]) -> Iterator[pl.DataFrame]:
            for index, batch in enumerate(self.batches):
                self.before(index)
                yield batch.select(columns)

        frame = lazy_frame(self.batches[0].schema, read)
        return Extraction(frame, state=lambda: self.state)
