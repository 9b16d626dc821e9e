"""New streams: at the start of a run the source of a sync job is asked for what it has.

The worker that takes the run's first part asks, before it works on the part: nothing else of the
platform talks to a source. A source that does not answer costs a warning and nothing more.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Q
from django.utils import timezone

from connectors.base import Connector, Source, Stream
from connectors.catalog import described
from connectors.errors import Cancelled, ConfigError, LeaseLost, MillraceError
from jobs import lifecycle
from jobs.compiling import Joining, with_wishes
from jobs.models import Job, Kind, Run, Trigger
from jobs.plan import Extract, Plan
from jobs.plan import Part as PlannedPart
from jobs.rules import NewStreams, rules
from jobs.running.host import DatabaseHost
from jobs.selection import choices, described_names

# A schedule may start a job each minute; its source is not asked for a thousand tables as often.
EVERY = timedelta(minutes=15)
# So many names stand in a line of the log; the result has all.
SHOWN = 10


class Survey:
    """Asks the source of a run's job once; `interrupt` ends the question from another thread."""

    def __init__(self, host: DatabaseHost, part: PlannedPart) -> None:
        """Serve the attempt at a part; nothing is asked yet."""
        self._host = host
        self._part = part
        self._source: Connector | None = None

    def interrupt(self) -> None:
        """Make a question that is in flight end soon."""
        if self._source is not None:
            self._source.interrupt()

    def run(self) -> list[int]:
        """Note new streams, or add them to job and run; returns the parts that are queued now."""
        run = self._host.part.run
        job = run.job
        if job is None or job.kind != Kind.SYNC:
            return []
        try:
            what = rules(job.config).new_streams
            if what is NewStreams.IGNORE or not _is_due(run):
                return []
            found = self._discovered()
            return _noted(run, found, is_added=what is NewStreams.ADD)
        except (Cancelled, LeaseLost, DatabaseError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 (whatever a driver raises)
            self._host.pulse()
            told = error.message if isinstance(error, MillraceError) else type(error).__name__
            if self._source is not None and self._source.stopping.is_set():
                told = f"no answer within {settings.DISCOVER_SECONDS:.0f} seconds"
            self._host.log("warning", f"New streams of the source were not looked for: {told}")
            return []

    def _discovered(self) -> list[Stream]:
        extract: Extract = next(self._part.of_kind("extract"))
        source = self._source = self._host.open(extract)
        assert isinstance(source, Source)
        alarm = threading.Timer(settings.DISCOVER_SECONDS, source.interrupt)
        alarm.start()
        try:
            return source.discover()
        finally:
            alarm.cancel()
            source.close()


def _is_due(run: Run) -> bool:
    """Take the turn to ask: once for a run, and not too often for what a schedule starts."""
    latest = run.created_at
    if run.trigger == Trigger.SCHEDULER:
        latest = min(latest, timezone.now() - EVERY)
    asked_before = Q(surveyed_at=None) | Q(surveyed_at__lt=latest)
    turn = Job.objects.filter(asked_before, pk=run.job_id)
    return turn.update(surveyed_at=timezone.now()) == 1


def _noted(run: Run, found: Sequence[Stream], *, is_added: bool) -> list[int]:
    """Store what is new in job and run, in one transaction; returns the parts that are queued."""
    with transaction.atomic():
        # The job before the run, as whoever starts a run locks them.
        jobs = Job.objects.select_for_update(of=("self",))
        job = jobs.select_related("source", "destination").get(pk=run.job_id)
        fresh = {_full_name(stream): stream for stream in undescribed(job, found)}
        new = [name for name in fresh if name not in job.noted_streams]
        lines, parts = _added(job, fresh) if is_added else (_told(new) if new else [], [])
        added = {part.id for part in parts}
        noted = [name for name in fresh if name not in added]
        Job.objects.filter(pk=job.pk).update(noted_streams=noted, config=job.config)
        with lifecycle.changing(run.pk) as held:
            Run.objects.filter(pk=run.pk).update(result={**held.result, "new_streams": new})
            lifecycle.append(held, lines)
            return lifecycle.add_parts(held, with_wishes(Plan(parts=tuple(parts))).parts)


def undescribed(job: Job, found: Iterable[Stream]) -> list[Stream]:
    """Return the streams that a job does not describe; one described without namespace is any."""
    known = described_names(job.config)
    bare = {name for namespace, name in known if not namespace}
    read = [dict(one.options) for one in choices(job.config) if one.options]
    return [
        stream
        for stream in found
        if (stream.namespace or "", stream.name) not in known
        and not {stream.name, _full_name(stream)} & bare
        and dict(stream.options) not in read
    ]


def _added(job: Job, fresh: Mapping[str, Stream]) -> tuple[list[lifecycle.Line], list[PlannedPart]]:
    """Let streams join the job's config, as full refresh; returns what to tell, and their parts."""
    lines: list[lifecycle.Line] = []
    parts: list[PlannedPart] = []
    joining = Joining(job)
    for name, stream in fresh.items():
        shown = described(stream)
        try:
            parts.append(joining.take(shown))
        except ConfigError as error:
            text = f"{name} is new and cannot be added: {error.message}"
            lines.append(lifecycle.Line(text, level="warning"))
        else:
            job.config = _with(job.config, shown)
    if parts:
        lines.append(_line([part.id for part in parts], "which are loaded from now on"))
    return lines, parts


def _with(config: Mapping[str, Any], stream: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config that also describes and selects a stream."""
    grown = {**config, "streams": [*(config.get("streams") or ()), {"stream": stream}]}
    selected = config.get("selected_streams")
    if isinstance(selected, dict):
        space = stream["namespace"]
        chosen = {"stream_name": stream["name"], "normalization": True, "append_mode": False}
        grown["selected_streams"] = {**selected, space: [*selected.get(space, ()), chosen]}
    return grown


def _told(names: Sequence[str]) -> list[lifecycle.Line]:
    return [_line(names, "which the job does not describe; add them to its streams")]


def _line(names: Sequence[str], what: str) -> lifecycle.Line:
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" * (len(names) > SHOWN))
    text = f"The source has {len(names)} new streams, {what}: {shown}"
    return lifecycle.Line(text, level="warning", data={"new_streams": list(names)})


def _full_name(stream: Stream) -> str:
    return f"{stream.namespace}.{stream.name}" if stream.namespace else stream.name
