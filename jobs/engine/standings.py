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
    load: Load, mode: WriteMode, marker: Marker | None, origins: Mapping[str, Identity]
) -> Start:
    """Return where a load begins whose extracts read `origins`; ConfigError where nobody can tell.

    A wish counts until a commit of its epoch. Without one the marker is the truth, as long as the
    same is read as then.
    """
    standing = Standing.of(marker.state if marker else None)
    epoch = max(load.epoch, standing.epoch)
    if load.wish is not None and standing.epoch < load.epoch:
        return _wished(load, standing, epoch)
    if mode is WriteMode.REPLACE or marker is None:
        return Start(epoch)
    incremental = {name: identity for name, identity in origins.items() if has_cursor(identity)}
    if _was_replaced(standing, marker, incremental):
        return Start(
            epoch,
            swaps=True,
            why="The last load was a full refresh: this one begins anew and replaces its rows",
        )
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


def _wished(load: Load, standing: Standing, epoch: int) -> Start:
    wish = load.wish
    assert wish is not None
    if wish.action is Action.RELOAD:
        why = "A reload was asked for: all rows are read, and replace the old ones at the end"
        return Start(epoch, swaps=True, why=why)
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


def _demand_same(load: Load, was: Identity, now: Identity) -> None:
    changed = differences(was, now)
    if not changed:
        return
    job, _, stream = load.stream.partition("/")
    body, named = json.dumps({"keep": True}), quote(stream, safe="")
    raise ConfigError(
        f"The stream is read in another way than its state was made with ({'; '.join(changed)}). "
        f"Reload it (POST /jobs/{job}/streams/reset?stream={named}: its rows are read anew and "
        f"replace the old ones), or go on from its state nevertheless (PUT /jobs/{job}/streams/"
        f"state?stream={named} with {body}), or take the change back"
    )


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value)
