"""Transformers of one input, which is what nearly all of them are."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from connectors.base import Transformer
from connectors.errors import ConfigError

if TYPE_CHECKING:
    import narwhals as nw


class Reshaping(Transformer):
    """Turns one frame into one frame."""

    def apply(self, *frames: "nw.LazyFrame[Any]") -> "nw.LazyFrame[Any]":
        """Return the one input, reshaped."""
        if len(frames) != 1:
            raise ConfigError(f"{self.label} takes one input, not {len(frames)}", field="inputs")
        return self.reshaped(frames[0], frames[0].collect_schema())

    @abstractmethod
    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows, which have these columns, in their new shape."""
