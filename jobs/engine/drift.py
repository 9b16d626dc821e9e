"""How the columns of a stream differ from those of its last load, and what a policy makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.sql.columns import fits
from connectors.sql.growing import wider
from connectors.typenames import written
from jobs.plan import SchemaPolicy

if TYPE_CHECKING:
    import polars as pl

    Schema = Mapping[str, pl.DataType]


class Kind(StrEnum):
    """How a column differs."""

    NEW = "new"
    DROPPED = "dropped"
    WIDENED = "widened"  # holds every value that the type before held, and more
    NARROWED = "narrowed"  # the type before holds every value of the new one
    CHANGED = "changed"  # neither


class Action(StrEnum):
    """What was done about it."""

    ADDED = "added"  # the target has it from now on
    LEFT_OUT = "left_out"  # it is not loaded
    KEPT = "kept"  # the target keeps the column; new rows hold null there
    REMOVED = "removed"  # the target was made anew without it
    WIDENED = "widened"  # the target's column was widened
    TAKEN = "taken"  # the target takes the new type
    CAST = "cast"  # values are cast to the type before
    REFUSED = "refused"  # nothing was loaded


@dataclass(frozen=True)
class Change:
    """One column that is not as it was; types are None where there is no column."""

    column: str
    kind: Kind
    before: "pl.DataType | None" = None
    after: "pl.DataType | None" = None
    action: Action = Action.REFUSED

    def shown(self) -> dict[str, str | None]:
        """Return it as JSON, its types as exact text."""
        return {
            "column": self.column,
            "change": self.kind.value,
            "from": None if self.before is None else written(self.before),
            "to": None if self.after is None else written(self.after),
            "action": self.action.value,
        }

    def told(self) -> str:
        """Return it in words."""
        if self.kind is Kind.NEW:
            return f"{self.column!r} ({self.after}) is new"
        if self.kind is Kind.DROPPED:
            return f"{self.column!r} ({self.before}) is gone"
        return f"{self.column!r} was {self.before} and is {self.after} ({self.kind.value})"


def compared(known: "Schema", found: "Schema") -> list[Change]:
    """Return what changed from `known` to `found`, in the order of the columns, dropped ones last."""
    changes = [
        Change(name, _kind(known[name], dtype), known[name], dtype)
        if name in known
        else Change(name, Kind.NEW, None, dtype)
        for name, dtype in found.items()
        if name not in known or known[name] != dtype
    ]
    gone = [Change(name, Kind.DROPPED, known[name]) for name in known if name not in found]
    return changes + gone


def _kind(before: "pl.DataType", after: "pl.DataType") -> Kind:
    # A column of nulls alone has no type yet: whatever comes is more than it held.
    if _is_wider(before, after):
        return Kind.WIDENED
    return Kind.NARROWED if _is_wider(after, before) else Kind.CHANGED


def _is_wider(before: "pl.DataType", after: "pl.DataType") -> bool:
    """Whether a target's column of the one type may become one of the other, values unchanged."""
    return fits(before, after) or wider(before, after) == after


def decided(changes: Sequence[Change], policy: SchemaPolicy, *, is_anew: bool) -> list[Change]:
    """Return the changes with what the policy does about each.

    `is_anew` says that the load makes the target's columns anew, as one that replaces does.
    """
    if policy is SchemaPolicy.FREEZE:
        return [replace(change, action=Action.REFUSED) for change in changes]
    actions = _evolved(is_anew=is_anew) if policy is SchemaPolicy.EVOLVE else KNOWN
    return [replace(change, action=actions[change.kind]) for change in changes]


KNOWN = {
    Kind.NEW: Action.LEFT_OUT,
    Kind.DROPPED: Action.KEPT,
    Kind.WIDENED: Action.CAST,
    Kind.NARROWED: Action.CAST,
    Kind.CHANGED: Action.CAST,
}


def _evolved(*, is_anew: bool) -> dict[Kind, Action]:
    return {
        Kind.NEW: Action.ADDED,
        Kind.DROPPED: Action.REMOVED if is_anew else Action.KEPT,
        Kind.WIDENED: Action.WIDENED,
        # A wider column of the target stays and holds them all.
        Kind.NARROWED: Action.TAKEN if is_anew else Action.CAST,
        Kind.CHANGED: Action.TAKEN,
    }


def told(changes: Sequence[Change]) -> str:
    """Return all changes in one sentence, and what a rename looks like where it may be one."""
    text = "; ".join(change.told() for change in changes)
    gone = [change.before for change in changes if change.kind is Kind.DROPPED]
    renamed = any(change.kind is Kind.NEW and change.after in gone for change in changes)
    hint = " (a column that is renamed at its source is a dropped one and a new one)"
    return text + (hint if renamed else "")
