"""What a destination has no type for: refused by name, or stored as text where a person says so."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.base import Destination, WriteOptions
from connectors.errors import ConfigError, DataError, MillraceError
from connectors.texts import can_be_text, with_texts

if TYPE_CHECKING:
    import polars as pl

CURE = "or set `unheld_types` to 'text', which stores such columns as their exact text"


def unheld(
    destination: type[Destination], schema: Mapping[str, "pl.DataType"]
) -> dict[str, MillraceError]:
    """Return the columns that no new target can hold, and why; nothing is reached for."""
    found: dict[str, MillraceError] = {}
    for name, dtype in schema.items():
        try:
            destination.require_type(name, dtype)
        except (ConfigError, DataError) as error:
            found[name] = error
    return found


def demand_held(
    destination: type[Destination], schema: Mapping[str, "pl.DataType"], options: WriteOptions
) -> list[str]:
    """Return the columns that are to be stored as text; raise for those that cannot be stored."""
    wanting = unheld(destination, schema)
    for name, error in wanting.items():
        has_text = can_be_text(schema[name])
        if not has_text or options.unheld_types == "refuse":
            cure = f"; {CURE}" if has_text else ""
            raise type(error)(f"{error.message}{cure}", field=error.field)
    return list(wanting)


def fitted(
    destination: Destination, frame: "pl.LazyFrame", options: WriteOptions
) -> "pl.LazyFrame":
    """Return the frame as the destination can hold it; raises as `demand_held` does."""
    columns = demand_held(type(destination), frame.collect_schema(), options)
    return with_texts(frame, columns) if columns else frame
