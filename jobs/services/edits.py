"""What an edit of a sync job will do to its streams, told before it is done and then done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max

from config.api.errors import Conflict
from connectors import registry, sealing
from connectors.configuration import validate
from connectors.errors import ConfigError
from connectors.models import Connection
from jobs.compiling.streams import compile_streams
from jobs.edits import Deed, Side, Verdict, failing, judged, strongest
from jobs.engine import Standing
from jobs.engine.standings import identity_of, into_of
from jobs.models import Checkpoint, Job, Part, PartStatus, Run, RunKind
from jobs.plan import Action, Load, Plan
from jobs.plan import Part as PlannedPart
from jobs.selection import choices
from jobs.services.runs import UNENDED
from jobs.services.streams import demand_reloadable, load_of, store_wish

PERSONS = {
    Action.RELOAD: "It was asked for: all rows are read anew and replace the table's at the end",
    Action.CONTINUE: "Its state was set: it goes on from there",
    Action.KEEP: "It goes on from where it is, as was asked for",
}
AGAIN = {
    True: "It begins anew, as was asked for: all rows are read once more and merged by their key",
    False: "It begins anew, as was asked for: all rows are added once more to those there are",
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


def plan_edits(*, before: Job, after: Job, is_saved: bool = True) -> list[StreamEdit]:
    """Return what becomes of each stream when one config follows the other.

    A run that goes on is minded as well: it leaves what its plan says, if it ends well. Where the
    job is not saved, nobody has confirmed what a change of its source or destination asks for.
    """
    # In this order: a run that ends in between has left its checkpoint by then.
    rows, flying = _rows(before), _flying(before)
    kept = {found.stream: found for found in Checkpoint.objects.filter(job=before)}
    old, new = sides_of(before, is_strict=False), sides_of(after)
    edits = []
    for name, (load, now) in new.items():
        checkpoint = kept.get(load.stream)
        former = old[name][1] if name in old else None
        was = _loaded(checkpoint, f"{name}:extract") or (
            former if checkpoint and checkpoint.run_id else None
        )
        evolves = registry.destination(load.connector).evolves
        sides = [was, *flying.get(name, [])]
        verdict = strongest([judged(side, now, evolves=evolves) for side in sides])
        edit = StreamEdit(name, verdict, rows.get(name), load, former != now)
        edits.append(_minding(edit, before, now, checkpoint, is_saved=is_saved))
    text = "It is moved no more; its table stays as it is, and chosen again it goes on from there"
    left = [name for name in old if name not in new]
    return edits + [StreamEdit(name, Verdict(Deed.LEAVE, text), rows.get(name)) for name in left]


def apply_edits(*, job: Job, edits: list[StreamEdit]) -> None:
    """Wish what was planned, which whoever saves the job has confirmed; in its transaction.

    Conflict where rows would have to be replaced that another job has loaded too.
    """
    for edit in edits:
        if edit.load is None:
            continue
        checkpoint = Checkpoint.objects.filter(stream=edit.load.stream).first()
        wanted = checkpoint.wanted if checkpoint else None
        wish = edit.verdict.wish
        if wish is None:
            if checkpoint and wanted and wanted.get("is_edit"):
                # The edit that asked for it was taken back.
                Checkpoint.objects.filter(pk=checkpoint.pk).update(wanted=None)
        elif edit.is_changed or wanted != wish.model_dump(mode="json") | {"is_edit": True}:
            # An equal wish may be on its way to be carried out, for what the job was before.
            if wish.action is Action.RELOAD:
                demand_reloadable(job, edit.load)
            store_wish(job, edit.load, wish, is_edit=True)


def obstacle(job: Job, edit: StreamEdit) -> str:
    """Return why the edit will be refused for this stream; nothing if it will not."""
    wish = edit.verdict.wish
    if edit.load is None or wish is None or wish.action != Action.RELOAD:
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


def _flying(job: Job) -> dict[str, list[Side]]:
    """Return by stream what the runs that have not ended will leave."""
    found: dict[str, list[Side]] = {}
    for run in Run.objects.filter(job=job, kind=RunKind.LOAD, status__in=UNENDED):
        for stored in run.plan["parts"]:
            part = PlannedPart.model_validate(sealing.unseal(stored))
            (extract,) = part.of_kind("extract")
            source = Connection.objects.get(uuid=extract.origin.partition(":")[2])
            found.setdefault(part.id, []).append(_side(part, sealing.unseal(source.settings)))
    return found


def _minding(
    edit: StreamEdit, job: Job, now: Side, checkpoint: Checkpoint | None, *, is_saved: bool
) -> StreamEdit:
    """Return the edit with what a person asked for, or with the failure that nobody has averted."""
    verdict, wanted = edit.verdict, checkpoint.wanted if checkpoint else None
    if wanted and not wanted.get("is_edit"):
        return replace(edit, verdict=_wished(edit, now, wanted))
    if wanted or edit.is_changed or verdict.wish is None:
        return edit
    is_averted = is_saved and not obstacle(job, edit)
    return edit if is_averted else replace(edit, verdict=failing(verdict))


def _wished(edit: StreamEdit, now: Side, wanted: Mapping[str, Any]) -> Verdict:
    """Return a verdict that minds what a person asked for, unless the edit needs more than that."""
    verdict, action = edit.verdict, Action(wanted["action"])
    needs_more = verdict.wish is not None and verdict.wish.action is not Action.KEEP
    if edit.is_changed and needs_more and action is not Action.RELOAD:
        return verdict
    if action is Action.CONTINUE and not wanted["state"]:
        return Verdict(Deed.START, AGAIN[now.merges], verdict.reasons)
    reloads = action is Action.RELOAD
    deed = Deed.RELOAD if reloads else Deed.KEEP
    return Verdict(deed, PERSONS[action], verdict.reasons, is_destructive=reloads)


def _rows(job: Job) -> dict[str, int]:
    done = Part.objects.filter(
        run__job=job, run__kind=RunKind.LOAD, status=PartStatus.SUCCEEDED
    ).order_by()
    return dict(done.values_list("key").annotate(Max("rows")))
