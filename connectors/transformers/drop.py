"""Leave some columns out."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.columns import demand
from connectors.errors import ConfigError
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw


class DropConfig(Options):
    """Which columns to leave out."""

    columns: Names = Field(
        title="Columns",
        min_length=1,
        description="Columns to leave out.",
        validation_alias=AliasChoices("columns", "columns_to_drop"),
    )


class Drop(Reshaping):
    """Leaves the named columns out; at least one has to stay."""

    name = "drop"
    label = "Drop columns"
    description = "Leaves some columns out."
    aliases = ("drop_columns", "drop-transformer")
    Config = DropConfig
    config: DropConfig
    example: ClassVar[dict[str, Any]] = {"columns": ["email", "weight", "ordered", "paid_at"]}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows without these columns."""
        demand(self.config.columns, schema)
        if len(self.config.columns) == len(schema):
            raise ConfigError("These are all of the columns; leave at least one", field="columns")
        return rows.drop(*self.config.columns)
