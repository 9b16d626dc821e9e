"""A Host that lives in one process: what the engine needs, without a database."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from connectors.base import Connector, State
from jobs.engine import Execution, Measure, Outcome
from jobs.plan import Extract, Load, Part, Wish

Opener = Callable[[], Connector]


class LocalHost:
    """Opens what it was given; the hooks `on_pulse` and `on_hold` may raise or kill."""

    fences = count(1)

    def __init__(
        self,
        run: str,
        openers: Mapping[str, Opener],
        *,
        fence: int | None = None,
        on_pulse: Callable[[], None] = lambda: None,
        on_hold: Callable[[], None] = lambda: None,
        on_remember: Callable[[], None] = lambda: None,
    ) -> None:
        self.run = run
        self.openers = openers
        self.fence = fence
        self.on_pulse = on_pulse
        self.on_hold = on_hold
        self.on_remember = on_remember
        self.lines: list[str] = []
        self.remembered: dict[str, State | None] = {}
        self.columns: dict[str, Mapping[str, str] | None] = {}
        self.notes: dict[str, list[Mapping[str, Any]]] = {}
        self.reports: list[dict[str, int]] = []

    def open(self, step: Extract | Load) -> Connector:
        return self.openers[step.id]()

    def claim(self, place: str) -> int:
        return next(self.fences) if self.fence is None else self.fence

    def pulse(self) -> None:
        self.on_pulse()

    def hold(self) -> None:
        self.on_hold()

    def keep_rejected(self) -> None:
        self.lines.append("debug: the rows that were left out are kept")

    def report(self, measures: Mapping[str, Measure]) -> None:
        self.reports.append({step: measure.rows for step, measure in measures.items()})

    def log(self, level: str, message: str, *, step: str = "", **data: object) -> None:
        self.lines.append(f"{level}: {message}")

    def note(self, step: Load, name: str, found: Sequence[Mapping[str, Any]]) -> None:
        self.notes[name] = list(found)

    def remember(
        self, step: Load, state: State | None, columns: Mapping[str, str] | None = None
    ) -> None:
        self.remembered[step.id] = state
        self.columns[step.id] = columns
        self.on_remember()


def copy_part(
    connector: str,
    options: Mapping[str, object],
    *,
    stream: str = "job/1",
    epoch: int = 0,
    wish: Wish | None = None,
) -> Part:
    """Return a part that reads step `read` and loads it with step `write`."""
    read = Extract(id="read", connector="rows", origin="test")
    write = Load(
        id="write",
        connector=connector,
        origin="test",
        options=dict(options),
        stream=stream,
        input="read",
        epoch=epoch,
        wish=wish,
    )
    return Part(id="copy", steps=(read, write))


def execute(part: Part, host: LocalHost) -> Outcome:
    """Run one attempt in this process."""
    return Execution(part, host).run()
