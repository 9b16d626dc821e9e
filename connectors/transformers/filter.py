"""Keep the rows that fit conditions."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from connectors.base import Options
from connectors.columns import demand, demand_type, is_plain, is_text
from connectors.errors import ConfigError
from connectors.literals import typed
from connectors.shaping import Reshaping
from connectors.shaping.engines import is_polars

if TYPE_CHECKING:
    import narwhals as nw


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
    "startswith": Operator.STARTS_WITH,
    "endswith": Operator.ENDS_WITH,
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


# Engines nest no deeper.
MOST = 200
WITHOUT_CASE = {
    *(Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.REGEX),
    *(Operator.LIKE, Operator.NOT_LIKE, Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN),
}


class FilterConfig(Options):
    """A condition on one column, or several that must all (or any of them) hold."""

    column: str | None = Field(None, title="Column")
    operator: Operator | None = Field(None, title="Operator")
    value: Any = Field(
        None, title="Value", description="A list for in and not_in, two values for (not_)between."
    )
    case_sensitive: bool = Field(
        default=True,
        title="Case matters",
        description="Whether upper and lower case differ where texts are compared.",
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

    @model_validator(mode="before")
    @classmethod
    def _translate(cls, value: Any) -> Any:
        """Take a list of conditions that `logic` joins (AND, OR), which others say."""
        if not isinstance(value, dict) or "conditions" not in value:
            return value
        given = dict(value)
        logic = str(given.pop("logic", "and")).lower()
        if logic not in ("and", "or"):
            raise ValueError("logic is AND or OR")
        given["all" if logic == "and" else "any"] = given.pop("conditions")
        return given

    @field_validator("operator", mode="before")
    @classmethod
    def _translate_synonyms(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        spelled = value.strip().lower()
        return SYNONYMS.get(spelled, spelled)

    @model_validator(mode="after")
    def _stay_small(self) -> Self:
        if len(list(self.columns())) > MOST:
            raise ValueError(f"at most {MOST} conditions; `in` takes a list of values")
        return self

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
        if not self.case_sensitive and self.operator not in WITHOUT_CASE:
            raise ValueError(f"{self.operator} knows no case")
        return self


class Filter(Reshaping):
    """Keeps the rows that fit; a comparison with a missing value fits nobody, as in SQL."""

    name = "filter"
    label = "Filter rows"
    description = "Keeps the rows that fit one condition, or several joined by all and any."
    aliases = ("filter-transformer", "row-filter")
    Config = FilterConfig
    config: FilterConfig
    example: ClassVar[dict[str, Any]] = {"column": "country", "operator": "eq", "value": "India"}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows that fit; ConfigError names a column that is not there, or a bad value."""
        return rows.filter(fits(self.config, schema, orders_nan=is_polars(rows)))


def fits(config: FilterConfig, schema: Any, *, orders_nan: bool = True) -> "nw.Expr":
    """Return the condition as an expression over columns of these types; ConfigError as above.

    `orders_nan` says that the engine puts NaN above all numbers, wherever it compares them.
    """
    if config.all or config.any:
        join = and_ if config.all else or_
        parts = config.all or config.any
        return reduce(join, (fits(part, schema, orders_nan=orders_nan) for part in parts))
    assert config.column is not None
    demand([config.column], schema, "column")
    found = _compared(config, config.column, schema[config.column])
    is_float = schema[config.column].is_float()
    return found if orders_nan or not is_float else _with_nan(config, config.column, found)


def _with_nan(config: FilterConfig, column: str, found: "nw.Expr") -> "nw.Expr":
    """Return a condition on floats that says itself that NaN is greater than every number."""
    import narwhals as nw

    if config.operator in (Operator.GT, Operator.GE, Operator.NE, Operator.NOT_BETWEEN):
        return found | nw.col(column).is_nan()
    return found


def _compared(config: FilterConfig, column: str, dtype: Any) -> "nw.Expr":
    import narwhals as nw

    cell, operator, value = nw.col(column), config.operator, config.value
    assert operator is not None
    if operator in WITHOUT_VALUE:
        return cell.is_null() if operator is Operator.IS_NULL else ~cell.is_null()
    is_folded = not config.case_sensitive and is_text(dtype)
    if operator in ORDERS or operator in LISTS:
        given = list(value) if operator in LISTS else [value]
        values = [typed(item, dtype, column) for item in given]
        if is_folded:
            cell, values = (
                cell.cast(nw.String).str.to_lowercase(),
                [item.lower() for item in values],
            )
        if operator in LISTS:
            return _listed(cell, operator, values)
        return ORDERS[operator](cell, nw.lit(values[0]))
    demand_type([column], {column: dtype}, is_plain, "a text", "column")
    text = cell if dtype == nw.String else cell.cast(nw.String)
    pattern = _pattern(operator, str(value))
    is_found = text.str.contains(pattern if config.case_sensitive else f"(?i){pattern}")
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
