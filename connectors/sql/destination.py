"""A destination whose staging is a load: an object that gathers rows, counts and commits them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from connectors.base import Commit, Destination, Marker, PartResult, Staging

if TYPE_CHECKING:
    import polars as pl


class Load(Protocol):
    """What `begin` puts into the staging's place."""

    def sink(self, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink that stages `frame`; idempotent per part."""

    def count(self) -> int:
        """Return the rows that are staged, counted by the system itself."""

    def commit(self, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Make the staged rows visible and store `marker`, in one atomic step."""

    def abort(self) -> None:
        """Remove what is staged."""


class LoadingDestination(Destination):
    """Leaves everything between `begin` and the end to the load that `begin` staged."""

    def sink(self, staging: Staging, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink that stages `frame`."""
        return _load(staging).sink(frame, part)

    def count(self, staging: Staging) -> int:
        """Return the rows that are staged, counted by the system itself."""
        return _load(staging).count()

    def commit(self, staging: Staging, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Swap, add or merge the staged rows, and store the marker, in one atomic step."""
        return _load(staging).commit(parts, marker)

    def abort(self, staging: Staging) -> None:
        """Remove what is staged."""
        _load(staging).abort()


def _load(staging: Staging) -> Load:
    return cast(Load, staging.place)
