"""How far a stream was loaded, and where its next load begins.

A marker's state is `{"epoch": n, "read": {extract: its State}, "from": {extract: what it reads},
"into": {origin, table, mode, key}}`. Of an older release it is the `read` alone, or null.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.base import Marker, ReadOptions, Settings, State, WriteMode, WriteOptions
from connectors.base.options import CURSOR
from connectors.errors import ConfigError
from jobs.plan import Action, Extract, Load

Identity = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """What the last commit says of a stream."""

    epoch: int = 0
    read: Mapping[str, State] = field(default_factory=dict)
    origins: Mapping[str, Identity] = field(default_factory=dict)
    into: Mapping[str, Any] = field(default_factory=dict)
    # Whether it says what was read; markers of older releases do not.
    is_told: bool = False

    @classmethod
    def of(cls, state: State | None) -> "Standing":
        """Return what a marker's state says, or a checkpoint's."""
        said = dict(state or {})
        if not isinstance(said.get("epoch"), int):
            return cls(read=said)
        return cls(said["epoch"], said["read"], said["from"], said["into"], is_told=True)

    def told(self) -> dict[str, Any]:
        """Return it as a marker's state."""
        return {
            "epoch": self.epoch,
            "read": dict(self.read),
            "from": {name: dict(identity) for name, identity in self.origins.items()},
            "into": dict(self.into),
        }


@dataclass(frozen=True)
class Start:
    """Where a load begins, and whether it replaces what was loaded before; `why` is for people."""

    epoch: int
    read: Mapping[str, State] = field(default_factory=dict)
    swaps: bool = False
    evolves: bool = False
    why: str = ""
    # Whether a person gave what is in `read`, and may have left out what the marker knows.
    is_given: bool = False


def start_of(
    load: Load, options: WriteOptions, marker: Marker | None, origins: Mapping[str, Identity]
) -> Start:
    """Return where a load begins whose extracts read `origins`; ConfigError where nobody can tell.

    A wish counts until a commit of its epoch. Without one the marker is the truth, as long as the
    same is read as then, and merged into rows that are unique by the same key.
    """
    standing = Standing.of(marker.state if marker else None)
    _demand_latest(load, standing)
    epoch = max(load.epoch, standing.epoch)
    if load.wish is not None and standing.epoch < load.epoch:
        return _wished(load, options, standing, epoch)
    if options.mode is WriteMode.REPLACE or marker is None:
        return Start(epoch)
    incremental = {name: identity for name, identity in origins.items() if has_cursor(identity)}
    if _was_replaced(standing, marker, incremental):
        return Start(
            epoch,
            swaps=True,
            why="The last load was a full refresh: this one begins anew and replaces its rows",
        )
    _demand_key(load, options, standing)
    for name, identity in incremental.items():
        if standing.is_told and name in standing.read:
            _demand_same(load, standing.origins.get(name, {}), identity)
    return Start(epoch, standing.read)


def has_cursor(identity: Identity) -> bool:
    """Whether it is read incrementally."""
    return any(identity.get(name) for name in CURSOR)


def differences(was: Identity, now: Identity) -> list[str]:
    """Return what is read in another way than it was, each as `name: before → now`."""
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return [f"{name}: {_shown(was.get(name))} → {_shown(now.get(name))}" for name in names]


def identity_of(step: Extract, settings: Settings, options: ReadOptions) -> dict[str, Any]:
    """Return what an extract reads: the system, the data, the stream, and what narrows its rows."""
    return {"connector": step.connector, **settings.identity(), **options.identity(), **step.scope}


def into_of(load: Load, options: WriteOptions) -> dict[str, Any]:
    """Return where and how a load writes, as the job says it."""
    named = {name: getattr(options, name, None) for name in ("table", "table_schema")}
    given = {name: value for name, value in named.items() if value is not None}
    return {
        "origin": load.origin,
        **given,
        "mode": options.mode.value,
        "key": list(options.key),
    }


def _wished(load: Load, options: WriteOptions, standing: Standing, epoch: int) -> Start:
    wish = load.wish
    assert wish is not None
    if wish.action is Action.RELOAD:
        why = "A reload was asked for: all rows are read, and replace the old ones at the end"
        return Start(epoch, swaps=True, why=why)
    if wish.is_edit or wish.action is not Action.KEEP:
        # An edit was judged by what was known then; only a person may keep in spite of the rows.
        _demand_key(load, options, standing)
    if wish.action is Action.KEEP:
        why = "The state is kept, although the stream is read in another way now"
        return Start(epoch, standing.read, evolves=wish.evolve, why=why)
    why = "The state was set: read from there on" if wish.state else "Read from the beginning"
    return Start(epoch, wish.state, evolves=wish.evolve, why=why, is_given=True)


def _was_replaced(standing: Standing, marker: Marker, incremental: Mapping[str, Identity]) -> bool:
    """Return whether what lies there came by a load that the increments do not go on from."""
    unread = [name for name in incremental if name not in standing.read]
    if not standing.is_told:
        return bool(unread) and marker.rows > 0
    was_full = [name for name in unread if not has_cursor(standing.origins.get(name, {}))]
    return bool(was_full) and standing.into.get("mode") == WriteMode.REPLACE


def _demand_latest(load: Load, standing: Standing) -> None:
    """Refuse a plan from before a wish that was carried out; a clear leaves nothing to spoil."""
    if load.epoch >= standing.epoch or not standing.origins:
        return
    raise ConfigError(
        "A newer wish than this run knows was carried out for the stream meanwhile, such as a "
        "reload or an edit of the job. Start a new run of the job instead. Where that says so "
        f"too, a backup was restored. {_ways(load)}"
    )


def _demand_key(load: Load, options: WriteOptions, standing: Standing) -> None:
    """Refuse to merge into rows that were added, or that are unique by another key."""
    was, now = standing.into, list(options.key)
    mode = was.get("mode")
    if options.mode is not WriteMode.UPSERT or not was or mode == WriteMode.REPLACE:
        return
    before = list(was.get("key") or ()) if mode == WriteMode.UPSERT else []
    if before == now:
        return
    raise ConfigError(
        "The stream is merged by another key than the rows that it has loaded into this table "
        f"(key: {', '.join(before) or 'nothing'} → {', '.join(now)}). {_ways(load)}, or take the "
        "change back"
    )


def _demand_same(load: Load, was: Identity, now: Identity) -> None:
    changed = differences(was, now)
    if not changed:
        return
    raise ConfigError(
        f"The stream is read in another way than its state was made with ({'; '.join(changed)}). "
        f"{_ways(load)}, or take the change back"
    )


def _ways(load: Load) -> str:
    """Return how a person says what shall become of a stream."""
    job, _, stream = load.stream.partition("/")
    body, named = json.dumps({"keep": True}), quote(stream, safe="")
    return (
        f"Reload it (POST /jobs/{job}/streams/reset?stream={named}: its rows are read anew and "
        f"replace the old ones), or go on from its state nevertheless (PUT /jobs/{job}/streams/"
        f"state?stream={named} with {body})"
    )


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value)
