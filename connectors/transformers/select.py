"""Keep some columns, in the order given."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.columns import demand
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw


class SelectConfig(Options):
    """Which columns to keep."""

    columns: Names = Field(
        title="Columns",
        min_length=1,
        description="Columns to keep, in this order.",
        validation_alias=AliasChoices("columns", "columns_to_select"),
    )


class Select(Reshaping):
    """Keeps the named columns; a column that is not there is an error that names it."""

    name = "select"
    label = "Select columns"
    description = "Keeps some columns, in the order given."
    aliases = ("select_columns", "select-transformer")
    Config = SelectConfig
    config: SelectConfig
    example: ClassVar[dict[str, Any]] = {"columns": ["country", "id"]}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with these columns only."""
        demand(self.config.columns, schema)
        return rows.select(*self.config.columns)
