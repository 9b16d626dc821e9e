"""Cut a column of text into several."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.columns import demand_free, demand_type, is_text
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw


class SplitColumnConfig(Options):
    """Which column, where it is cut, and what the pieces are called."""

    column: str = Field(title="Column")
    delimiter: str = Field(
        title="Delimiter", min_length=1, max_length=100, description="Taken as it is written."
    )
    into: Names = Field(
        title="New columns",
        min_length=2,
        max_length=100,
        description="The last one gets all that is left; those without a piece have no value.",
        validation_alias=AliasChoices("into", "output_columns", "new_columns"),
    )
    keep_original: bool = Field(
        default=False, title="Keep the original", description="Keep the column that is cut, too."
    )


class SplitColumn(Reshaping):
    """Cuts texts at a delimiter and loses nothing of them."""

    name = "split_column"
    label = "Split a column"
    description = "Cuts a column of text into several at a delimiter."
    aliases = ("split",)
    Config = SplitColumnConfig
    config: SplitColumnConfig
    example: ClassVar[dict[str, Any]] = {
        "column": "email",
        "delimiter": "@",
        "into": ["mailbox", "domain"],
    }

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with the pieces in place of the column, or after all columns."""
        column = self.config.column
        demand_type([column], schema, is_text, "text", "column")
        others = [name for name in schema if name != column]
        kept = list(schema) if self.config.keep_original else others
        demand_free(self.config.into, kept, "into")
        pieces = [
            piece.alias(name) for name, piece in zip(self.config.into, self._pieces(), strict=True)
        ]
        if self.config.keep_original:
            return rows.with_columns(*pieces)
        at = list(schema).index(column)
        return rows.select(*others[:at], *pieces, *others[at:])

    def _pieces(self) -> Iterator["nw.Expr"]:
        import narwhals as nw

        text, sign, last = nw.col(self.config.column), self.config.delimiter, len(self.config.into)
        found = text.cast(nw.String).str.split(sign).list.len()
        # So that there always is a piece to get, on engines that demand one.
        longer = nw.concat_str(text.cast(nw.String), nw.lit(sign * last))
        for at in range(last - 1):
            yield nw.when(found > at).then(longer.str.split(sign).list.get(at))
        before = rf"(?s)^(?:.*?{re.escape(sign)}){{{last - 1}}}"
        rest = text.cast(nw.String).str.replace_all(before, "")
        yield nw.when(found > last - 1).then(rest)
