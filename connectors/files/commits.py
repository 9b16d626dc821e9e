"""The atomic commit of files: one small state file, swapped, then rolled forward.

The state of a target holds its fence, the marker of each stream, and the intent of a commit that
has begun: which staged files become which names, and which old files go. Writing the intent is the
commit. Whoever finds one carries it out, any number of times, and notes the marker. Death before
the intent leaves the old files, death after it leaves work that the next visitor does.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.base import Marker, RunKey
from connectors.errors import LeaseLost, TransientError
from connectors.files.keeping import Keeper

# Where all that is not data lies, beside the target.
HIDDEN = ".millrace"
TRIES = 20


@dataclass(frozen=True)
class Intent:
    """A commit that has begun: moves of (staged, final) names, names to remove, the marker."""

    marker: Marker
    moves: tuple[tuple[str, str], ...]
    removals: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """What is known about a target: the highest fence, the markers by stream, an open intent."""

    fence: int = 0
    markers: dict[str, Marker] = field(default_factory=dict)
    intent: Intent | None = None


class Ledger:
    """The state file of one target, and the steps that change it."""

    def __init__(self, keeper: Keeper, name: str) -> None:
        """Keep the books of the target `name` in its home."""
        self._keeper = keeper
        self.folder = f"{HIDDEN}/{name}"
        self._file = f"{self.folder}/state.json"

    def standing(self) -> Standing:
        """Return what is known, after carrying out a commit that had begun."""
        for _ in range(TRIES):
            standing, tag = self._load()
            if standing.intent is None:
                return standing
            self._carry_out(standing.intent, standing, tag)
        raise TransientError(f"Others keep changing {self._keeper.url(self._file)}; tried again")

    def enter(self, run: RunKey) -> Standing:
        """Note the fence of a writer, so that those before it cannot commit any more."""
        for _ in range(TRIES):
            self.standing()
            standing, tag = self._load()
            _refuse_stale(standing, run.fence, self._keeper.url(self._file))
            if standing.intent is not None:
                continue
            entered = Standing(run.fence, standing.markers)
            if entered == standing or self._keeper.swap(self._file, _dump(entered), tag):
                return entered
        raise TransientError(f"Others keep changing {self._keeper.url(self._file)}; tried again")

    def commit(
        self, moves: Sequence[tuple[str, str]], removals: Sequence[str], marker: Marker
    ) -> None:
        """Make staged files visible, with the marker, or raise LeaseLost and change nothing."""
        intent = Intent(marker, tuple(moves), tuple(removals))
        for _ in range(TRIES):
            standing, tag = self._load()
            if standing.intent is not None:
                self._carry_out(standing.intent, standing, tag)
                continue
            _refuse_stale(standing, marker.fence, self._keeper.url(self._file))
            begun = Standing(max(standing.fence, marker.fence), standing.markers, intent)
            if self._keeper.swap(self._file, _dump(begun), tag):
                self.standing()
                return
        raise TransientError(f"Others keep changing {self._keeper.url(self._file)}; tried again")

    def _carry_out(self, intent: Intent, standing: Standing, tag: str) -> None:
        """Do what an intent says, then note its marker; safe to repeat at any point."""
        for old, new in intent.moves:
            self._keeper.move(old, new)
        self._keeper.remove(intent.removals)
        self._keeper.settle([*(new for _, new in intent.moves), *intent.removals])
        markers = {**standing.markers, intent.marker.stream: intent.marker}
        # Where the swap fails, another visitor has done the same; the next look shows it.
        self._keeper.swap(self._file, _dump(Standing(standing.fence, markers)), tag)

    def _load(self) -> tuple[Standing, str]:
        content, tag = self._keeper.load(self._file)
        if content is None:
            return Standing(), tag
        found = json.loads(content)
        markers = {name: Marker(**marker) for name, marker in found["markers"].items()}
        intent = found["intent"]
        if intent is not None:
            intent = Intent(
                Marker(**intent["marker"]),
                tuple((old, new) for old, new in intent["moves"]),
                tuple(intent["removals"]),
            )
        return Standing(found["fence"], markers, intent), tag


def _dump(standing: Standing) -> bytes:
    content: dict[str, Any] = {"version": 1, **asdict(standing)}
    return json.dumps(content, indent=1).encode()


def _refuse_stale(standing: Standing, fence: int, where: str) -> None:
    highest = max([standing.fence, *(marker.fence for marker in standing.markers.values())])
    if highest > fence:
        raise LeaseLost(
            f"A later writer (fence {highest}) has taken this target over from fence {fence}. "
            f"If the platform was set up anew over old files, remove {where}"
        )
