"""Steps that need all rows, made for these tests, and a DuckDB that does them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from connectors.base import Access, Options, Transformer
from jobs.engine.spilling import Spilling


class NoConfig(Options):
    """Nothing to say."""


class Sorted(Transformer):
    """Sorts by the columns of its class, missing values last."""

    name = "sorted"
    label = "Sorted"
    description = "Sorts all rows."
    Config = NoConfig
    blocks = True
    by: tuple[str, ...] = ("id",)

    def apply(self, *frames: Any) -> Any:
        (rows,) = frames
        return rows.sort(*self.by, nulls_last=True)


def sorted_by(*columns: str) -> Transformer:
    """Return a step that sorts by these columns."""
    return type("SortedBy", (Sorted,), {"by": columns})(NoConfig())


class Told(Transformer):
    """Applies the function of its class."""

    name = "told"
    label = "Told"
    description = "Does what a test says."
    Config = NoConfig
    blocks = True
    work: Any = None

    def apply(self, *frames: Any) -> Any:
        return type(self).work(*frames)


def step(work: Any, *, engines: frozenset[str] | None = None) -> Transformer:
    """Return a blocking step that does this to its frames."""
    more = {} if engines is None else {"engines": engines}
    return type("ToldSo", (Told,), {"work": staticmethod(work), **more})(NoConfig())


def access_to(folder: Path, memory: int = 1 << 28) -> Access:
    """Return an access to a folder, with so much memory to plan with."""
    return Access(base=folder, roots=(folder,), scratch=folder / "scratch", memory=memory)


@contextmanager
def spilling(folder: Path) -> Iterator[Spilling]:
    """Give a DuckDB of one attempt, and close it."""
    disk = Spilling(access_to(folder))
    try:
        yield disk
    finally:
        disk.close()


def on_polars(transformer: Transformer, *frames: pl.DataFrame) -> pl.DataFrame:
    """Return what a step gives on Polars."""
    made: Any = transformer.apply(*(nw.from_native(frame.lazy()) for frame in frames))
    whole: pl.DataFrame = nw.to_native(made).collect()
    return whole


def on_disk(folder: Path, transformer: Transformer, *frames: pl.DataFrame) -> pl.DataFrame:
    """Return what a step gives on DuckDB."""
    with spilling(folder) as disk:
        made = disk.apply(transformer, [frame.lazy() for frame in frames])[""]
        disk.write()
        whole: pl.DataFrame = made.collect()
        return whole
