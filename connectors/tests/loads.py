"""One load through a destination, step by step as the engine does it, for the tests of systems."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from connectors.base import Access, Commit, Connector, Marker, PartResult, RunKey, State
from connectors.configuration import validate
from connectors.holding import fitted


def access_to(folder: Any, memory: int = 1 << 30) -> Access:
    """Let a connector into one folder."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return Access(base=folder, roots=(folder,), scratch=scratch, memory=memory)


class System:
    """A system that is read and written with one kind of connector."""

    def __init__(self, plugin: type[Connector], access: Access, **settings: object) -> None:
        self.plugin: Any = plugin
        self.access = access
        self.settings = settings

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Open a connector and close it."""
        connector = self.plugin(validate(self.plugin.Settings, self.settings), self.access)
        try:
            yield connector
        finally:
            connector.close()

    def load(
        self,
        rows: pl.DataFrame | pl.LazyFrame,
        *,
        run: str | None = None,
        fence: int = 1,
        stream: str = "job/1",
        state: State | None = None,
        before_commit: Callable[[], None] = lambda: None,
        **options: object,
    ) -> Commit:
        """Load the rows; `options` are the WriteOptions."""
        run = run or str(uuid.uuid4())
        with self.opened() as connector:
            target = connector.target(validate(connector.WriteOptions, options), stream)
            connector.committed(target)
            frame = fitted(connector, rows.lazy(), target.options)
            staging = connector.begin(target, frame.collect_schema(), RunKey(run, "p", fence))
            try:
                pl.collect_all([connector.sink(staging, frame, "p")])
                count = connector.count(staging)
                before_commit()
                marker = Marker(run, stream, fence, state, count)
                commit: Commit = connector.commit(staging, [PartResult("p", count)], marker)
            except BaseException:
                connector.abort(staging)
                raise
            return commit

    def marker(self, *, stream: str = "job/1", **options: object) -> Marker | None:
        """Return the stored marker."""
        with self.opened() as connector:
            target = connector.target(validate(connector.WriteOptions, options), stream)
            marker: Marker | None = connector.committed(target)
            return marker

    def read(self, state: State | None = None, **options: object) -> pl.DataFrame:
        """Read everything."""
        return self.read_on(state, **options)[0]

    def read_on(
        self, state: State | None = None, **options: object
    ) -> tuple[pl.DataFrame, State | None]:
        """Read everything, and return the state after it."""
        with self.opened() as connector:
            found = connector.scan(validate(connector.ReadOptions, options), state)
            return found.frame.collect(engine="streaming"), found.state()

    def discover(self) -> dict[str, Any]:
        """Return the streams by name."""
        with self.opened() as connector:
            return {stream.name: stream for stream in connector.discover()}
