"""Leave out rows in which something is missing."""

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from connectors.base import Options
from connectors.columns import demand
from connectors.shaping import Names, Reshaping

if TYPE_CHECKING:
    import narwhals as nw


class DropNullsConfig(Options):
    """Where values must not be missing."""

    columns: Names = Field(
        (), title="Columns", description="Columns that are looked at; all when empty."
    )
    how: Literal["any", "all"] = Field(
        "any",
        title="How",
        description="any: a row goes if one of them is missing; all: only if all of them are.",
    )


class DropNulls(Reshaping):
    """Leaves out rows with missing values; an empty text and NaN are not missing."""

    name = "drop_nulls"
    label = "Drop rows with missing values"
    description = "Leaves out the rows in which a value is missing."
    aliases = ("remove_nulls", "remove-nulls-transformer", "dropna")
    Config = DropNullsConfig
    config: DropNullsConfig
    example: ClassVar[dict[str, Any]] = {"columns": ["country", "paid_at"], "how": "any"}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows in which the values are there."""
        import narwhals as nw

        demand(self.config.columns, schema)
        looked = self.config.columns or tuple(schema)
        join = and_ if self.config.how == "any" else or_
        return rows.filter(reduce(join, (~nw.col(name).is_null() for name in looked)))
