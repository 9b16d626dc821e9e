"""One attempt at one part: open, recover, build the query, run it, count, commit, remember."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.base import (
    Commit,
    Connector,
    Destination,
    Extraction,
    Marker,
    PartResult,
    RunKey,
    State,
    WriteMode,
)
from connectors.configuration import validate
from connectors.errors import ConfigError
from jobs.engine.admission import types_of, without_columns
from jobs.engine.ends import Loading, Reading, completed
from jobs.engine.faults import missing, translate
from jobs.engine.gates import Gate
from jobs.engine.host import Host
from jobs.engine.meters import Measure, Meters
from jobs.engine.sizing import bound
from jobs.engine.stacking import Stack
from jobs.engine.standings import Identity, Start, start_of
from jobs.plan import Empty, Extract, Load, Part

if TYPE_CHECKING:
    import polars as pl


@dataclass
class Outcome:
    """What an attempt did: what passed each step, and what each load made visible."""

    measures: dict[str, Measure] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)


class Execution:
    """One attempt at one part; `run` may be called once, `interrupt` from any thread."""

    def __init__(self, part: Part, host: Host) -> None:
        """Prepare; nothing is opened before `run`."""
        self._part = part
        self._host = host
        self._connectors: list[Connector] = []
        self._readings: dict[str, Reading] = {}
        self._extractions: dict[str, Extraction] = {}
        self._gates: dict[str, Gate] = {}
        self._meters = Meters(pulse=host.pulse, report=self._report)
        self._stack = Stack(host, self._meters)
        self._outcome = Outcome(measures=self._meters.measures)

    def run(self) -> Outcome:
        """Do the work once; raises errors of our tree, or the very error where it is our bug."""
        try:
            return self._run()
        except BaseException as error:
            # What an interrupted driver raises is its own affair: the reason to stop comes first.
            self._host.pulse()
            raise translate(error) from error
        finally:
            self._stack.close()
            for connector in self._connectors:
                connector.close()

    def interrupt(self) -> None:
        """Make calls that are in flight end soon, because of a cancel or a lost lease."""
        self._stack.interrupt()
        for connector in list(self._connectors):
            connector.interrupt()

    def _run(self) -> Outcome:
        loadings = [self._claim(step) for step in self._part.of_kind("load")]
        pending = [
            loading
            for loading in loadings
            if not self._is_done(loading) and not self._is_empty(loading)
        ]
        if not pending:
            return self._outcome
        try:
            self._stream(pending)
            for loading in pending:
                self._commit(loading)
        except BaseException:
            for loading in pending:
                self._abort(loading)
            raise
        self._report()
        return self._outcome

    def _open(self, step: Extract | Load) -> Connector:
        connector = self._host.open(step)
        self._connectors.append(connector)
        return connector

    def _claim(self, step: Load) -> Loading:
        destination = self._open(step)
        assert isinstance(destination, Destination)
        options = validate(destination.WriteOptions, step.options)
        target = destination.target(options, step.stream)
        fence = self._host.claim(target.place)
        marker = destination.committed(target)
        loading = Loading(step, destination, options, target, fence, marker, Start(step.epoch))
        upstream = self._upstream([loading])
        extracts = [one for one in self._part.of_kind("extract") if one.id in upstream]
        self._gates[step.id] = Gate(loading, extracts, self._host, lambda: self._open(step))
        return loading

    def _is_done(self, loading: Loading) -> bool:
        """Whether an earlier attempt of this run died after this commit, before it was noted."""
        marker = loading.marker
        if marker is None or marker.run != self._host.run:
            return False
        self._host.log("info", "Already committed by an earlier attempt", step=loading.step.id)
        self._meters.measures[loading.step.id] = Measure(rows=marker.rows)
        self._outcome.commits[loading.step.id] = Commit(marker.rows, loading.target.place)
        self._remember(loading, marker.state)
        self._gates[loading.step.id].repeat(marker.state)
        return True

    def _is_empty(self, loading: Loading) -> bool:
        """Whether this would empty a target that the stream was never loaded into, or is no more."""
        if loading.marker is not None or not self._empties(loading):
            return False
        self._host.log("info", "There is nothing to empty", step=loading.step.id)
        self._remember(loading, loading.state({}, {}))
        return True

    def _empties(self, loading: Loading) -> bool:
        return any(step.id == loading.step.input for step in self._part.of_kind("empty"))

    def _stream(self, pending: list[Loading]) -> None:
        import polars as pl

        for step in self._part.of_kind("extract"):
            if step.id in self._upstream(pending):
                self._readings[step.id] = Reading.of(step, self._open(step))
        for loading in pending:
            self._start(loading)
        frames = self._build(pending)
        sinks = [self._sink(loading, frames[loading.step.input]) for loading in pending]
        self._host.pulse()
        self._stack.write()
        pl.collect_all(sinks)
        self._tell_remarks()
        self._host.keep_rejected()

    def _tell_remarks(self) -> None:
        """Put into the log what the sources remark on the rows that were just read."""
        for step, extraction in self._extractions.items():
            for remark in extraction.remarks():
                self._meters.measures[step].rejected += remark.rejected
                data = {"rejected": remark.rejected} if remark.rejected else {}
                self._host.log("warning", remark.message, step=step, **data)

    def _build(self, pending: list[Loading]) -> dict[str, "pl.LazyFrame"]:
        """Stack transforms onto lazy sources; return a frame per step id and named output."""
        needed = self._upstream(pending)
        steps = [step for step in self._part.steps if step.id in needed]
        sources: dict[str, pl.LazyFrame] = {}
        sizes: dict[str, int | None] = {}
        for step in steps:
            if isinstance(step, Extract):
                sources[step.id] = self._extract(step, pending)
                source = self._readings[step.id].source
                sizes[step.id] = bound(self._extractions[step.id], source.swells)
            elif isinstance(step, Empty):
                sources[step.id] = self._nothing(step, pending)
                sizes[step.id] = 0
        return self._stack.build(steps, sources, sizes, pending[0].destination.access)

    def _upstream(self, pending: list[Loading]) -> set[str]:
        """Return the ids of all steps that feed these loads."""
        needed = {loading.step.id for loading in pending}
        for step in reversed(self._part.steps):
            if step.id in needed:
                needed.update(step.inputs)
                needed.update(name.rpartition(".")[0] for name in step.inputs)
        return needed

    def _start(self, loading: Loading) -> None:
        """Settle from where on is read, and whether the old rows are replaced."""
        origins = self._origins(loading)
        start = start_of(loading.step, loading.options, loading.marker, origins)
        loading.begin_at(completed(start, loading.marker, self._readings))
        if start.why:
            self._host.log("info", start.why, step=loading.step.id, epoch=start.epoch)

    def _origins(self, loading: Loading) -> dict[str, Identity]:
        upstream = self._upstream([loading])
        return {
            name: reading.identity for name, reading in self._readings.items() if name in upstream
        }

    def _extract(self, step: Extract, pending: list[Loading]) -> "pl.LazyFrame":
        reading = self._readings[step.id]
        with missing(step, is_known=any(loading.was_loaded for loading in pending)):
            extraction = reading.source.scan(reading.options, self._state_of(step, pending))
        self._extractions[step.id] = extraction
        self._meters.measures[step.id] = Measure(
            expected_rows=extraction.rows,
            expected_size=extraction.size,
            about_rows=extraction.about_rows,
        )
        return self._meters.attach(step.id, extraction.frame)

    def _nothing(self, step: Empty, pending: list[Loading]) -> "pl.LazyFrame":
        """Return a frame without rows, in the columns that its load's target has."""
        import polars as pl

        (loading,) = [loading for loading in pending if loading.step.input == step.id]
        return pl.LazyFrame(schema=dict(loading.destination.columns(loading.target)))

    def _state_of(self, step: Extract, pending: list[Loading]) -> State | None:
        """Return how far the targets really are: the marker is the truth, not our table."""
        fed = [loading for loading in pending if step.id in self._upstream([loading])]
        if any(loading.target.options.mode is WriteMode.REPLACE for loading in fed):
            return None
        states = [loading.start.read.get(step.id) for loading in fed]
        if any(state != states[0] for state in states):
            raise ConfigError(
                f"The targets of {step.name or step.id} were loaded to different points; "
                "reset the state of one of them"
            )
        return states[0] if states else None

    def _sink(self, loading: Loading, frame: "pl.LazyFrame") -> "pl.LazyFrame":
        key = RunKey(self._host.run, self._part.id, loading.fence)
        admitted = self._gates[loading.step.id].begin(frame, key)
        assert loading.staging is not None
        counted = self._meters.attach(loading.step.id, admitted)
        return loading.destination.sink(loading.staging, counted, self._part.id)

    def _commit(self, loading: Loading) -> None:
        staging, step, gate = loading.staging, loading.step, self._gates[loading.step.id]
        assert staging is not None
        given = self._meters.measures[step.id].rows
        staged = loading.destination.count(staging)
        gate.proof.count(loading.target, sent=given, staged=staged)
        state = gate.state(self._state_after(loading))
        marker = Marker(self._host.run, step.stream, loading.fence, state, given)
        self._host.hold()
        commit = loading.destination.commit(staging, [PartResult(self._part.id, given)], marker)
        loading.staging = None
        self._outcome.commits[step.id] = commit
        self._remember(loading, state)
        self._host.log("info", f"Committed {commit.rows} rows", step=step.id)
        gate.prove(state)

    def _remember(self, loading: Loading, state: State | None) -> None:
        self._host.remember(loading.step, without_columns(state), types_of(state))

    def _state_after(self, loading: Loading) -> State:
        """Say with each extract that feeds this load how far it was read, and what was."""
        origins = self._origins(loading)
        states = {name: self._extractions[name].state() for name in origins}
        read = {name: state for name, state in states.items() if state is not None}
        return loading.state(read, origins)

    def _abort(self, loading: Loading) -> None:
        if loading.staging is None:
            return
        try:
            loading.destination.abort(loading.staging)
        except Exception as error:  # noqa: BLE001 (whatever a driver raises)
            # The reason of the failure matters more than what could not be tidied after it.
            self._host.log("warning", f"Staged rows were left: {error}", step=loading.step.id)

    def _report(self) -> None:
        self._host.report(self._meters.measures)
