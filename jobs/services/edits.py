"""What an edit of a sync job will do to its streams, told before it is done and then done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from config.api.errors import Conflict
from connectors import registry, sealing
from connectors.configuration import validate
from connectors.errors import ConfigError
from jobs.compiling.streams import compile_streams
from jobs.edits import Deed, Side, Verdict, judged
from jobs.engine import Standing
from jobs.engine.standings import identity_of, into_of
from jobs.models import Checkpoint, Job, Part, PartStatus, RunKind
from jobs.plan import Action, Load, Plan
from jobs.plan import Part as PlannedPart
from jobs.selection import choices
from jobs.services.streams import demand_reloadable, load_of, store_wish

PERSONS = {
    Action.RELOAD: "It was asked for: all rows are read anew and replace the table's at the end",
    Action.CONTINUE: "Its state was set: it goes on from there",
    Action.KEEP: "It goes on from where it is, as was asked for",
}


@dataclass(frozen=True)
class StreamEdit:
    """One stream and what becomes of it; `rows` are those of its greatest load so far."""

    stream: str
    verdict: Verdict
    rows: int | None = None
    load: Load | None = None
    # Whether this edit changes anything about the stream; otherwise its wishes are left alone.
    is_changed: bool = False


def plan_edits(*, before: Job, after: Job) -> list[StreamEdit]:
    """Return what becomes of each stream when one config follows the other."""
    kept = {found.stream: found for found in Checkpoint.objects.filter(job=before)}
    rows = _rows(before)
    old, new = sides_of(before, is_strict=False), sides_of(after)
    edits = []
    for name, (load, now) in new.items():
        checkpoint = kept.get(load.stream)
        former = old[name][1] if name in old else None
        was = _loaded(checkpoint, f"{name}:extract") or (
            former if checkpoint and checkpoint.run_id else None
        )
        evolves = registry.destination(load.connector).evolves
        verdict = _wished(judged(was, now, evolves=evolves), checkpoint)
        is_changed = former != now
        edits.append(StreamEdit(name, verdict, rows.get(name), load, is_changed))
    text = "It is moved no more; its table stays as it is, and chosen again it goes on from there"
    left = [name for name in old if name not in new]
    return edits + [StreamEdit(name, Verdict(Deed.LEAVE, text), rows.get(name)) for name in left]


def apply_edits(*, job: Job, edits: list[StreamEdit]) -> None:
    """Wish what was planned for the streams that an edit changes; in its transaction.

    Conflict where rows would have to be replaced that another job has loaded too.
    """
    for edit in edits:
        if edit.load is None or not edit.is_changed:
            continue
        checkpoint = Checkpoint.objects.filter(stream=edit.load.stream).first()
        wanted = checkpoint.wanted if checkpoint else None
        wish = edit.verdict.wish
        if wish is None:
            if checkpoint and wanted and wanted.get("is_edit"):
                # The edit that asked for it was taken back.
                Checkpoint.objects.filter(pk=checkpoint.pk).update(wanted=None)
        elif wanted != wish.model_dump(mode="json") | {"is_edit": True}:
            if wish.action is Action.RELOAD:
                demand_reloadable(job, edit.load)
            store_wish(job, edit.load, wish, is_edit=True)


def obstacle(job: Job, edit: StreamEdit) -> str:
    """Return why the edit will be refused for this stream; nothing if it will not."""
    wish = edit.verdict.wish
    if not edit.is_changed or edit.load is None or wish is None or wish.action != Action.RELOAD:
        return ""
    try:
        demand_reloadable(job, edit.load)
    except (Conflict, ConfigError) as error:
        return str(error)
    return ""


def sides_of(job: Job, *, is_strict: bool = True) -> dict[str, tuple[Load, Side]]:
    """Return by stream what is read and written; nothing where that cannot be told any more."""
    try:
        plan = compile_streams(job) if choices(job.config) else Plan(parts=())
        assert job.source is not None
        settings = sealing.unseal(job.source.settings)
        return {part.id: (load_of(part), _side(part, settings)) for part in plan.parts}
    except ConfigError:
        if is_strict:
            raise
        return {}


def _side(part: PlannedPart, settings: Mapping[str, Any]) -> Side:
    (extract,) = part.of_kind("extract")
    load = load_of(part)
    source, destination = registry.source(extract.connector), registry.destination(load.connector)
    reads = validate(source.ReadOptions, extract.options)
    identity = identity_of(extract, validate(source.Settings, settings), reads)
    return Side.of(identity, into_of(load, validate(destination.WriteOptions, load.options)))


def _loaded(checkpoint: Checkpoint | None, extract: str) -> Side | None:
    """Return what the last commit says; None where it says nothing."""
    standing = Standing.of(checkpoint.state if checkpoint else None)
    if not standing.is_told:
        return None
    return Side.of(standing.origins.get(extract, {}), standing.into)


def _wished(verdict: Verdict, checkpoint: Checkpoint | None) -> Verdict:
    """Return a verdict that minds what a person asked for, unless more than that is needed."""
    wanted = checkpoint.wanted if checkpoint else None
    if not wanted or wanted.get("is_edit"):
        return verdict
    action = Action(wanted["action"])
    needs_more = verdict.wish is not None and verdict.wish.action is not Action.KEEP
    if needs_more and action is not Action.RELOAD:
        return verdict
    reloads = action is Action.RELOAD
    deed = Deed.RELOAD if reloads else Deed.KEEP
    return Verdict(deed, PERSONS[action], verdict.reasons, is_destructive=reloads)


def _rows(job: Job) -> dict[str, int]:
    done = Part.objects.filter(
        run__job=job, run__kind=RunKind.LOAD, status=PartStatus.SUCCEEDED
    ).order_by()
    return dict(done.values_list("key").annotate(Max("rows")))
