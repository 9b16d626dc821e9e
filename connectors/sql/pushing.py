"""From a filter to a condition that a database judges: it holds for every row that fits.

It may hold for others too, for the rows that come are filtered again. So what a database sees
otherwise than Polars (or what cannot be said exactly) is left out, and only costs the way.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from connectors.literals import typed
from connectors.sql.clauses import Clause, both, either
from connectors.sql.columns import ends_of
from connectors.sql.names import quoted
from connectors.transformers.filter import FilterConfig, Operator

if TYPE_CHECKING:
    import polars as pl

Sign = Literal["=", "<>", "<", "<=", ">", ">="]
# The letter before %, _ and itself that makes them mean themselves in a pattern.
ESCAPE = "!"
_SIGNS: dict[Operator, Sign] = {
    Operator.EQ: "=",
    Operator.NE: "<>",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
}
_PATTERNS = {
    Operator.CONTAINS: "%{}%",
    Operator.STARTS_WITH: "{}%",
    Operator.ENDS_WITH: "%{}",
}
# Values of a list that become one condition; for more the rows are fetched.
_MANY = 1000


class Judging(Protocol):
    """How one database judges the values of a column; None stands for "not as Polars does"."""

    def compared(self, name: str, sign: Sign, value: Any) -> Clause | None:
        """Return the comparison with a value of the column's type; text goes by its bytes."""

    def matched(self, name: str, pattern: str, *, is_not: bool) -> Clause | None:
        """Return whether text is (not) LIKE a pattern in which `ESCAPE` stands before signs."""

    def is_null(self, name: str) -> Clause | None:
        """Return the condition of values that arrive as null."""

    def is_not_null(self, name: str) -> Clause | None:
        """Return the condition of values that do not."""


class PlainNulls:
    """What is nothing in a database and what arrives as null are the same, and called NULL."""

    def is_null(self, name: str) -> Clause | None:
        """Return the condition of values that arrive as null."""
        return Clause(f"{quoted(name)} IS NULL")

    is_unplaced = is_null

    def is_not_null(self, name: str) -> Clause | None:
        """Return the condition of values that do not."""
        return Clause(f"{quoted(name)} IS NOT NULL")


def pushed(
    config: FilterConfig | None, schema: Mapping[str, "pl.DataType"], database: Judging
) -> Clause | None:
    """Return what the database can judge of a filter; None where it is nothing."""
    if config is None:
        return None
    if config.all:
        return both(*(pushed(one, schema, database) for one in config.all))
    if config.any:
        return either(pushed(one, schema, database) for one in config.any)
    assert config.column is not None
    assert config.operator is not None
    # How a database folds case, its collation decides.
    if config.column not in schema or not config.case_sensitive:
        return None
    return _leaf(config, config.column, config.operator, schema[config.column], database)


def _leaf(
    config: FilterConfig,
    name: str,
    operator: Operator,
    dtype: "pl.DataType",
    database: Judging,
) -> Clause | None:
    if operator is Operator.IS_NULL:
        return database.is_null(name)
    if operator is Operator.IS_NOT_NULL:
        return database.is_not_null(name)
    if operator in (*_PATTERNS, Operator.LIKE, Operator.NOT_LIKE, Operator.REGEX):
        return _matched(config, name, operator, dtype, database)
    given = list(config.value) if isinstance(config.value, list | tuple) else [config.value]
    values = [typed(value, dtype, name) for value in given]
    if len(values) > _MANY or not all(is_exact(value, dtype) for value in values):
        return None
    return _compared(name, operator, values, database)


def _compared(name: str, operator: Operator, values: list[Any], database: Judging) -> Clause | None:
    def each(sign: Sign) -> Iterable[Clause | None]:
        return (database.compared(name, sign, value) for value in values)

    if operator is Operator.IN:
        return either(each("="))
    if operator is Operator.NOT_IN:
        return both(*each("<>"))
    if operator in (Operator.BETWEEN, Operator.NOT_BETWEEN):
        low, high = values
        if operator is Operator.BETWEEN:
            return both(database.compared(name, ">=", low), database.compared(name, "<=", high))
        return either([database.compared(name, "<", low), database.compared(name, ">", high)])
    return database.compared(name, _SIGNS[operator], values[0])


def _matched(
    config: FilterConfig, name: str, operator: Operator, dtype: "pl.DataType", database: Judging
) -> Clause | None:
    import polars as pl

    text = str(config.value)
    if dtype != pl.String() or operator is Operator.REGEX or "\0" in text:
        return None
    text = text.replace(ESCAPE, ESCAPE * 2)
    if operator in _PATTERNS:
        text = text.replace("%", f"{ESCAPE}%").replace("_", f"{ESCAPE}_")
        text = _PATTERNS[operator].format(text)
    return database.matched(name, text, is_not=operator is Operator.NOT_LIKE)


def is_exact(value: Any, dtype: "pl.DataType") -> bool:
    """Whether Polars compares values of this type with this one exactly."""
    import polars as pl

    if isinstance(value, bool):
        return dtype == pl.Boolean()
    if dtype.is_integer():
        low, high = ends_of(dtype)
        return isinstance(value, int) and low <= value <= high
    if isinstance(dtype, pl.Decimal) and isinstance(value, Decimal):
        digits = value.as_tuple().exponent
        is_short = isinstance(digits, int) and -digits <= dtype.scale
        return is_short and abs(value) < Decimal(10) ** (dtype.precision - dtype.scale)
    if dtype == pl.Float64():
        return isinstance(value, float) and math.isfinite(value)
    if isinstance(dtype, pl.Datetime) and isinstance(value, dt.datetime):
        step = {"us": 1, "ms": 1000}.get(dtype.time_unit)
        return step is not None and value.microsecond % step == 0
    is_text = dtype == pl.String() and isinstance(value, str) and "\0" not in value
    return is_text or (dtype == pl.Date() and isinstance(value, dt.date))


def moment_text(value: dt.date) -> str:
    """Return a date, or a timestamp (in UTC where it has a zone), as databases write them."""
    if not isinstance(value, dt.datetime):
        return f"{value.year:04}-{value.month:02}-{value.day:02}"
    plain = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    return plain.isoformat(sep=" ", timespec="microseconds")
