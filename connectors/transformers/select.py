"""Keep some columns, in the order given."""

from typing import TYPE_CHECKING

from pydantic import Field

from connectors.base import Options, Transformer

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl


class SelectConfig(Options):
    """Which columns to keep."""

    columns: tuple[str, ...] = Field(
        title="Columns", min_length=1, description="Columns to keep, in this order."
    )


class Select(Transformer):
    """Keeps the named columns; a column that is not there is an error that names it."""

    name = "select"
    label = "Select columns"
    description = "Keeps some columns, in the order given."
    Config = SelectConfig

    def __init__(self, config: SelectConfig) -> None:
        """Keep the configuration."""
        super().__init__(config)
        self.columns = config.columns

    def apply(self, *frames: "nw.LazyFrame[pl.LazyFrame]") -> "nw.LazyFrame[pl.LazyFrame]":
        """Return the one input with these columns only."""
        (rows,) = frames
        return rows.select(*self.columns)
