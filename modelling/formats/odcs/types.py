"""Types of columns, kept word for word, beside the nine logical types of the standard."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

WORD = re.compile(r"\s*([A-Za-z_]+[0-9]*)")
FAMILIES = {
    "integer": (
        "int integer bigint smallint tinyint mediumint hugeint byteint int2 int4 int8 int16 int32 "
        "int64 int128 uint8 uint16 uint32 uint64 ubigint uinteger usmallint utinyint uhugeint long "
        "short serial bigserial smallserial serial4 serial8 year rowversion"
    ),
    "number": (
        "decimal numeric number double float real dec fixed money smallmoney bignumeric bigdecimal "
        "float4 float8 float32 float64 decfloat"
    ),
    "boolean": "boolean bool bit",
    "date": "date date32",
    "timestamp": (
        "timestamp timestamptz timestamp_ntz timestamp_ltz timestamp_tz timestampntz timestampltz "
        "timestamp_s timestamp_ms timestamp_ns datetime datetime2 datetime64 datetimeoffset "
        "smalldatetime"
    ),
    "time": "time timetz",
    "array": "array list",
    "object": "struct object row record json jsonb map variant super",
}
LOGICAL = {word: family for family, words in FAMILIES.items() for word in words.split()}
UUIDS = frozenset({"uuid", "uniqueidentifier", "guid"})
TEXT_FROM_HERE = 65_535


@lru_cache(maxsize=20_000)
def _logical(data_type: str) -> str:
    if data_type.rstrip().endswith("]"):
        return "array"
    word = WORD.match(data_type)
    return LOGICAL.get(word[1].lower(), "string") if word else "string"


def typed(data_type: str) -> dict[str, Any]:
    """Return the keys of the standard for a type; none for a type that is not said yet."""
    if not data_type:
        return {}
    logical = _logical(data_type)
    keys: dict[str, Any] = {"logicalType": logical, "physicalType": data_type}
    word = WORD.match(data_type)
    if word and word[1].lower() in UUIDS and logical == "string":
        keys["logicalTypeOptions"] = {"format": "uuid"}
    return keys


def data_type(keys: Mapping[str, Any]) -> str:
    """Return the type of a property: its physical one, or one that suits its logical one."""
    if "physicalType" in keys:
        return str(keys["physicalType"])
    logical = keys.get("logicalType")
    options = keys.get("logicalTypeOptions") or {}
    if logical == "string":
        longest = options.get("maxLength")
        if options.get("format") == "uuid":
            return "UUID"
        fits = isinstance(longest, int) and 0 < longest <= TEXT_FROM_HERE
        return f"VARCHAR({longest})" if fits else "TEXT"
    names = {"integer": "BIGINT", "number": "DECIMAL", "object": "JSON"}
    return names.get(str(logical), str(logical).upper()) if logical else ""
