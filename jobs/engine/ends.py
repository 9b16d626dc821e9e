"""The two ends of a part while an attempt works on it: sources that are open, loads on their way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.base import (
    Connector,
    Destination,
    Marker,
    ReadOptions,
    Source,
    Staging,
    State,
    Target,
    WriteMode,
    WriteOptions,
)
from connectors.configuration import validate
from jobs.engine.standings import Identity, Standing, Start, identity_of, into_of
from jobs.plan import Extract, Load


@dataclass
class Reading:
    """An extract whose source is open."""

    source: Source
    options: ReadOptions
    identity: Identity

    @classmethod
    def of(cls, step: Extract, source: Connector) -> "Reading":
        """Return the extract that this source is for."""
        assert isinstance(source, Source)
        options = validate(source.ReadOptions, step.options)
        return cls(source, options, identity_of(step, source.settings, options))


@dataclass
class Loading:
    """A load on its way from claim to commit."""

    step: Load
    destination: Destination
    # The options as the job says them; those of the target may be changed for this one load.
    options: WriteOptions
    target: Target
    fence: int
    marker: Marker | None
    start: Start
    staging: Staging | None = None

    @property
    def was_loaded(self) -> bool:
        """Whether this very stream filled the target before."""
        return self.marker is not None and self.marker.stream == self.step.stream

    def begin_at(self, start: Start) -> None:
        """Settle where the load begins, and whether the old rows are replaced this once."""
        self.start = start
        changes: dict[str, Any] = {"mode": WriteMode.REPLACE} if start.swaps else {}
        if start.evolves and self.destination.evolves and not start.swaps:
            changes["evolve"] = True
        if changes:
            options = self.target.options.model_copy(update=changes)
            self.target = replace(self.target, options=options)

    def state(self, read: Mapping[str, State], origins: Mapping[str, Identity]) -> dict[str, Any]:
        """Return what the marker says once these States of these origins are loaded."""
        into = into_of(self.step, self.options)
        return Standing(self.start.epoch, read, origins, into).told()


def completed(start: Start, marker: Marker | None, readings: Mapping[str, Reading]) -> Start:
    """Return the start with what the marker knows and a person left out of the states they gave."""
    if not start.is_given:
        return start
    known = Standing.of(marker.state if marker else None).read
    read = {
        name: readings[name].options.completed(state, known.get(name))
        for name, state in start.read.items()
        if name in readings
    }
    return replace(start, read=read)
