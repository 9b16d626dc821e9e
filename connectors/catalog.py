"""Streams as the Olake contract describes them, its words first and the exact type beside."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from connectors.base import Stream

if TYPE_CHECKING:
    import polars as pl

# What a catalog may call a type whose class has this name; by name, so that polars is not loaded.
WORDS = {
    "Boolean": "boolean",
    "Int8": "integer_small",
    "Int16": "integer_small",
    "Int32": "integer_small",
    "Int64": "integer",
    "UInt8": "integer_small",
    "UInt16": "integer_small",
    "UInt32": "integer",
    "UInt64": "integer",
    "Int128": "integer",
    "Float32": "number_small",
    "Float64": "number",
    "Decimal": "number",
    "List": "array",
    "Array": "array",
    "Struct": "object",
    "Null": "null",
}
TIMES = {"ms": "timestamp_milli", "us": "timestamp_micro", "ns": "timestamp_nano"}
FORMATS = {"Date": "date", "Time": "time", "Duration": "duration", "Binary": "byte"}


def catalog(streams: Iterable[Stream]) -> dict[str, Any]:
    """Return the two halves of a catalog: what there is, and what would be chosen of it."""
    found = list(streams)
    selected: dict[str, list[dict[str, Any]]] = {}
    for stream in found:
        chosen = {"stream_name": stream.name, "normalization": True, "append_mode": False}
        selected.setdefault(stream.namespace or "", []).append(
            {**chosen, "partition_regex": "", "filter": ""}
        )
    return {
        "streams": [{"stream": described(stream)} for stream in found],
        "selected_streams": selected,
    }


def described(stream: Stream) -> dict[str, Any]:
    """Return one stream; `options` is what reads it here, the rest are the contract's words."""
    modes = ["full_refresh", *(["incremental"] if stream.cursors else [])]
    return {
        "name": stream.name,
        "namespace": stream.namespace or "",
        "type_schema": {
            "properties": {
                name: column(dtype, name, is_key=name in stream.key)
                for name, dtype in stream.schema.items()
            }
        },
        "supported_sync_modes": modes,
        "source_defined_primary_key": list(stream.key),
        "available_cursor_fields": list(stream.cursors),
        "cursor_field": "",
        # A cursor is a promise about the data, so nobody but a person chooses one.
        "sync_mode": "full_refresh",
        "destination_database": "",
        "destination_table": table_for(stream.name),
        "default_stream_properties": {"normalization": True, "append_mode": False},
        "options": dict(stream.options),
    }


def table_for(stream: str) -> str:
    """Return the name of the table that a stream fills unless a person says otherwise."""
    # A stream of files may be called as a pattern or a path, which no table is.
    fit = re.sub(r"[*?\[\]/\\\x00-\x1f]+", "_", stream).strip("_. ")
    return fit or "rows"


def column(dtype: "pl.DataType", name: str, *, is_key: bool = False) -> dict[str, Any]:
    """Return one column: the contract's word for its type, and the exact type as `logical_type`."""
    kind = type(dtype).__name__
    word = TIMES[str(getattr(dtype, "time_unit", "us"))] if kind == "Datetime" else ""
    word = word or WORDS.get(kind, "string")
    shown: dict[str, Any] = {
        "type": [word] if is_key or word == "null" else [word, "null"],
        "destination_column_name": name,
        "logical_type": str(dtype),
    }
    if kind in FORMATS:
        shown["format"] = FORMATS[kind]
    return shown | _digits(dtype, kind)


def _digits(dtype: Any, kind: str) -> dict[str, int]:
    return {"precision": dtype.precision, "scale": dtype.scale} if kind == "Decimal" else {}
