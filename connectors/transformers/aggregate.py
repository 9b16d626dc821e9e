"""Sum up rows, by group or all of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from connectors.base import Options
from connectors.columns import demand, demand_free
from connectors.shaping import Names, Reshaping
from connectors.shaping.engines import numbered, unused
from connectors.shaping.sums import check_type, in_order, summed

if TYPE_CHECKING:
    import narwhals as nw

Operation = Literal[
    "sum",
    "mean",
    "count",
    "min",
    "max",
    "std",
    "var",
    "median",
    "n_unique",
    "first",
    "last",
]
SYNONYMS = {
    **dict.fromkeys(("avg", "average"), "mean"),
    **dict.fromkeys(("stddev", "stdev"), "std"),
    "variance": "var",
    **dict.fromkeys(("count_distinct", "distinct", "nunique"), "n_unique"),
    "minimum": "min",
    "maximum": "max",
    "len": "count",
}


def _translated(value: Any) -> Any:
    word = value.strip().lower() if isinstance(value, str) else value
    return SYNONYMS.get(word, word) if isinstance(word, str) else word


class Aggregation(Options):
    """One number (or text, or time) that is made of a column."""

    column: str | None = Field(
        None, title="Column", description="Needed, but for count, which then counts rows."
    )
    operation: Annotated[Operation, BeforeValidator(_translated)] = Field(
        title="Operation",
        description="count counts values that are there; n_unique counts different ones.",
        validation_alias=AliasChoices("operation", "function", "agg"),
    )
    new_column_name: str | None = Field(
        None,
        title="New name",
        min_length=1,
        description="Column and operation unless said, as price_sum.",
        validation_alias=AliasChoices("new_column_name", "output_name", "alias", "name"),
    )

    @property
    def output(self) -> str:
        """Return the name of the new column."""
        made = self.operation if self.column is None else f"{self.column}_{self.operation}"
        return self.new_column_name or made

    @model_validator(mode="after")
    def _need_a_column(self) -> Self:
        if self.column is None and self.operation != "count":
            raise ValueError(f"{self.operation} needs a column")
        return self


class AggregateConfig(Options):
    """By which columns rows are grouped, and what is made of each group."""

    group_by_columns: Names = Field(
        (),
        title="Group by",
        description="Columns whose equal values make a group; all rows are one when empty.",
        validation_alias=AliasChoices("group_by_columns", "group_by", "by"),
    )
    aggregations: tuple[Aggregation, ...] = Field(
        title="Aggregations",
        min_length=1,
        description="column, operation and new_column_name of each.",
    )


class Aggregate(Reshaping):
    """Sums up groups as SQL does: missing values do not count, sums are exact or refused."""

    name = "aggregate"
    label = "Aggregate"
    description = "Sums, counts, averages and the like, by group or of all rows."
    aliases = ("group_by", "aggregate-transformer")
    Config = AggregateConfig
    config: AggregateConfig
    blocks = True
    example: ClassVar[dict[str, Any]] = {
        "group_by_columns": ["country"],
        "aggregations": [
            {"operation": "count", "new_column_name": "orders"},
            {"column": "price", "operation": "sum"},
            {"column": "quantity", "operation": "mean", "new_column_name": "average"},
        ],
    }

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return a row for each group, in their order; one row where nothing is grouped."""
        self._check(schema)
        place = unused(list(schema))
        if any(in_order(one.operation) for one in self.config.aggregations):
            rows = numbered(rows, place)
        made = [
            summed(one.operation, one.column, schema, place).alias(one.output)
            for one in self.config.aggregations
        ]
        groups = list(self.config.group_by_columns)
        if not groups:
            return rows.select(*made)
        return rows.group_by(*groups).agg(*made).sort(*groups, nulls_last=True)

    def _check(self, schema: Mapping[str, Any]) -> None:
        demand(self.config.group_by_columns, schema, "group_by_columns")
        for one in self.config.aggregations:
            if one.column is not None:
                check_type(one.operation, one.column, schema)
        outputs = [one.output for one in self.config.aggregations]
        demand_free(outputs, self.config.group_by_columns, "aggregations")
