"""Keep one of equal rows."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.columns import demand
from connectors.shaping import Names, Reshaping
from connectors.shaping.engines import is_polars, numbered, unused

if TYPE_CHECKING:
    import narwhals as nw


class DeduplicateConfig(Options):
    """When rows are equal, and which of them stays."""

    columns: Names = Field(
        (),
        title="Columns",
        description="Rows are equal if they are in these columns; in all when empty.",
        validation_alias=AliasChoices("columns", "subset"),
    )
    keep: Literal["first", "last", "any", "none"] = Field(
        "first",
        title="Keep",
        description="first and last in the order of the input, which stays; any, which is "
        "cheaper; none: rows that have equals all go.",
    )


class Deduplicate(Reshaping):
    """Keeps one of equal rows; missing values equal one another, as in SELECT DISTINCT."""

    name = "deduplicate"
    label = "Remove duplicates"
    description = "Keeps one of the rows that are equal in some columns."
    aliases = ("dedupe", "distinct", "remove_duplicates", "deduplicate-transformer")
    Config = DeduplicateConfig
    config: DeduplicateConfig
    blocks = True
    example: ClassVar[dict[str, Any]] = {"columns": ["customer", "country"], "keep": "first"}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows that stay."""
        import narwhals as nw

        demand(self.config.columns, schema)
        subset = list(self.config.columns) or list(schema)
        keep = self.config.keep
        if keep not in ("first", "last"):
            return rows.unique(subset, keep=keep)
        if is_polars(rows):
            native: Any = nw.to_native(rows)
            kept: nw.LazyFrame[Any] = nw.from_native(
                native.unique(subset, keep=keep, maintain_order=True)
            )
            return kept
        number = unused(list(schema))
        kept = numbered(rows, number).unique(subset, keep=keep, order_by=[number])
        return kept.sort(number).drop(number)
