"""Rows at the door of a load: their columns are compared with the last load's, and let in or not."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from connectors.base import State, Target, WriteMode
from connectors.errors import ConfigError
from connectors.typenames import parsed, written
from jobs.engine.drift import Action, Change, compared, decided, told
from jobs.engine.host import Host
from jobs.engine.shaping import shaped
from jobs.plan import Extract, Load, SchemaPolicy

if TYPE_CHECKING:
    import polars as pl

# Where a marker's State keeps what is known of the columns.
COLUMNS = "columns"


@dataclass(frozen=True)
class Admitted:
    """Rows that may be loaded; `kept` is what the marker keeps of their columns, as plain JSON."""

    frame: "pl.LazyFrame"
    kept: dict[str, Any] = field(default_factory=dict)


class Door:
    """Lets the rows of one load in, by its policy."""

    def __init__(self, step: Load, extracts: Sequence[Extract], host: Host) -> None:
        """Serve `step`, which these extracts feed."""
        self._step = step
        self._host = host
        self._policy = step.policy or SchemaPolicy.EVOLVE
        self._name = _plain_name(extracts[0].name if extracts else step.name)
        self._selection = _selection(extracts)

    def admit(self, frame: "pl.LazyFrame", target: Target, state: State | None) -> Admitted:
        """Return the rows as they may be loaded; ConfigError where the policy forbids them.

        `state` is that of the stream's last commit, None before the first one.
        """
        found = frame.collect_schema()
        known = self._known(state, found)
        self._demand_key(found, target, more=" any more" if state else "")
        changes = compared(known, found) if known is not None else []
        if known is None or not changes:
            return Admitted(frame, self._keep(found, []))
        is_anew = target.options.mode is WriteMode.REPLACE
        changes = decided(changes, self._policy, is_anew=is_anew)
        if self._policy is SchemaPolicy.FREEZE:
            raise self._refused(changes)
        if self._policy is SchemaPolicy.EVOLVE:
            return Admitted(frame, self._keep(found, changes))
        try:
            frame = shaped(frame, found, known, is_filled=is_anew)
        except ConfigError:
            self.refuse(changes)
            raise
        return Admitted(frame, self._keep(known, changes))

    def tell(self, kept: Mapping[str, Any]) -> None:
        """Put what changed into the log and the result, once the target took the columns."""
        changes = kept.get("changes", [])
        if not changes:
            return
        self._host.note(self._step, "schema_changes", changes)
        level = "warning" if self._policy is SchemaPolicy.NOTIFY else "info"
        shown = ", ".join(f"{one['column']!r} {one['change']}: {one['action']}" for one in changes)
        self._host.log(
            level,
            f"The columns of {self._name} changed ({shown})",
            step=self._step.id,
            schema_changes=changes,
        )

    def refuse(self, changes: Sequence[Change]) -> None:
        """Put into the result that nothing of this was loaded."""
        shown = [replace(change, action=Action.REFUSED).shown() for change in changes]
        self._host.note(self._step, "schema_changes", shown)

    def refuse_kept(self, kept: Mapping[str, Any]) -> None:
        """Put into the result that the target did not take these changes."""
        shown = [{**one, "action": Action.REFUSED.value} for one in kept.get("changes", [])]
        if shown:
            self._host.note(self._step, "schema_changes", shown)

    def _refused(self, changes: Sequence[Change]) -> ConfigError:
        self.refuse(changes)
        return ConfigError(
            f"The columns of {self._name} changed and its schema_policy is freeze: "
            f"{told(changes)}. Nothing was loaded. Set schema_policy to evolve for a run to take "
            "the changes over, or to ignore to go on with the columns as they were",
            field="schema_policy",
        )

    def _demand_key(self, found: Mapping[str, Any], target: Target, *, more: str) -> None:
        options = target.options
        gone = [name for name in options.key if name not in found]
        if options.mode is WriteMode.UPSERT and gone:
            raise ConfigError(
                f"The key column {gone[0]!r} of {self._name} does not exist{more}; there are: "
                f"{', '.join(found)}. Choose another key, or write_mode append",
                field="key",
            )

    def _known(
        self, state: State | None, found: "Mapping[str, pl.DataType]"
    ) -> "dict[str, pl.DataType] | None":
        """Return the columns of the last load; None where there is none that chose alike."""
        import polars as pl

        kept = dict(state or {}).get(COLUMNS) or {}
        if kept.get("selection") != self._selection:
            return None
        known = {name: parsed(text) for name, text in kept["types"].items()}
        if self._policy in (SchemaPolicy.EVOLVE, SchemaPolicy.FREEZE):
            return known
        # A column that held nulls alone has no type yet that could be kept.
        return {
            name: found.get(name, dtype) if dtype == pl.Null() else dtype
            for name, dtype in known.items()
        }

    def _keep(self, columns: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
        return {
            "types": {name: written(dtype) for name, dtype in columns.items()},
            "selection": self._selection,
            "changes": [change.shown() for change in changes],
        }


def types_of(state: State | None) -> dict[str, str] | None:
    """Return the columns that a marker's State keeps, as text by name; None where it keeps none."""
    kept = dict(state or {}).get(COLUMNS)
    return None if kept is None else dict(kept["types"])


def without_columns(state: State | None) -> State | None:
    """Return what a State says of how far was read, and nothing of columns and checks."""
    read = {key: value for key, value in dict(state or {}).items() if key not in (COLUMNS, "sums")}
    return read or None


def _selection(extracts: Sequence[Extract]) -> str:
    """Return what tells whether a person chose the same columns as before: else all are as wanted."""
    chosen = [[step.options.get("columns"), step.options.get("query")] for step in extracts]
    return sha256(json.dumps(chosen, default=str).encode()).hexdigest()[:16]


def _plain_name(name: str) -> str:
    return name.removeprefix("Extract ") or "the stream"
