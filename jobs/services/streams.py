"""What can be wished of a job's streams: to go on from a state, to be loaded anew, to be emptied."""

import time
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from rest_framework.exceptions import NotFound

from accounts import audit
from accounts.models import User
from config.api.errors import Conflict
from connectors import registry, sealing
from connectors.configuration import validate
from connectors.errors import ConfigError
from jobs import lifecycle, tasks
from jobs.compiling import compile_clear, compile_job, demand_replace
from jobs.engine import Standing
from jobs.models import Checkpoint, Job, Run, RunKind, Trigger
from jobs.plan import Action, Load, Part, Plan, Wish
from jobs.selection import choices
from jobs.services.runs import hold
from jobs.services.sharing import demand_alone, replaces

BUSY = "A run of this job goes on; wait for its end, or cancel it, before you change a state"


def set_state(*, job: Job, stream: str, state: Mapping[str, Any] | None, by: User) -> Checkpoint:
    """Let a stream's next load begin from this state, from the beginning where it is None.

    Rows are added or merged as always. ConfigError where it cannot be a state of the stream.
    """
    part = part_of(compile_job(job), stream)
    (extract,) = part.of_kind("extract")
    options = validate(
        registry.source(extract.connector).ReadOptions, sealing.unseal(extract.options)
    )
    if replaces(load_of(part)):
        raise ConfigError("The stream is replaced by each load, and keeps no state", field="state")
    if state is not None:
        options.judge_state(state, known_types(job, load_of(part), extract.id))
    given = {} if state is None else {extract.id: dict(state)}
    wish = Wish(action=Action.CONTINUE, state=given)
    (checkpoint,) = _wish_for(job, [part], wish, by=by, told="stream.state_set")
    return checkpoint


def known_types(job: Job, load: Load, extract: str) -> dict[str, str]:
    """Return the exact types of a stream's columns: as last read, else as its catalog said."""
    _, _, stream = load.stream.partition("/")
    # A task job has no choices.
    chosen = [choice for choice in choices(job.config) if choice.full_name == stream]
    properties = chosen[0].type_schema.get("properties") if chosen else None
    columns = properties if isinstance(properties, Mapping) else {}
    said = {
        name: column["logical_type"]
        for name, column in columns.items()
        if isinstance(column, Mapping) and isinstance(column.get("logical_type"), str)
    }
    checkpoint = Checkpoint.objects.filter(stream=load.stream).first()
    read = Standing.of(checkpoint.state if checkpoint else None).read.get(extract) or {}
    return said | dict(zip(read.get("columns") or (), read.get("types") or (), strict=False))


def keep_state(*, job: Job, stream: str, by: User) -> Checkpoint:
    """Let a stream go on from where it is, although it is read in another way now."""
    part = part_of(compile_job(job), stream)
    (checkpoint,) = _wish_for(job, [part], Wish(action=Action.KEEP), by=by, told="stream.kept")
    return checkpoint


def reset_streams(
    *, job: Job, streams: Collection[str] | None, is_reload: bool, by: User
) -> list[Checkpoint]:
    """Let streams (all of them if None) begin anew, and replace their rows where `is_reload`."""
    plan = compile_job(job)
    parts = list(plan.parts) if streams is None else [part_of(plan, name) for name in streams]
    if not is_reload:
        wish = Wish(action=Action.CONTINUE)
        return _wish_for(job, parts, wish, by=by, told="stream.reset")
    for part in parts:
        demand_reloadable(job, load_of(part))
    return _wish_for(job, parts, Wish(action=Action.RELOAD), by=by, told="stream.reload_asked")


def clear_job(*, job: Job, streams: Collection[str] | None = None, by: User) -> Run:
    """Queue a run that empties the tables of a job's streams and forgets how far they were read.

    It waits while an earlier run goes on, as any other does.
    """
    plan = compile_job(job)
    for name in streams or ():
        part_of(plan, name)
    emptying = compile_clear(plan, streams)
    for part in emptying.parts:
        demand_alone(job, load_of(part), deed="emptied")
    with transaction.atomic():
        is_busy = hold(job)
        run, parts = lifecycle.open_run(
            project=job.project,
            plan=_with_new_epochs(emptying),
            job=job,
            kind=RunKind.CLEAR,
            trigger=Trigger.MANUAL,
            by=by,
            max_attempts=job.max_attempts or settings.RUN_MAX_ATTEMPTS,
            must_wait=is_busy,
        )
        cleared = sorted(part.id for part in emptying.parts)
        audit.record(
            "run.started",
            by=by,
            target=run,
            project=job.project,
            job=str(job.uuid),
            kind=RunKind.CLEAR,
            streams=cleared,
        )
        transaction.on_commit(lambda: tasks.ring(parts))
    return run


def part_of(plan: Plan, stream: str) -> Part:
    """Return the part of a stream; NotFound tells which there are."""
    found = next((part for part in plan.parts if part.id == stream), None)
    if found is None:
        known = ", ".join(part.id for part in plan.parts[:20])
        raise NotFound(f"The job has no stream {stream!r}; it has: {known}")
    return found


def load_of(part: Part) -> Load:
    """Return the one load of a job's part."""
    (load,) = part.of_kind("load")
    assert isinstance(load, Load)
    return load


def demand_reloadable(job: Job, load: Load) -> None:
    """Refuse where a load that replaces cannot be, or would take rows of others along."""
    demand_replace(load)
    demand_alone(job, load, deed="loaded anew")


def store_wish(job: Job, load: Load, wish: Wish, *, is_edit: bool = False) -> Checkpoint:
    """Keep what is wished of a stream's next load, in an epoch of its own."""
    checkpoint, _ = Checkpoint.objects.get_or_create(stream=load.stream, defaults={"job": job})
    checkpoint.epoch = next_epoch(checkpoint.epoch)
    checkpoint.wanted = wish.model_dump(mode="json") | {"is_edit": is_edit}
    checkpoint.save(update_fields=["epoch", "wanted", "updated_at"])
    return checkpoint


def next_epoch(last: int) -> int:
    """Return a number that grows with time: after a restored backup it outranks the markers too."""
    return max(last + 1, int(time.time()))


def _wish_for(
    job: Job, parts: Collection[Part], wish: Wish, *, by: User, told: str
) -> list[Checkpoint]:
    with transaction.atomic():
        if hold(job):
            raise Conflict(BUSY)
        kept = [store_wish(job, load_of(part), wish) for part in parts]
        streams = [part.id for part in parts]
        audit.record(told, by=by, target=job, project=job.project, streams=streams)
    return kept


def _with_new_epochs(plan: Plan) -> Plan:
    loads = [load_of(part) for part in plan.parts]
    known = Checkpoint.objects.filter(stream__in=[load.stream for load in loads])
    epochs = dict(known.values_list("stream", "epoch"))
    parts = []
    for part, load in zip(plan.parts, loads, strict=True):
        epoch = next_epoch(epochs.get(load.stream, 0))
        steps = (*part.steps[:-1], load.model_copy(update={"epoch": epoch}))
        parts.append(part.model_copy(update={"steps": steps}))
    return plan.model_copy(update={"parts": tuple(parts)})
