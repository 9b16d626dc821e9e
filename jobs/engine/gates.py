"""The gate before a target: which rows it lets in, what is kept of them, and what is proved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.base import Connector, RunKey, Source, State, WriteMode
from connectors.errors import ConfigError, DataError
from connectors.holding import fitted
from jobs.engine.admission import COLUMNS, Door
from jobs.engine.checks import SUMS, Proof
from jobs.engine.ends import Loading
from jobs.engine.host import Host
from jobs.plan import Extract

if TYPE_CHECKING:
    import polars as pl


@dataclass
class Gate:
    """What stands around the rows of one load."""

    loading: Loading
    extracts: Sequence[Extract]
    host: Host
    # Opens the target once more, to be read.
    reopen: Callable[[], Connector]

    def __post_init__(self) -> None:
        """Prepare the checks; nothing is read yet."""
        self.proof = Proof(self.loading.step, self.host)
        self._columns: Mapping[str, Any] | None = None

    def begin(self, frame: "pl.LazyFrame", run: RunKey) -> "pl.LazyFrame":
        """Stage room for rows, and return the frame of what may be loaded of them."""
        loading, door = self.loading, self._door()
        if door is not None:
            admitted = door.admit(frame, loading.target, self._state_before())
            frame, self._columns = admitted.frame, admitted.kept
        frame = fitted(loading.destination, frame, loading.target.options)
        schema = frame.collect_schema()
        if self._is_summed():
            self.proof.begin(self._source, loading.target, schema)
        try:
            loading.staging = loading.destination.begin(loading.target, schema, run)
        except (ConfigError, DataError) as error:
            if door is not None:
                door.refuse_kept(self._columns or {})
            raise self._advised(error) from error
        if door is not None:
            door.tell(self._columns or {})
        return self.proof.watch(frame)

    def state(self, read: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the marker carries: how far was read, and what is kept beside it."""
        columns = {} if self._columns is None else {COLUMNS: self._columns}
        sums = self.proof.expected()
        return {**read, **columns, **({} if sums is None else {SUMS: sums})}

    def repeat(self, state: State | None) -> None:
        """Tell of a commit that an earlier attempt made what that attempt could not tell."""
        if (door := self._door()) is not None:
            door.tell(dict(state or {}).get(COLUMNS) or {})
        self.prove(state)

    def prove(self, state: State | None) -> None:
        """Compare what the target holds with what its marker expects, where that is wanted."""
        if self._is_summed():
            self.proof.finish(self._source, self.loading.target, dict(state or {}).get(SUMS))
        elif self.loading.step.checksums and self.extracts:
            self.proof.skip(self.loading.target)

    def _is_summed(self) -> bool:
        is_wanted = self.loading.step.checksums and bool(self.extracts)
        return is_wanted and Proof.is_possible(self.loading.target)

    def _door(self) -> Door | None:
        step = self.loading.step
        is_watched = step.policy is not None and bool(self.extracts)
        return Door(step, self.extracts, self.host) if is_watched else None

    def _state_before(self) -> State | None:
        """Return the last commit's state; a load that begins anew looks at no columns before it."""
        marker = self.loading.marker
        return None if marker is None or self.loading.start.swaps else marker.state

    def _advised(self, error: ConfigError | DataError) -> ConfigError | DataError:
        """Return the error of columns that do not fit, with what loads a job's stream anew."""
        target, (job, _, stream) = self.loading.target, self.loading.step.stream.partition("/")
        is_advised = isinstance(error, DataError) and self._door() is not None
        if not is_advised or target.options.mode is WriteMode.REPLACE:
            return error
        path = f"/jobs/{job}/streams/reset?stream={quote(stream, safe='')}"
        return DataError(f"{error.message}. To load the stream anew: POST {path}")

    def _source(self) -> Source:
        source = self.reopen()
        assert isinstance(source, Source)
        return source
