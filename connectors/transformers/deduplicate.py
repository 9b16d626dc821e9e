"""Keep one of equal rows."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.columns import demand, is_text
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
    ignore_case: bool = Field(
        default=False,
        title="Ignore case",
        description="Whether texts are equal that differ in upper and lower case only.",
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
        if not self.config.ignore_case:
            return self._kept(rows, subset)
        lower: dict[str, str] = {}
        for name in subset:
            if is_text(schema[name]):
                lower[name] = unused([*schema, *lower.values()])
        folded = rows.with_columns(
            nw.col(name).cast(nw.String).str.to_lowercase().alias(made)
            for name, made in lower.items()
        )
        kept = self._kept(folded, [lower.get(name, name) for name in subset])
        return kept.drop(*lower.values())

    def _kept(self, rows: "nw.LazyFrame[Any]", subset: list[str]) -> "nw.LazyFrame[Any]":
        import narwhals as nw

        keep = self.config.keep
        if keep not in ("first", "last"):
            return rows.unique(subset, keep=keep)
        if is_polars(rows):
            native: Any = nw.to_native(rows)
            kept: nw.LazyFrame[Any] = nw.from_native(
                native.unique(subset, keep=keep, maintain_order=True)
            )
            return kept
        number = unused(rows.columns)
        first = numbered(rows, number).unique(subset, keep=keep, order_by=[number])
        return first.sort(number).drop(number)
