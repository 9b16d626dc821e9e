"""Add a column: the same value everywhere, or what an expression makes of each row."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import AliasChoices, Field, model_validator

from connectors.base import Options
from connectors.columns import demand_free
from connectors.errors import ConfigError
from connectors.files.types import parse_type
from connectors.literals import typed
from connectors.shaping import Reshaping
from connectors.shaping.expressions import check, expression
from connectors.shaping.values import of

if TYPE_CHECKING:
    import narwhals as nw


class AddColumnConfig(Options):
    """What the column is called, and what is in it."""

    name: str = Field(
        title="Name",
        min_length=1,
        validation_alias=AliasChoices("name", "column", "new_column", "output_column"),
    )
    value: Any = Field(
        None, title="Value", description="A constant: a text, a number, true or false."
    )
    type: str | None = Field(
        None,
        title="Type",
        description="The type of the constant, as date or decimal(18, 2), where it is not plain.",
    )
    expression: str | None = Field(
        None,
        title="Expression",
        description="SQL over the columns of the row, as price * quantity.",
        validation_alias=AliasChoices("expression", "formula"),
    )
    from_expression: bool = Field(
        default=False, title="From expression", description="Take `value` as an expression."
    )
    replace: bool = Field(
        default=False,
        title="Replace",
        description="Whether a column of that name may be there, and then gets these values.",
    )

    @property
    def formula(self) -> str | None:
        """Return the expression, wherever it was said."""
        return str(self.value) if self.from_expression else self.expression

    @model_validator(mode="before")
    @classmethod
    def _translate(cls, value: Any) -> Any:
        """Take an expression in `from_expression` itself."""
        if isinstance(value, dict) and isinstance(value.get("from_expression"), str):
            given = dict(value)
            given["expression"] = given.pop("from_expression")
            return given
        return value

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        if (self.expression is not None) == (self.value is not None):
            raise ValueError("give a value, or an expression")
        is_nested = isinstance(self.value, dict | list)
        if is_nested or (self.from_expression and not isinstance(self.value, str)):
            raise ValueError("a value is a text, a number, true or false; an expression a text")
        try:
            if self.formula is not None:
                check(self.formula)
            elif self.type is not None:
                typed(self.value, parse_type(self.type, self.name), self.name)
        except ConfigError as error:
            raise ValueError(error.message) from None
        return self


class AddColumn(Reshaping):
    """Adds a column; an expression becomes one of the engine's, its text reaches none."""

    name = "add_column"
    label = "Add a column"
    description = "Adds a column with one value, or with what an expression makes of each row."
    aliases = ("with_column", "calculate")
    Config = AddColumnConfig
    config: AddColumnConfig
    example: ClassVar[dict[str, Any]] = {
        "name": "total",
        "expression": "CASE WHEN country = 'India' THEN price * quantity ELSE price END",
    }

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with the column, after all others or in the place of the old one."""
        others = [name for name in schema if name != self.config.name]
        demand_free([self.config.name], others if self.config.replace else schema)
        return rows.with_columns(self._made(rows, schema).alias(self.config.name))

    def _made(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.Expr":
        import narwhals as nw

        if self.config.formula is not None:
            return expression(self.config.formula, rows, schema).expr
        if self.config.type is None:
            return of(self.config.value).expr
        wanted: Any = parse_type(self.config.type, self.config.name)
        value = typed(self.config.value, wanted, self.config.name)
        return nw.lit(value, nw.Schema.from_polars({"x": wanted})["x"])
