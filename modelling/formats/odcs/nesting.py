"""What was kept of a contract beside our fields, and which columns are parts of others."""

from collections.abc import Mapping
from typing import Any

from modelling.formats.odcs.types import typed
from modelling.schema import Column


def kept(extras: Mapping[str, Any], key: str, otherwise: Any) -> Any:
    """Return what was kept of a key when a contract was read, or what there is without one."""
    return extras.get("odcs", {}).get(key, otherwise)


def nested_in(column: Column, columns: Mapping[str, Column]) -> Column | None:
    """Return the column that this one is a part of, while both still fit."""
    parent = columns.get(kept(column.extras, "in", ""))
    if parent is None or not column.name.startswith(f"{parent.name}."):
        return None
    is_as_read = kept(parent.extras, "types", {}).get("of") == parent.data_type
    logical = typed(parent.data_type).get("logicalType", "object")
    return parent if is_as_read or logical == "object" else None
