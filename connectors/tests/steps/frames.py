"""Runs transformers on each engine that they say they run on, and compares."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from connectors import registry
from connectors.configuration import validate


def run(
    name: str, config: Mapping[str, Any], rows: pl.DataFrame, *, by: str | None = None
) -> pl.DataFrame:
    """Return what a transformer makes of the rows, which is the same on all of its engines.

    Sorted `by` a column, where a step promises no order.
    """
    plugin = registry.transformer(name)
    step = plugin(validate(plugin.Config, config))
    found = [_on(engine, step, rows) for engine in sorted(step.engines, reverse=True)]
    if by is not None:
        found = [frame.sort(by, nulls_last=True) for frame in found]
    for other in found[1:]:
        assert other.schema == found[0].schema
        assert other.equals(found[0], null_equal=True), f"{found[0]} is not {other}"
    return found[0]


def _on(engine: str, step: Any, rows: pl.DataFrame) -> pl.DataFrame:
    if engine == "polars":
        lazy: pl.LazyFrame = nw.to_native(step.apply(nw.from_native(rows.lazy())))
        return lazy.collect(engine="streaming")
    made: pl.DataFrame = nw.to_native(step.apply(nw.from_native(_engine().from_arrow(rows)))).pl()
    return made


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Return an engine like the one that takes over from Polars: it reaches only its input."""
    engine = duckdb.connect(config={"enable_external_access": "false", "threads": 2})
    engine.execute("SET TimeZone = 'UTC'; SET lock_configuration = true")
    return engine
