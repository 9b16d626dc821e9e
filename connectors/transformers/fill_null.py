"""Put a value where there is none."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import AliasChoices, Field, model_validator

from connectors.base import Options
from connectors.columns import demand
from connectors.literals import typed
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw


class FillNullConfig(Options):
    """One value for some columns, or a value for each."""

    columns: Names = Field((), title="Columns", description="Columns that `value` is put into.")
    value: Any = Field(
        None,
        title="Value",
        description="In the type of the column: a number, a text, a time.",
        validation_alias=AliasChoices("value", "fill_value"),
    )
    values: dict[str, Any] = Field(
        default_factory=dict, title="Values", description="Values by column, where they differ."
    )

    @property
    def filled(self) -> dict[str, Any]:
        """Return the value of each column."""
        return self.values or dict.fromkeys(self.columns, self.value)

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        is_one = bool(self.columns) and self.value is not None
        is_begun = bool(self.columns) or self.value is not None
        if is_one == bool(self.values) or (is_begun and self.values):
            raise ValueError("give columns and a value, or values by column")
        if None in self.values.values():
            raise ValueError("null fills nothing")
        return self


class FillNull(Reshaping):
    """Fills what is missing with a constant; an empty text and NaN are not missing."""

    name = "fill_null"
    label = "Fill missing values"
    description = "Puts a value where there is none."
    aliases = ("fill_nulls", "fillna")
    Config = FillNullConfig
    config: FillNullConfig
    example: ClassVar[dict[str, Any]] = {"values": {"country": "unknown", "quantity": 0}}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with the gaps filled, each column in its type."""
        import narwhals as nw

        field = "values" if self.config.values else "columns"
        demand(self.config.filled, schema, field)
        return rows.with_columns(
            nw.coalesce(nw.col(name), nw.lit(typed(value, schema[name], name), schema[name])).alias(
                name
            )
            for name, value in self.config.filled.items()
        )
