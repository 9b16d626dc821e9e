"""What the values of a field are, and the one type that holds them all as they are.

Types have names: `objectid`, `string`, `boolean`, `int64`, `float64`, `decimal(38,s)`,
`timestamp`, `uuid`, `binary`, and `json`, the text of whatever stood there (MongoDB's relaxed
extended JSON): objects, lists, the rarer types of BSON, and fields that hold several types.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bson import Binary, Decimal128, Int64, ObjectId, UuidRepresentation

from connectors.errors import ConfigError

if TYPE_CHECKING:
    import polars as pl

Document = Mapping[str, Any]

SIMPLE = (
    "objectid",
    "string",
    "boolean",
    "int64",
    "float64",
    "timestamp",
    "uuid",
    "binary",
    "json",
)
DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
DIGITS = 38
# Whole numbers up to here are the same number as a float.
EXACT = 2**53
LEGACY = {
    "python": UuidRepresentation.PYTHON_LEGACY,
    "java": UuidRepresentation.JAVA_LEGACY,
    "csharp": UuidRepresentation.CSHARP_LEGACY,
}
_PLAIN: Mapping[type, str] = {
    ObjectId: "objectid",
    str: "string",
    bool: "boolean",
    int: "int64",
    Int64: "int64",
    float: "float64",
    datetime: "timestamp",
    bytes: "binary",
}


def check_type(name: str) -> str:
    """Return the name of a type as it is kept, or raise ConfigError with the known ones."""
    text = name.strip().lower()
    found = DECIMAL.fullmatch(text)
    if found and 0 < int(found[1]) <= DIGITS and int(found[2]) <= int(found[1]):
        return f"decimal({int(found[1])},{int(found[2])})"
    if text in SIMPLE:
        return text
    known = ", ".join((*SIMPLE, "decimal(precision,scale)"))
    raise ConfigError(f"Unknown type {name!r}; known: {known}", field="types")


def infer(documents: Sequence[Document]) -> dict[str, str]:
    """Return the types of all fields of these documents, in the order of their first appearance."""
    names = dict.fromkeys(name for document in documents for name in document)
    return {name: infer_type([one.get(name) for one in documents]) for name in names}


def infer_type(values: Iterable[Any]) -> str:
    """Return the narrowest type that holds every value as it is."""
    known = [value for value in values if value is not None]
    types = set(map(_type_of, known))
    if len(types) == 1:
        (only,) = types
        return _digits(known) if only == "decimal" else only
    if types == {"int64", "float64"} and all(map(is_exact_float, known)):
        return "float64"
    return _digits(known) if types == {"int64", "decimal"} else "json"


def is_exact_float(value: Any) -> bool:
    """Whether a number is the same number as a float."""
    return type(value) is float or abs(value) <= EXACT


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID, of today's subtype or of the old one."""
    return type(value) is Binary and value.subtype in (3, 4) and len(value) == 16


def uuid_text(value: Binary, legacy: str) -> str:
    """Return a UUID in the usual form; `legacy` says whose driver wrote one of the old subtype."""
    if value.subtype == 4:
        return str(uuid.UUID(bytes=bytes(value)))
    return str(value.as_uuid(LEGACY[legacy]))


def polars_type(name: str) -> "pl.DataType":
    """Return the Polars type of a type's name."""
    import polars as pl

    if found := DECIMAL.fullmatch(name):
        return pl.Decimal(int(found[1]), int(found[2]))
    types: dict[str, pl.DataType] = {
        "boolean": pl.Boolean(),
        "int64": pl.Int64(),
        "float64": pl.Float64(),
        "timestamp": pl.Datetime("ms", "UTC"),
        "binary": pl.Binary(),
    }
    return types.get(name, pl.String())


def _type_of(value: Any) -> str:
    """Return the type of one value; a date that no calendar of ours has is `json`."""
    if type(value) is Decimal128:
        return "decimal" if value.to_decimal().is_finite() else "json"
    return "uuid" if is_uuid(value) else _PLAIN.get(type(value), "json")


def _digits(values: Sequence[Any]) -> str:
    """Return the decimal type that holds all of these numbers, `json` where none does."""
    whole = scale = 0
    for value in values:
        number = value.to_decimal() if type(value) is Decimal128 else Decimal(value)
        digits, exponent = len(number.as_tuple().digits), int(number.as_tuple().exponent)
        scale = max(scale, -exponent)
        whole = max(whole, digits + exponent if number else 0)
    return f"decimal({DIGITS},{scale})" if whole + scale <= DIGITS else "json"
