"""Columns as the log of a Delta table spells them."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.lakes.types import Format
from connectors.sql.growing import Growth

if TYPE_CHECKING:
    import polars as pl

DELTA = Format("Delta", has_small_integers=True, has_times=False)
SIMPLE = {
    "Int8": "byte",
    "Int16": "short",
    "Int32": "integer",
    "Int64": "long",
    "Float32": "float",
    "Float64": "double",
    "String": "string",
    "Binary": "binary",
    "Boolean": "boolean",
    "Date": "date",
}


def schema_string(schema: Mapping[str, "pl.DataType"]) -> str:
    """Return the schema of a table as JSON; the types are those that Delta holds."""
    return json.dumps({"type": "struct", "fields": _fields(schema)})


def grown_schema(text: str, growth: Growth) -> str:
    """Return a table's schema, as its log has it, with columns that join and wider types."""
    schema = json.loads(text)
    for column in schema["fields"]:
        if column["name"] in growth.widened:
            column["type"] = _type(growth.widened[column["name"]])
    schema["fields"] += _fields(growth.added)
    return json.dumps(schema)


def needs_ntz(text: str) -> bool:
    """Whether a column of a schema holds timestamps without a zone, which readers must know."""
    return '"timestamp_ntz"' in text


def _fields(schema: Mapping[str, "pl.DataType"]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": _type(dtype), "nullable": True, "metadata": {}}
        for name, dtype in schema.items()
    ]


def _type(dtype: Any) -> Any:
    import polars as pl

    if isinstance(dtype, pl.Datetime):
        return "timestamp_ntz" if dtype.time_zone is None else "timestamp"
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.List):
        return {"type": "array", "elementType": _type(dtype.inner), "containsNull": True}
    if isinstance(dtype, pl.Struct):
        inner = {field.name: field.dtype for field in dtype.fields}
        return {"type": "struct", "fields": _fields(inner)}  # type: ignore[arg-type]
    return SIMPLE[str(dtype)]
