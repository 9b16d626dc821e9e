"""Conditions that MongoDB judges: each holds for every document whose row is wanted.

It may hold for others too, for the rows that come are judged again. MongoDB compares within one
type, as a column holds one; values that do not fit their column are null in it, so that nothing is asked
of MongoDB that would leave out a document for what it holds there.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bson import Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS

from connectors.documents.types import polars_type
from connectors.errors import ConfigError
from connectors.literals import typed
from connectors.sql.increments import Reach
from connectors.sql.pushing import is_exact
from connectors.transformers.filter import FilterConfig, Operator

if TYPE_CHECKING:
    import polars as pl

Condition = dict[str, Any]

# The least value of a type: what is not at least this is of another type, null or not there.
_LEAST: Mapping[str, Any] = {
    "objectid": ObjectId(b"\0" * 12),
    "string": "",
    "int64": float("-inf"),
    "decimal": float("-inf"),
    "timestamp": datetime(1, 1, 1, tzinfo=UTC),
}
_SIGNS: Mapping[Operator, str] = {
    Operator.EQ: "$eq",
    Operator.NE: "$ne",
    Operator.LT: "$lt",
    Operator.LE: "$lte",
    Operator.GT: "$gt",
    Operator.GE: "$gte",
}
_ABOVE = (Operator.GT, Operator.GE)
# Values of a list that become one condition; for more the documents are fetched.
_MANY = 1000


def is_plain(name: str) -> bool:
    """Whether a field may be asked for by its name: a dot would lead into an object."""
    return bool(name) and "." not in name and not name.startswith("$") and "\0" not in name


def reached(reach: Reach, types: Mapping[str, str]) -> Condition | None:
    """Return the condition of documents that may be new; None for all."""
    if reach.since is None:
        return None
    name = reach.cursor.column
    kind = types[name].partition("(")[0]
    on = {name: {"$gte": _value(_read(reach.since, kind), kind)}}
    if reach.cursor.nulls == "skip" and reach.cursor.second is None:
        return on
    return {"$or": [on, {name: {"$not": {"$gte": _LEAST[kind]}}}]}


def pushed(
    config: FilterConfig | None, types: Mapping[str, str], *, with_texts: bool
) -> Condition | None:
    """Return what MongoDB can judge of a filter; None where it is nothing.

    `with_texts` says that texts are compared by their bytes there.
    """
    if config is None:
        return None
    if config.all or config.any:
        parts = [pushed(one, types, with_texts=with_texts) for one in config.all or config.any]
        found = [part for part in parts if part is not None]
        if config.all:
            return {"$and": found} if found else None
        return {"$or": found} if len(found) == len(parts) else None
    assert config.column is not None
    kind = types.get(config.column, "json")
    if not is_plain(config.column) or kind == "json" or (kind == "string" and not with_texts):
        return None
    judged = _judged(config, config.column, kind)
    return None if judged is None else {config.column: judged}


def both(*conditions: Condition | None) -> Condition:
    """Return the condition that all of these hold."""
    found = [one for one in conditions if one]
    return {"$and": found} if len(found) > 1 else (found or [{}])[0]


def _judged(config: FilterConfig, name: str, kind: str) -> Condition | None:
    """Return what is asked of one field, None where MongoDB would see it otherwise."""
    operator = config.operator
    if operator is Operator.IS_NOT_NULL:
        return {"$ne": None}
    if not config.case_sensitive:
        return None
    # NaN is above all numbers here, and below them there.
    is_above = kind == "float64" and operator in _ABOVE
    if is_above or operator not in (*_SIGNS, Operator.IN, Operator.NOT_IN, Operator.BETWEEN):
        return None
    given = list(config.value) if isinstance(config.value, list | tuple) else [config.value]
    values = _values(given, name, kind)
    if values is None or len(values) > _MANY:
        return None
    if operator is Operator.BETWEEN:
        return {"$gte": values[0], "$lte": values[1]}
    listed = {Operator.IN: "$in", Operator.NOT_IN: "$nin"}
    return {listed[operator]: values} if operator in listed else {_SIGNS[operator]: values[0]}


def _values(given: Sequence[Any], name: str, kind: str) -> list[Any] | None:
    """Return values as BSON has them, None where one is not exactly one of the column's."""
    dtype: pl.DataType = polars_type(kind)
    read = [typed(value, dtype, name) for value in given]
    if not all(is_exact(value, dtype) for value in read):
        return None
    try:
        return [_value(value, kind.partition("(")[0]) for value in read]
    except ValueError:
        # A text that is no id; no other way to ask.
        return None


def _read(text: str, kind: str) -> Any:
    """Return the text of a cursor's value as what it is said of."""
    return datetime.fromisoformat(text) if kind == "timestamp" else text


def _value(value: Any, kind: str) -> Any:
    return _AS[kind](value)


def _id(text: str) -> ObjectId:
    if len(text) != 24 or set(text) - set("0123456789abcdef"):
        raise ValueError(text)
    return ObjectId(text)


def _decimal(value: str | Decimal) -> Decimal128:
    number = Decimal(value)
    # More digits than MongoDB's own decimals have.
    if len(number.as_tuple().digits) > 34:
        raise ValueError(value)
    return Decimal128(number)


def _other(value: Any) -> Any:
    raise ValueError(value)


_AS: Mapping[str, Callable[[Any], Any]] = {
    "objectid": _id,
    "string": str,
    "boolean": bool,
    "int64": Int64,
    "float64": float,
    "decimal": _decimal,
    "timestamp": DatetimeMS,
    "uuid": _other,
    "binary": _other,
}


def refuse_strange(name: str) -> None:
    """Raise ConfigError for a cursor that cannot be asked for by its name."""
    if not is_plain(name):
        raise ConfigError(
            f"Field {name!r} cannot be a cursor, for a dot or a dollar means something else to "
            "MongoDB; choose another field",
            field="cursor",
        )
