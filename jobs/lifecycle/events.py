"""What happened, line by line, with a `seq` that grows by one and leaves no gap."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.live.ringing import ring
from config.live.rooms import Event
from jobs.models import EventKind, Part, Run, RunEvent

# The kind of room in which a run's events are heard.
ROOM = "run"
PROGRESS_EVERY = timedelta(seconds=0.5)
LONGEST_MESSAGE = 10_000


@dataclass(frozen=True)
class Line:
    """One event before it has its number."""

    message: str = ""
    kind: EventKind = EventKind.LOG
    level: str = "info"
    step: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=timezone.now)


def append(run: Run, lines: Sequence[Line]) -> None:
    """Store events of a run whose row is held by `changing`; watchers hear of it on commit."""
    if not lines:
        return
    first = run.last_seq + 1
    events = RunEvent.objects.bulk_create(
        RunEvent(
            run=run,
            seq=seq,
            at=line.at,
            level=line.level,
            step=line.step,
            kind=line.kind.value,
            message=fit(line.message),
            data=line.data,
        )
        for seq, line in enumerate(lines, first)
    )
    run.last_seq += len(lines)
    Run.objects.filter(pk=run.pk).update(last_seq=run.last_seq, updated_at=timezone.now())
    ring(ROOM, *(Event(str(run.uuid), event.seq, event.body) for event in events))


def fit(text: str) -> str:
    """Return a text that every database holds: no NUL, no lone surrogates, not endless."""
    whole = text.replace("\x00", "\\0").encode(errors="replace").decode()
    return whole if len(whole) <= LONGEST_MESSAGE else f"{whole[:LONGEST_MESSAGE]}…"


def show_progress(run: Run, part: Part, *, rows: int, size: int, data: dict[str, Any]) -> bool:
    """Store how far a part is, unless the run told of its progress less than half a second ago."""
    now = timezone.now()
    if run.progress_at is not None and now - run.progress_at < PROGRESS_EVERY:
        return False
    Part.objects.filter(pk=part.pk).update(rows=rows, bytes=size)
    Run.objects.filter(pk=run.pk).update(progress_at=now, **totals(run))
    append(run, [Line(kind=EventKind.PROGRESS, data=data, at=now)])
    return True


def totals(run: Run) -> dict[str, Any]:
    """Return what a run tells of its parts together: rows, bytes and the highest memory peak."""
    return run.parts.aggregate(
        rows=Coalesce(Sum("rows"), 0),
        bytes=Coalesce(Sum("bytes"), 0),
        memory_peak=Max("memory_peak"),
    )
