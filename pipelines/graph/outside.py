"""What a graph asks of the world around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.graph.values import Node

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Saved:
    """A saved connection: its connector's name, its settings, and whether the asker may use it."""

    connector: str
    settings: Mapping[str, Any]
    may_use: bool = True


class World(Protocol):
    """Answers from memory or with one query; a validation asks once per node at most."""

    def connection(self, connection_id: str) -> Saved | None:
        """Return a saved connection, None where there is none."""

    def columns_of(self, node: Node) -> "Mapping[str, pl.DataType] | None":
        """Return the columns that an extractor brings, None where they cannot be known now."""


class Nowhere:
    """A world without connections, in which nothing is known of sources."""

    def connection(self, connection_id: str) -> Saved | None:
        """Return nothing."""
        return None

    def columns_of(self, node: Node) -> "Mapping[str, pl.DataType] | None":
        """Return nothing."""
        return None
