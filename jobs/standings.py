"""How the streams of a job stand: what was loaded, what is wished, what the last run did."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from connectors.errors import ConfigError
from jobs.compiling import compile_job
from jobs.models import Checkpoint, Job, Part, Run


@dataclass(frozen=True)
class StreamStanding:
    """One stream of a job, selected or once loaded by it."""

    name: str
    kept: Checkpoint | None
    part: Part | None
    is_selected: bool

    @property
    def epoch(self) -> int:
        """Return the number of its last wish."""
        return self.kept.epoch if self.kept else 0

    @property
    def state(self) -> dict[str, Any] | None:
        """Return what its last commit carried."""
        return self.kept.state if self.kept else None

    @property
    def wanted(self) -> dict[str, Any] | None:
        """Return what is wished of its next load."""
        return self.kept.wanted if self.kept else None

    @property
    def loaded_at(self) -> datetime | None:
        """Return when the run ended that loaded it last."""
        return self.kept.run.finished_at if self.kept and self.kept.run else None

    @property
    def run(self) -> Run | None:
        """Return the last run that worked on it."""
        return self.part.run if self.part else None


def standings_of(job: Job) -> list[StreamStanding]:
    """Return the selected streams in the job's order, then those that were loaded before."""
    checkpoints = Checkpoint.objects.filter(job=job).select_related("run").defer("run__plan")
    kept = {found.stream: found for found in checkpoints}
    prefix = f"{job.uuid}/"
    selected = list(dict.fromkeys(_selected(job)))
    loaded = sorted(stream.removeprefix(prefix) for stream in kept)
    names = [*selected, *(name for name in loaded if name not in selected)]
    parts = last_parts(job)
    return [
        StreamStanding(
            name,
            kept=kept.get(prefix + name),
            part=parts.get(name),
            is_selected=name in selected,
        )
        for name in names
    ]


def last_parts(job: Job) -> dict[str, Part]:
    """Return by stream what the last run did that worked on it."""
    of_job = Part.objects.filter(run__job=job).order_by()
    last = of_job.values("key").annotate(last=Max("pk")).values("last")
    found = Part.objects.filter(pk__in=last).select_related("run").defer("run__plan")
    return {part.key: part for part in found.prefetch_related("steps")}


def _selected(job: Job) -> list[str]:
    try:
        return [part.id for part in compile_job(job).parts]
    except ConfigError:
        # It cannot run as it is; what was loaded is told nevertheless.
        return []
