"""Take blanks off the ends of texts."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from connectors.base import Options
from connectors.columns import demand_type, is_text
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw

# What Unicode calls white space, spelled out because engines differ.
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


class TrimConfig(Options):
    """Which columns, and what is taken off."""

    columns: Names = Field(
        (), title="Columns", description="Columns of text; all of them when empty."
    )
    side: Literal["both", "start", "end"] = Field("both", title="Side")
    characters: str | None = Field(
        None,
        title="Characters",
        min_length=1,
        description="Each of these is taken off, in any order; white space unless said.",
    )


class Trim(Reshaping):
    """Takes characters off the ends; what is left may be an empty text, which is not missing."""

    name = "trim"
    label = "Trim texts"
    description = "Takes white space, or other characters, off the ends of texts."
    aliases = ("strip",)
    Config = TrimConfig
    config: TrimConfig
    example: ClassVar[dict[str, Any]] = {"columns": ["customer"]}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with shorter texts."""
        import narwhals as nw

        demand_type(self.config.columns, schema, is_text, "text")
        texts = [name for name, dtype in schema.items() if dtype == nw.String]
        trimmed = [self._trimmed(name) for name in self.config.columns or texts]
        return rows.with_columns(*trimmed) if trimmed else rows

    def _trimmed(self, name: str) -> "nw.Expr":
        import narwhals as nw

        text, taken = nw.col(name).cast(nw.String), self.config.characters or BLANKS
        if self.config.side == "start":
            return text.str.strip_chars_start(taken)
        if self.config.side == "end":
            return text.str.strip_chars_end(taken)
        return text.str.strip_chars(taken)
