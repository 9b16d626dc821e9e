"""How far a file job is, and what became of its rows."""

from collections.abc import Mapping
from typing import Any

from jobs.compiling.files import INPUT, OUTPUT
from jobs.models import EventKind, FileJob, FileStatus, Run, RunEvent, StepRun

NOTHING = {"rows": 0, "bytes": 0, "percent": 0.0, "eta_seconds": None}
# Until the result is committed it is not done, whatever an estimate says.
MOST_PERCENT = 99.0


def progress_of(job: FileJob) -> dict[str, Any]:
    """Return `{rows, bytes, percent, eta_seconds}`: rows read, bytes of the file, neither goes back.

    `percent` and `eta_seconds` are null where nobody knows how many rows there are.
    """
    size = job.uploaded_size_bytes or 0
    if job.run is None:
        return NOTHING
    if job.status == FileStatus.COMPLETED:
        rows = report_of(job)
        read = rows["rows_in"] if rows else job.run.rows
        return {"rows": read, "bytes": size, "percent": 100.0, "eta_seconds": 0}
    seen = [_of_measure(measure, size) for measure in _measures(job.run)]
    if not seen:
        return NOTHING
    furthest = max(seen, key=lambda one: (one["percent"] or 0.0, one["rows"]))
    # After a lost worker the work begins anew: where it was stays shown, how long it takes does not.
    return {**furthest, "eta_seconds": seen[-1]["eta_seconds"] if _goes_on(job) else None}


def report_of(job: FileJob) -> dict[str, int] | None:
    """Return `{rows_in, rows_out, rows_rejected}` of a job that was done; None before."""
    if job.run is None or job.status != FileStatus.COMPLETED:
        return None
    steps = {step.step: step for step in StepRun.objects.filter(part__run=job.run)}
    read = steps[INPUT].rows_out if INPUT in steps else 0
    rejected = sum(part.result.get("rejected", 0) for part in job.run.parts.only("result"))
    rows_out = steps[OUTPUT].rows_out if OUTPUT in steps else job.run.rows
    return {"rows_in": read + rejected, "rows_out": rows_out, "rows_rejected": rejected}


def _goes_on(job: FileJob) -> bool:
    return job.status in (FileStatus.RUNNING, FileStatus.CANCELLATION_REQUESTED)


def _measures(run: Run) -> list[Mapping[str, Any]]:
    """Return what was measured at the input since the run was queued, the newest last."""
    told = RunEvent.objects.filter(run=run, kind=EventKind.PROGRESS, at__gte=run.queued_at)
    # One attempt only goes on; of several each may have been the furthest.
    has_one_attempt = not run.parts.filter(attempt__gt=1).exists()
    newest = told.order_by("-seq").values_list("data", flat=True)
    found = reversed(newest[:1] if has_one_attempt else newest)
    return [data["steps"][INPUT] for data in found if INPUT in data.get("steps", {})]


def _of_measure(measure: Mapping[str, Any], size: int) -> dict[str, Any]:
    rows = measure["rows"]
    expected = measure.get("expected_rows") or measure.get("about_rows")
    if not expected:
        return {"rows": rows, "bytes": 0, "percent": None, "eta_seconds": None}
    share = min(rows / expected, MOST_PERCENT / 100)
    seconds = measure["seconds"] * (1 - share) / share if share else None
    return {
        "rows": rows,
        "bytes": round(size * share),
        "percent": round(share * 100, 1),
        "eta_seconds": None if seconds is None else round(seconds, 1),
    }
