"""One attempt at a part: claimed, executed, concluded."""

import logging
import os
import socket
import traceback
from collections.abc import Callable
from functools import partial

from django.db import DatabaseError, InterfaceError

from connectors import access, sealing
from connectors.errors import Cancelled, LeaseLost, MillraceError, TargetBusy, TransientError
from jobs import lifecycle
from jobs.engine import Execution, Outcome
from jobs.engine.faults import translate
from jobs.lifecycle.claiming import Hold
from jobs.models import StepRun
from jobs.plan import Part as PlannedPart
from jobs.running import memory
from jobs.running.heartbeat import Heartbeat
from jobs.running.host import DatabaseHost, stalled
from jobs.running.scratch import scratch_of
from jobs.running.survey import Survey

log = logging.getLogger(__name__)

INTERNAL = "Internal error"


def run_part(part_id: int, *, end_process: Callable[[], None]) -> list[int]:
    """Work on a part if it is free; returns the parts that a worker may take now.

    `end_process` is the last resort against a call that no interrupt ends.
    """
    part = lifecycle.claim_part(part_id, host=socket.gethostname(), pid=os.getpid())
    if part is None:
        return []
    host = DatabaseHost(part)
    outcome = _execute(host, end_process)
    queued = [*host.joined, *_conclude(host, outcome)]
    return queued or (lifecycle.promote(part.run.job) if part.run.job else [])


def _execute(host: DatabaseHost, end_process: Callable[[], None]) -> Outcome | BaseException:
    """Run the part under its heartbeat, and return what came of it, an error included."""
    memory.reset_peak()
    try:
        # Options may hold secrets too, a header's for one; they lie open in this process only.
        planned = PlannedPart.model_validate(sealing.unseal(host.stored))
        execution = Execution(planned, host)
        survey = Survey(host, planned)

        def stop() -> None:
            survey.interrupt()
            execution.interrupt()

        give_up = partial(_give_up, host, end_process)
        with (
            scratch_of(host.part) as scratch,
            Heartbeat(host, interrupt=stop, give_up=give_up, is_harmless=host.is_file_job),
        ):
            host.access = access.installation(scratch)
            host.joined = survey.run()
            return execution.run()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 (a panic of Polars is no Exception)
        return translate(error)


def _give_up(host: DatabaseHost, end_process: Callable[[], None], verdict: Hold) -> None:
    """End the process, because a call in it cannot be ended."""
    log.error("Part %s does not stop; its process ends", host.part.uuid)
    ending = lifecycle.Ending(host.take_lines())
    if verdict is Hold.CANCELLED:
        lifecycle.cancel_part(host.part, ending)
    if verdict is Hold.STALLED:
        error = stalled()
        lifecycle.retry_part(host.part, ending, code=error.code, message=error.message)
    end_process()


def _conclude(host: DatabaseHost, outcome: Outcome | BaseException) -> list[int]:
    """Store what became of the attempt; returns the parts that are queued now."""
    part = host.part
    ending = _ending(host, outcome)
    if isinstance(outcome, Outcome):
        return lifecycle.end_part(part, ending)
    if isinstance(outcome, Cancelled):
        return lifecycle.cancel_part(part, ending)
    if isinstance(outcome, LeaseLost):
        log.warning("Part %s was given to another worker", part.uuid)
        return []
    code, message = _told(outcome, host)
    if isinstance(outcome, (TransientError, DatabaseError, InterfaceError)):
        return lifecycle.retry_part(
            part,
            ending,
            code=code,
            message=message,
            pause=getattr(outcome, "retry_after", None),
            is_wait=isinstance(outcome, TargetBusy),
        )
    return lifecycle.fail_part(part, ending, code=code, message=message)


def _told(error: BaseException, host: DatabaseHost) -> tuple[str, str]:
    """Return the code and the text of an error; what is our bug goes to the log and is not told."""
    if isinstance(error, MillraceError):
        return error.code, host.redact(error.message)
    text = "".join(traceback.format_exception(error))
    log.error("Part %s failed: %s", host.part.uuid, host.redact(text))
    if isinstance(error, (DatabaseError, InterfaceError)):
        return "transient_error", "The platform's own database did not answer"
    return "internal_error", INTERNAL


def _ending(host: DatabaseHost, outcome: Outcome | BaseException) -> lifecycle.Ending:
    peak = memory.peak()
    commits = outcome.commits if isinstance(outcome, Outcome) else {}
    measures = outcome.measures if isinstance(outcome, Outcome) else host.measures
    sizes = [measures[step].size for step in commits if step in measures]
    if isinstance(outcome, Outcome):
        _tell_result(host, outcome)
    fields = {
        "rows": sum(commit.rows for commit in commits.values()),
        "bytes": sum(sizes),
        "memory_peak": peak,
        "result": {
            "commits": {
                step: {"rows": commit.rows, "location": commit.location}
                for step, commit in commits.items()
            },
            "rejected": sum(measure.rejected for measure in measures.values()),
            **host.notes,
        },
    }
    host.measures = measures
    return lifecycle.Ending(host.take_lines(), _steps(host, peak), fields)


def _tell_result(host: DatabaseHost, outcome: Outcome) -> None:
    """Put what the part did into its log, as the history tells it."""
    steps = PlannedPart.model_validate(host.stored).steps
    extracts = [
        outcome.measures[step.id]
        for step in steps
        if step.kind == "extract" and step.id in outcome.measures
    ]
    read = sum(measure.rows for measure in extracts)
    rejected = sum(measure.rejected for measure in extracts)
    written = sum(commit.rows for commit in outcome.commits.values())
    size = sum(outcome.measures[step].size for step in outcome.commits)
    host.log(
        "info",
        f"{read} rows read, {written} written, {rejected} rejected, {size} bytes",
        step=steps[-1].id,
        rows_read=read,
        rows_written=written,
        rows_rejected=rejected,
        bytes=size,
    )


def _steps(host: DatabaseHost, peak: int) -> list[StepRun]:
    """Return one row for each step that rows came to; a step's peak is that of the process."""
    measures = host.measures
    rows = {step: measure.rows for step, measure in measures.items()}
    return [
        StepRun(
            step=step.id,
            name=step.name,
            kind=step.kind,
            rows_in=sum(rows.get(name, 0) for name in step.inputs),
            rows_out=rows[step.id],
            bytes=measures[step.id].size,
            seconds=measures[step.id].seconds,
            cpu_seconds=measures[step.id].cpu_seconds,
            memory_peak=peak,
        )
        for step in PlannedPart.model_validate(host.stored).steps
        if step.id in measures
    ]
