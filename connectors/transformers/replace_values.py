"""Put other values in the place of some."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from connectors.base import Options
from connectors.columns import demand_type, is_plain, is_text
from connectors.literals import typed
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw


# Each is looked for in what the one before made, and engines nest no deeper.
MOST_PARTS = 100


class Replacement(Options):
    """One value, and the one that takes its place."""

    old: Any = Field(title="Old", validation_alias=AliasChoices("old", "from", "find"))
    new: Any = Field(
        None,
        title="New",
        description="Nothing (null) when left out.",
        validation_alias=AliasChoices("new", "to", "replace"),
    )


class ReplaceValuesConfig(Options):
    """Which columns, and what becomes what."""

    columns: Names = Field(
        title="Columns", min_length=1, validation_alias=AliasChoices("columns", "column")
    )
    mapping: dict[str, Any] = Field(
        default_factory=dict, title="Mapping", description="New values by old ones."
    )
    replacements: tuple[Replacement, ...] = Field(
        (),
        title="Replacements",
        max_length=10_000,
        description="The same as a list of old and new, one after the other.",
    )
    match: Literal["value", "part"] = Field(
        "value",
        title="Match",
        description="value: the whole value is the old one; part: the old one is anywhere in a "
        "text, and each of its places is changed.",
    )

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Return old and new values."""
        return list(self.mapping.items()) or [(one.old, one.new) for one in self.replacements]

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        if bool(self.mapping) == bool(self.replacements):
            raise ValueError("give a mapping, or a list of replacements")
        if any(old is None for old, _ in self.pairs):
            raise ValueError("null is replaced by the step fill_null")
        if self.match == "part":
            if len(self.pairs) > MOST_PARTS:
                raise ValueError(f"at most {MOST_PARTS} parts are replaced in one step")
            texts = [text for pair in self.pairs for text in pair]
            if not all(isinstance(text, str) for text in texts) or "" in dict(self.pairs):
                raise ValueError("parts are texts, and the old ones are not empty")
        return self


class ReplaceValues(Reshaping):
    """Replaces whole values in any type, or parts of texts."""

    name = "replace_values"
    label = "Replace values"
    description = "Puts other values in the place of some, or other text in the place of parts."
    aliases = ("replace",)
    Config = ReplaceValuesConfig
    config: ReplaceValuesConfig
    example: ClassVar[dict[str, Any]] = {
        "columns": ["country"],
        "mapping": {"India": "IN", "Sweden": "SE"},
    }

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with the new values, each column in its type."""
        import narwhals as nw

        if self.config.match == "part":
            demand_type(self.config.columns, schema, is_text, "text")
            return rows.with_columns(self._in_parts(nw.col(name)) for name in self.config.columns)
        demand_type(self.config.columns, schema, is_plain, "single values")
        return rows.with_columns(self._whole(name, schema[name]) for name in self.config.columns)

    def _in_parts(self, text: "nw.Expr") -> "nw.Expr":
        for old, new in self.config.pairs:
            text = text.str.replace_all(old, new, literal=True)
        return text

    def _whole(self, name: str, dtype: Any) -> "nw.Expr":
        import narwhals as nw

        # The last word on a value counts, as in a JSON object.
        pairs = {
            typed(old, dtype, name): None if new is None else typed(new, dtype, name)
            for old, new in self.config.pairs
        }
        cell = nw.col(name)
        changed = cell.replace_strict(
            list(pairs), list(pairs.values()), default=cell, return_dtype=dtype
        )
        return changed.alias(name)
