"""Hide most of a text."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.columns import demand_type, is_text
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw


class MaskColumnConfig(Options):
    """Which columns, and what stays readable."""

    columns: Names = Field(
        title="Columns", min_length=1, validation_alias=AliasChoices("columns", "column")
    )
    keep_first: int = Field(0, title="Keep first", ge=0, le=100)
    keep_last: int = Field(
        0,
        title="Keep last",
        ge=0,
        le=100,
        description="So many characters stay at the ends. A text that is no longer than them is "
        "hidden whole.",
    )
    character: str = Field(
        "*",
        title="Character",
        pattern=r"^[^$\\]$",
        description="Stands for each other one; neither $ nor a backslash.",
    )


class MaskColumn(Reshaping):
    """Hides the middle of texts and keeps their length; a missing value stays missing."""

    name = "mask_column"
    label = "Mask texts"
    description = "Hides the characters of a text, but for some at its ends."
    aliases = ("mask",)
    Config = MaskColumnConfig
    config: MaskColumnConfig
    example: ClassVar[dict[str, Any]] = {"columns": ["email"], "keep_first": 1, "keep_last": 4}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with these texts hidden."""
        demand_type(self.config.columns, schema, is_text, "text")
        return rows.with_columns(self._masked(name) for name in self.config.columns)

    def _masked(self, name: str) -> "nw.Expr":
        import narwhals as nw

        text, first, last = (
            nw.col(name).cast(nw.String),
            self.config.keep_first,
            self.config.keep_last,
        )
        middle = text.str.slice(first)
        if last:
            middle = middle.str.replace_all(f"(?s).{{{last}}}$", "")
        parts = [text.str.head(first)] if first else []
        parts += [self._hidden(middle)]
        parts += [text.str.tail(last)] if last else []
        is_long = text.str.len_chars() > first + last
        masked = nw.when(is_long).then(nw.concat_str(*parts)).otherwise(self._hidden(text))
        return masked.alias(name)

    def _hidden(self, text: "nw.Expr") -> "nw.Expr":
        return text.str.replace_all("(?s).", self.config.character)
