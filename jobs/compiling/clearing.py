"""From a job to the plan that empties its targets: one part for each stream, each for itself."""

from collections.abc import Collection

from connectors import registry
from connectors.base import WriteMode
from connectors.configuration import spellings
from connectors.errors import ConfigError
from jobs.plan import Empty, Load, Part, Plan


def compile_clear(plan: Plan, streams: Collection[str] | None = None) -> Plan:
    """Return what empties the targets of a job's plan, or of some of its streams.

    Each load replaces what lies there by no rows, in the ordinary way, and forgets its state.
    """
    chosen = [part for part in plan.parts if streams is None or part.id in streams]
    return Plan(parts=tuple(_part(part, load) for part in chosen for load in part.of_kind("load")))


def demand_replace(load: Load) -> None:
    """Raise ConfigError where a destination cannot replace what it holds."""
    plugin = registry.destination(load.connector)
    if WriteMode.REPLACE not in plugin.write_modes:
        raise ConfigError(
            f"{plugin.label} cannot replace rows, so the stream cannot be emptied or loaded anew; "
            "choose another table for it"
        )


def _part(part: Part, load: Load) -> Part:
    demand_replace(load)
    names = spellings(registry.destination(load.connector).WriteOptions)
    kept = {name: value for name, value in load.options.items() if names.get(name) != "mode"}
    empty = Empty(id=f"{part.id}:empty", name=f"Empty {part.name}")
    changes = {
        "options": {**kept, "mode": WriteMode.REPLACE.value},
        "input": empty.id,
        "wish": None,
        "policy": None,
        "checksums": False,
    }
    return Part(id=part.id, name=part.name, steps=(empty, load.model_copy(update=changes)))
