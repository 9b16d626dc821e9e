"""Give columns other names."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import AliasChoices, Field, model_validator

from connectors.base import Options
from connectors.columns import demand, demand_free
from connectors.shaping import Reshaping, doubled

if TYPE_CHECKING:
    import narwhals as nw


class RenameConfig(Options):
    """One column and its new name, or several."""

    from_column: str | None = Field(
        None, title="From", validation_alias=AliasChoices("from_column", "from", "column")
    )
    to_column: str | None = Field(
        None,
        title="To",
        min_length=1,
        validation_alias=AliasChoices("to_column", "to", "new_name"),
    )
    mapping: dict[str, str] = Field(
        default_factory=dict,
        title="Several",
        description="New names by old ones; two columns may swap their names.",
        validation_alias=AliasChoices("mapping", "columns"),
    )

    @property
    def renamed(self) -> dict[str, str]:
        """Return the new names by the old ones."""
        if self.from_column is None or self.to_column is None:
            return dict(self.mapping)
        return {self.from_column: self.to_column}

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        is_pair = self.from_column is not None and self.to_column is not None
        is_half = (self.from_column is None) != (self.to_column is None)
        if is_half or is_pair == bool(self.mapping):
            raise ValueError("give from_column and to_column, or a mapping of names")
        if "" in self.mapping.values():
            raise ValueError("a column needs a name")
        if (name := doubled(self.mapping.values())) is not None:
            raise ValueError(f"two columns cannot both become {name!r}")
        return self


class RenameColumn(Reshaping):
    """Renames columns; a name that another column keeps is refused."""

    name = "rename_column"
    label = "Rename columns"
    description = "Gives one column, or several, another name."
    aliases = ("rename", "rename_columns", "rename-columns")
    Config = RenameConfig
    config: RenameConfig
    example: ClassVar[dict[str, Any]] = {"from_column": "customer", "to_column": "name"}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows under the new names."""
        renamed = self.config.renamed
        is_mapped = bool(self.config.mapping)
        demand(renamed, schema, "mapping" if is_mapped else "from_column")
        kept = [name for name in schema if name not in renamed]
        demand_free(renamed.values(), kept, "mapping" if is_mapped else "to_column")
        return rows.rename(renamed)
