"""What the engine asks of the world around it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors.base import Connector, State
from jobs.engine.meters import Measure
from jobs.plan import Extract, Load


class Host(Protocol):
    """The world of one attempt at one part."""

    @property
    def run(self) -> str:
        """Return the run's UUID as text."""

    def open(self, step: Extract | Load) -> Connector:
        """Return the step's connector with its settings, secrets included."""

    def claim(self, place: str) -> int:
        """Take the lease of a target and return its fence, which grows with every claim.

        Raises TransientError while another run holds it.
        """

    def pulse(self) -> None:
        """Raise Cancelled or LeaseLost when this attempt should stop; cheap, called per batch."""

    def hold(self) -> None:
        """Renew the leases, or raise LeaseLost or Cancelled; called right before a commit."""

    def keep_rejected(self) -> None:
        """Keep the rows that sources left out; called once, after the last row was read."""

    def report(self, measures: Mapping[str, Measure]) -> None:
        """Take note of progress by step id; called at most twice a second."""

    def log(self, level: str, message: str, *, step: str = "", **data: object) -> None:
        """Keep one line of what happened; `level` is debug, info, warning or error."""

    def note(self, step: Load, name: str, found: Sequence[Mapping[str, Any]]) -> None:
        """Keep something for the stream's result, in place of what was kept under this name."""

    def remember(
        self, step: Load, state: State | None, columns: Mapping[str, str] | None = None
    ) -> None:
        """Keep a copy of what a commit carried, for people and for planning.

        `columns` are those that were loaded, as the exact text of their types by name.
        """
