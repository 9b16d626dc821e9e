"""The values that pass between the engine and its plug-ins."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base.options import WriteOptions

if TYPE_CHECKING:
    import polars as pl

# How far a stream was read: plain JSON that only its connector understands.
State = Mapping[str, Any]


@dataclass(frozen=True)
class Access:
    """What this installation lets a connector touch and use."""

    base: Path  # relative paths lie under it
    roots: tuple[Path, ...]  # no file outside of these is read or written
    scratch: Path  # for temporary files; emptied by the engine
    networks: tuple[IPv4Network | IPv6Network, ...] = ()  # allowed beside public addresses
    memory: int = 1 << 30  # bytes that one part may plan with
    # A folder for the rows that a source leaves out: CSV files of file, line, reason and text.
    rejects: Path | None = None


@dataclass(frozen=True)
class Check:
    """One named test of a connection, with a hint about what to do where it failed."""

    name: str
    passed: bool
    message: str = ""
    hint: str = ""


@dataclass(frozen=True)
class CheckReport:
    """What a connection test found; `details` may hold a version or a latency."""

    checks: tuple[Check, ...]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


@dataclass(frozen=True)
class Stream:
    """One table-like thing that a source can read.

    `options` are the ReadOptions (as plain JSON) that read it; `schema` maps column names to
    Polars types in order; `cursors` are columns that only grow.
    """

    name: str
    schema: Mapping[str, "pl.DataType"]
    options: Mapping[str, Any]
    namespace: str | None = None
    key: tuple[str, ...] = ()
    cursors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Remark:
    """What a person should know of a read that went well: one sentence, with its numbers.

    `rejected` counts rows that the source left out.
    """

    message: str
    rejected: int = 0


@dataclass(frozen=True)
class Extraction:
    """A lazy frame, and the State that is true once all of its rows are loaded.

    `state` and `remarks` are asked for once, after the frame was read to its end; remarks become
    warnings in the run's log. `rows` and `size` (bytes) say how much there is where the source
    knows it beforehand, for progress in per cent; `about_rows` is an estimate for the same.
    `packed` says that `size` is that of packed files, which may hold anything.
    """

    frame: "pl.LazyFrame"
    state: Callable[[], State | None] = lambda: None
    rows: int | None = None
    size: int | None = None
    remarks: Callable[[], Iterable[Remark]] = lambda: ()
    about_rows: int | None = None
    packed: bool = False


@dataclass(frozen=True)
class RunKey:
    """Who writes: a run, its part, and the fence that grows with every claim of the target."""

    run: str
    part: str
    fence: int

    @property
    def short(self) -> str:
        """Return a name for staging objects, unique per run and part, of at most 40 characters."""
        return f"{self.run.replace('-', '')[:16]}_{self.fence}"


@dataclass(frozen=True)
class Target:
    """The place that a load fills: a table or path, and the stream that fills it.

    `place` is the same string for the same physical target, whatever job asks: it is what the
    lease is taken on. `stream` names the writer across its runs, as `<job>/<step>`.
    """

    place: str
    stream: str
    options: WriteOptions


@dataclass(frozen=True)
class Marker:
    """What a commit leaves at the target in the same transaction as the rows."""

    run: str
    stream: str
    fence: int
    state: State | None = None
    rows: int = 0


@dataclass
class Staging:
    """Rows on their way: written, counted, but not visible yet.

    `place` is the connector's own business: a table name, an open connection, a folder.
    """

    target: Target
    run: RunKey
    schema: Mapping[str, "pl.DataType"]
    place: Any = None


@dataclass(frozen=True)
class PartResult:
    """How many rows the engine handed to the sink of one part."""

    part: str
    rows: int


@dataclass(frozen=True)
class Commit:
    """What a commit made visible: rows as counted at the target, and where to look."""

    rows: int
    location: str
