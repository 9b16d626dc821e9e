"""Keep the rows that fit conditions."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from connectors.base import Options, Transformer
from connectors.errors import ConfigError, UnknownColumn
from connectors.literals import typed

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl


class Operator(StrEnum):
    """How a column is compared."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    LT = "lt"
    GE = "ge"
    LE = "le"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    LIKE = "like"
    NOT_LIKE = "not_like"
    REGEX = "regex"
    IN = "in"
    NOT_IN = "not_in"
    BETWEEN = "between"
    NOT_BETWEEN = "not_between"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"


SYNONYMS = {
    **dict.fromkeys(("=", "==", "equals", "is"), Operator.EQ),
    **dict.fromkeys(("!=", "<>", "neq", "not_equals"), Operator.NE),
    **dict.fromkeys((">", "greater_than"), Operator.GT),
    **dict.fromkeys(("<", "less_than"), Operator.LT),
    **dict.fromkeys((">=", "gte"), Operator.GE),
    **dict.fromkeys(("<=", "lte"), Operator.LE),
    **dict.fromkeys(("matches", "~"), Operator.REGEX),
    **dict.fromkeys(("not in", "nin"), Operator.NOT_IN),
    **dict.fromkeys(("not like", "nlike"), Operator.NOT_LIKE),
    **dict.fromkeys(("not between",), Operator.NOT_BETWEEN),
    **dict.fromkeys(("is null", "isnull", "null"), Operator.IS_NULL),
    **dict.fromkeys(("is not null", "notnull", "not_null"), Operator.IS_NOT_NULL),
}
ORDERS: dict[Operator, Callable[["nw.Expr", "nw.Expr"], "nw.Expr"]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.GT: gt,
    Operator.LT: lt,
    Operator.GE: ge,
    Operator.LE: le,
}
RANGES = {Operator.BETWEEN, Operator.NOT_BETWEEN}
LISTS = {Operator.IN, Operator.NOT_IN} | RANGES
WITHOUT_VALUE = {Operator.IS_NULL, Operator.IS_NOT_NULL}


class FilterConfig(Options):
    """A condition on one column, or several that must all (or any of them) hold."""

    column: str | None = Field(None, title="Column")
    operator: Operator | None = Field(None, title="Operator")
    value: Any = Field(
        None, title="Value", description="A list for in and not_in, two values for (not_)between."
    )
    all: tuple[Self, ...] = Field((), title="All of", description="Conditions that must all hold.")
    any: tuple[Self, ...] = Field(
        (), title="Any of", description="Conditions of which one must hold."
    )

    def columns(self) -> Iterator[str]:
        """Yield the columns that are looked at."""
        if self.column is not None:
            yield self.column
        for part in (*self.all, *self.any):
            yield from part.columns()

    @field_validator("operator", mode="before")
    @classmethod
    def _translate_synonyms(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        spelled = value.strip().lower()
        return SYNONYMS.get(spelled, spelled)

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        said = [self.column is not None, bool(self.all), bool(self.any)]
        if sum(said) != 1:
            raise ValueError("give one of: column with operator and value, `all`, or `any`")
        if self.column is None:
            return self
        if self.operator is None:
            raise ValueError(f"operator is missing; known: {', '.join(Operator)}")
        if self.operator in LISTS and not isinstance(self.value, list | tuple):
            raise ValueError(f"{self.operator} needs a list of values")
        if self.operator in RANGES and len(self.value) != 2:
            raise ValueError(f"{self.operator} needs two values, the least and the greatest")
        if self.operator not in WITHOUT_VALUE and self.value is None:
            raise ValueError(f"{self.operator} needs a value; is_null finds rows without one")
        return self


class Filter(Transformer):
    """Keeps the rows that fit; a comparison with a missing value fits nobody, as in SQL."""

    name = "filter"
    label = "Filter rows"
    description = "Keeps the rows that fit one condition, or several joined by all and any."
    aliases = ("filter-transformer", "row-filter")
    Config = FilterConfig
    config: FilterConfig
    example: ClassVar[dict[str, Any]] = {"column": "country", "operator": "eq", "value": "India"}

    def apply(self, *frames: "nw.LazyFrame[pl.LazyFrame]") -> "nw.LazyFrame[pl.LazyFrame]":
        """Return the rows that fit; ConfigError names a column that is not there, or a bad value."""
        (rows,) = frames
        return rows.filter(fits(self.config, rows.collect_schema()))


def fits(config: FilterConfig, schema: Any) -> "nw.Expr":
    """Return the condition as an expression over columns of these types; ConfigError as above."""
    if config.all or config.any:
        join = and_ if config.all else or_
        return reduce(join, (fits(part, schema) for part in config.all or config.any))
    assert config.column is not None
    assert config.operator is not None
    if config.column not in schema:
        known = ", ".join(schema)
        raise UnknownColumn(
            f"There is no column {config.column!r}; there are: {known}", field="column"
        )
    return _compared(config.column, config.operator, config.value, schema[config.column])


def _compared(column: str, operator: Operator, value: Any, dtype: Any) -> "nw.Expr":
    import narwhals as nw

    cell = nw.col(column)
    if operator in WITHOUT_VALUE:
        return cell.is_null() if operator is Operator.IS_NULL else ~cell.is_null()
    if operator in ORDERS:
        return ORDERS[operator](cell, nw.lit(typed(value, dtype, column)))
    if operator in LISTS:
        return _listed(cell, operator, [typed(item, dtype, column) for item in value])
    text = cell if dtype == nw.String else cell.cast(nw.String)
    is_found = text.str.contains(_pattern(operator, str(value)))
    return ~is_found if operator is Operator.NOT_LIKE else is_found


def _listed(cell: "nw.Expr", operator: Operator, values: list[Any]) -> "nw.Expr":
    import narwhals as nw

    if operator is Operator.BETWEEN:
        return (cell >= nw.lit(values[0])) & (cell <= nw.lit(values[1]))
    if operator is Operator.NOT_BETWEEN:
        return (cell < nw.lit(values[0])) | (cell > nw.lit(values[1]))
    if operator is Operator.IN:
        return cell.is_in(values)
    # A missing value is in no list, and fits none of them either.
    return ~cell.is_in(values) & ~cell.is_null()


def _pattern(operator: Operator, text: str) -> str:
    """Return the regular expression that a text operator means; ConfigError for a bad one."""
    if operator is Operator.REGEX:
        try:
            re.compile(text)
        except re.error as error:
            raise ConfigError(
                f"{text!r} is no regular expression: {error}", field="value"
            ) from None
        return text
    if operator in (Operator.LIKE, Operator.NOT_LIKE):
        signs = {"%": "(?s:.*)", "_": "(?s:.)"}
        return f"^{''.join(signs.get(sign) or re.escape(sign) for sign in text)}$"
    start = "^" if operator is Operator.STARTS_WITH else ""
    end = "$" if operator is Operator.ENDS_WITH else ""
    return f"{start}{re.escape(text)}{end}"
