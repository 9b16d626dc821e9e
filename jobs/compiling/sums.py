"""Whether the checksums of a stream are compared after its load."""

from collections.abc import Mapping
from typing import Any

from connectors.base import Destination
from connectors.configuration import validate
from connectors.errors import ConfigError
from jobs.engine.checks import PROVABLE, can_read_back
from jobs.rules import Rules
from jobs.selection import Choice

FIELD = "config.settings.checksums"


def is_summed(
    plugin: type[Destination], choice: Choice, written: Mapping[str, Any], said: Rules
) -> bool:
    """Return whether checksums are wanted; ConfigError where nobody could compare them."""
    wanted = said.checksums if choice.checksums is None else choice.checksums
    if not wanted:
        return False
    if not can_read_back(plugin):
        raise ConfigError(
            f"checksums are compared by reading {plugin.name} back with the types that were "
            "written, which it does not offer; leave checksums out for this destination",
            field=FIELD,
        )
    mode = validate(plugin.WriteOptions, written).mode
    if choice.checksums and mode not in PROVABLE:
        raise ConfigError(
            f"checksums of {choice.full_name!r} cannot be compared, because {mode.value} merges "
            "its rows with others; leave checksums out, or choose append or full_refresh",
            field=FIELD,
        )
    return True
