"""Keep the first rows."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.shaping import Reshaping
from connectors.shaping.engines import sliced

if TYPE_CHECKING:
    import narwhals as nw

MOST = 2**62


class LimitConfig(Options):
    """How many rows to keep, and how many to pass over before."""

    count: int = Field(
        title="Rows",
        ge=0,
        le=MOST,
        description="Keep at most this many rows.",
        validation_alias=AliasChoices("count", "limit", "n", "rows"),
    )
    offset: int = Field(
        0,
        title="Offset",
        ge=0,
        le=MOST,
        description="Leave out this many rows before.",
        validation_alias=AliasChoices("offset", "skip"),
    )


class Limit(Reshaping):
    """Keeps the first rows in the order of the input, and then reads no further."""

    name = "limit"
    label = "Limit rows"
    description = "Keeps the first rows, after some that are left out."
    aliases = ("head", "limit-transformer")
    Config = LimitConfig
    config: LimitConfig
    example: ClassVar[dict[str, Any]] = {"count": 2, "offset": 1}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return at most so many rows."""
        return sliced(rows, self.config.offset, self.config.count)
