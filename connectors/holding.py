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
    import polars as pl

    chosen = {name for name in options.text_columns if schema.get(name) not in (None, pl.String())}
    for name, error in unheld(destination, schema).items():
        has_text = can_be_text(schema[name])
        if has_text and (options.unheld_types == "text" or name in chosen):
            chosen.add(name)
            continue
        cure = f"; {CURE}" if has_text else ""
        raise type(error)(f"{error.message}{cure}", field=error.field)
    return [name for name in schema if name in chosen]


def fitted(
    destination: Destination, frame: "pl.LazyFrame", options: WriteOptions
) -> "pl.LazyFrame":
    """Return the frame as the destination can hold it; raises as `demand_held` does."""
    schema = frame.collect_schema()
    missing = [name for name in options.text_columns if name not in schema]
    if missing:
        raise ConfigError(
            f"There is no column {missing[0]!r} to store as text; there are: {', '.join(schema)}",
            field="text_columns",
        )
    columns = demand_held(type(destination), schema, options)
    return with_texts(frame, columns) if columns else frame
