"""Whether a destination has a type for each column of a stream, asked when a job is saved."""

from typing import TYPE_CHECKING

from connectors import registry
from connectors.configuration import validate
from connectors.errors import ConfigError, MillraceError
from connectors.holding import demand_held
from connectors.typenames import parsed
from jobs.plan import Load
from jobs.selection import Choice

if TYPE_CHECKING:
    import polars as pl


def demand_types(choice: Choice, load: Load) -> None:
    """Raise ConfigError for a column that the catalog described and the destination cannot hold.

    Nothing is connected: a target that is there already, and each value, are looked at by the run.
    """
    destination = registry.destination(load.connector)
    try:
        demand_held(destination, _types(choice), validate(destination.WriteOptions, load.options))
    except MillraceError as error:
        raise ConfigError(
            f"stream {choice.full_name!r}: {error.message}", field="config.streams"
        ) from None


def _types(choice: Choice) -> "dict[str, pl.DataType]":
    """Return the types of the chosen columns, as far as the job's config tells them exactly."""
    properties = choice.type_schema.get("properties")
    found = {}
    for name, said in properties.items() if isinstance(properties, dict) else ():
        text = said.get("logical_type") if isinstance(said, dict) else None
        is_chosen = choice.columns is None or name in choice.columns
        if not isinstance(text, str) or not is_chosen:
            continue
        try:
            found[name] = parsed(text)
        except ValueError:
            # Another catalog's word; the run will see the column itself.
            continue
    return found
