"""Records as JSON brings them, and the columns that hold them without changing a value.

A column's type has a name: `string`, `boolean`, `int64`, `uint64`, `float64`, `decimal(38,0)`,
`json` (the text of whatever stood there), and, where a person asks for them, `date`, `datetime`
(without a zone), `timestamp` (with one, kept in UTC) and `time`. Objects, lists
and mixed values are `json`: nothing of them can be lost, and every destination can hold them.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError, DataError

if TYPE_CHECKING:
    import polars as pl

Record = Mapping[str, Any]

SIMPLE = ("string", "json", "boolean", "int64", "uint64", "float64")
ON_REQUEST = ("date", "datetime", "timestamp", "time")
DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
DIGITS = 38
# Whole numbers up to here are the same number as a float.
EXACT_FLOAT = 2**53
# Numbers this big may be more than a float can hold.
HUGE = re.compile(rb"[eE]\+?\d{3}|\d{300}")
FINER_THAN_MICROSECONDS = re.compile(r"\.\d{6}\d*[1-9]")


class MisfitError(ValueError):
    """A value that its column's type cannot hold as it is."""


def check_type(name: str) -> str:
    """Return the name of a type as it is kept, or raise ConfigError with the known ones."""
    text = name.strip().lower()
    found = DECIMAL.fullmatch(text)
    if found and int(found[2]) <= int(found[1]) <= DIGITS and int(found[1]) > 0:
        return f"decimal({int(found[1])},{int(found[2])})"
    if text in SIMPLE or text in ON_REQUEST:
        return text
    known = ", ".join((*SIMPLE, "decimal(precision,scale)", *ON_REQUEST))
    raise ConfigError(f"Unknown type {name!r}; known: {known}", field="types")


def parse(body: bytes, *, exact: bool = False) -> Any:
    """Return what a JSON text says; whole numbers are exact, `exact` makes the others Decimals.

    Raises ValueError for what is not JSON and MisfitError for a number beyond a float.
    """
    number: Callable[[str], Any] | None = None
    if exact:
        number = Decimal
    elif HUGE.search(body):
        number = _finite
    try:
        return json.loads(body, parse_float=number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise MisfitError(f"the number {text[:40]} is too big for a float")
    return value


# --- Types -----------------------------------------------------------------------------------


def infer(records: Sequence[Record]) -> dict[str, str]:
    """Return the types of all columns of these records, in the order of their first appearance."""
    names = dict.fromkeys(name for record in records for name in record)
    return {name: infer_type([record.get(name) for record in records]) for name in names}


def infer_type(values: Iterable[Any]) -> str:
    """Return the narrowest type that holds every value as it is."""
    known = [value for value in values if value is not None]
    kinds = set(map(type, known))
    if not kinds or kinds == {str}:
        return "string"
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return _integer_type(min(known), max(known))
    if kinds <= {int, float, Decimal} and all(map(_is_exact_float, known)):
        return "float64"
    return "json"


def _integer_type(least: int, greatest: int) -> str:
    if least >= -(2**63) and greatest < 2**63:
        return "int64"
    if least >= 0 and greatest < 2**64:
        return "uint64"
    if max(abs(least), abs(greatest)) < 10**DIGITS:
        return f"decimal({DIGITS},0)"
    return "json"


def _is_exact_float(value: float | Decimal) -> bool:
    return not isinstance(value, int) or abs(value) <= EXACT_FLOAT


def polars_type(name: str) -> "pl.DataType":
    """Return the Polars type of a type's name."""
    import polars as pl

    if found := DECIMAL.fullmatch(name):
        return pl.Decimal(int(found[1]), int(found[2]))
    types: dict[str, pl.DataType] = {
        "string": pl.String(),
        "json": pl.String(),
        "boolean": pl.Boolean(),
        "int64": pl.Int64(),
        "uint64": pl.UInt64(),
        "float64": pl.Float64(),
        "date": pl.Date(),
        "datetime": pl.Datetime("us"),
        "timestamp": pl.Datetime("us", "UTC"),
        "time": pl.Time(),
    }
    return types[name]


# --- Columns ---------------------------------------------------------------------------------


def frame(records: Sequence[Record], types: Mapping[str, str]) -> "pl.DataFrame":
    """Return the columns that `types` names, null where a record lacks one.

    Raises DataError that names the column whose values do not fit its type.
    """
    import polars as pl

    columns = []
    for name, type_name in types.items():
        values = [record.get(name) for record in records]
        try:
            columns.append(column(name, values, type_name))
        except MisfitError as error:
            raise DataError(
                f"column {name!r}: {error}, but the column is {type_name}; set "
                f"`types` to hold both, such as {{{json.dumps(name)}: {json.dumps(_wider(values))}}}",
                field="types",
            ) from None
    return pl.DataFrame(columns)


def _wider(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    return "decimal(38,0)" if kinds == {int} else "json"


def column(name: str, values: Sequence[Any], type_name: str) -> "pl.Series":
    """Return one column of exactly these values, or raise MisfitError."""
    import polars as pl
    from polars.exceptions import PolarsError

    base = type_name.partition("(")[0]
    unfit = set(map(type, values)) - FITTING.get(base, frozenset()) - {type(None)}
    if base != "json" and unfit:
        raise MisfitError(f"there is {_kind_name(min(unfit, key=str))}")
    converted = CONVERSIONS[base](values, type_name) if base in CONVERSIONS else values
    try:
        return pl.Series(name, converted, dtype=polars_type(type_name), strict=True)
    except (TypeError, OverflowError, RuntimeError, UnicodeError, PolarsError) as error:
        raise MisfitError(f"a value does not fit ({str(error).splitlines()[0]})") from None


def _kind_name(kind: type) -> str:
    names = {bool: "a boolean", int: "a whole number", float: "a number with a fraction"}
    names |= {Decimal: "a number with a fraction", str: "a text", dict: "an object", list: "a list"}
    return names.get(kind, kind.__name__)


def _to_json(values: Sequence[Any], _type_name: str) -> list[str | None]:
    return [
        None
        if value is None
        else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)
        for value in values
    ]


def _to_floats(values: Sequence[Any], _type_name: str) -> list[float | None]:
    return [None if value is None else _to_float(value) for value in values]


def _to_float(value: float | Decimal) -> float:
    try:
        number = float(value)
        is_same = not isinstance(value, int) or int(number) == value
    except OverflowError:
        is_same = False
    if not is_same or (isinstance(value, Decimal) and math.isinf(number)):
        raise MisfitError(f"there is {str(value)[:60]}, which no float holds")
    return number


def _to_decimals(values: Sequence[Any], type_name: str) -> list[Decimal | None]:
    found = DECIMAL.fullmatch(type_name)
    assert found is not None
    precision, scale = int(found[1]), int(found[2])
    wide, unit = Context(prec=400), Decimal(1).scaleb(-scale)

    def convert(value: Any) -> Decimal:
        try:
            number = Decimal(value)
            rounded = number.quantize(unit, context=wide)
        except InvalidOperation:
            raise MisfitError(f"there is {str(value)[:60]!r}") from None
        if rounded != number or abs(rounded) >= Decimal(10).scaleb(precision - scale):
            raise MisfitError(f"there is {str(value)[:60]}")
        return rounded

    return [None if value is None else convert(value) for value in values]


def _temporal(read: Callable[[str], Any]) -> Callable[[Sequence[Any], str], list[Any]]:
    def convert_all(values: Sequence[Any], _type_name: str) -> list[Any]:
        return [None if value is None else _read_time(value, read) for value in values]

    return convert_all


def _read_time(text: str, read: Callable[[str], Any]) -> Any:
    if FINER_THAN_MICROSECONDS.search(text):
        raise MisfitError(f"there is {text!r}, finer than a microsecond")
    try:
        return read(text)
    except MisfitError:
        raise
    except ValueError:
        raise MisfitError(f"there is {text[:60]!r}") from None


def _zoneless(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise MisfitError(f"there is {text!r}, which has a zone (that would be a `timestamp`)")
    return moment


def _zoned(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise MisfitError(f"there is {text!r}, which has no zone (that would be a `datetime`)")
    return moment.astimezone(UTC)


def _zoneless_time(text: str) -> time:
    moment = time.fromisoformat(text)
    if moment.tzinfo is not None:
        raise MisfitError(f"there is {text!r}, which has a zone")
    return moment


# Which Python types a column takes as they are; a person who asks for decimals may get texts.
FITTING: Mapping[str, frozenset[type]] = {
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "int64": frozenset({int}),
    "uint64": frozenset({int}),
    "float64": frozenset({int, float, Decimal}),
    "decimal": frozenset({int, Decimal, str}),
    "date": frozenset({str}),
    "datetime": frozenset({str}),
    "timestamp": frozenset({str}),
    "time": frozenset({str}),
}
CONVERSIONS: Mapping[str, Callable[[Sequence[Any], str], Sequence[Any]]] = {
    "json": _to_json,
    "float64": _to_floats,
    "decimal": _to_decimals,
    "date": _temporal(date.fromisoformat),
    "datetime": _temporal(_zoneless),
    "timestamp": _temporal(_zoned),
    "time": _temporal(_zoneless_time),
}
