"""The base classes of plug-ins."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

# By module: a plug-in's own `Settings` and options bear the names of the models they extend.
from connectors.base import options as models
from connectors.base.options import Options, WriteMode
from connectors.base.values import (
    Access,
    CheckReport,
    Commit,
    Extraction,
    Marker,
    PartResult,
    RunKey,
    Staging,
    State,
    Stream,
    Target,
)
from connectors.errors import ConfigError

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl


class Plugin(ABC):
    """Anything the registry finds: `name` equals the file's name, `aliases` are other spellings."""

    name: ClassVar[str]
    label: ClassVar[str]
    description: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()


class Connector(Plugin):
    """A kind of system, opened with its settings for the length of one part."""

    Settings: ClassVar[type[models.Settings]]
    # A flat configuration that works, for the docs and for the suites that take every connector:
    # `${folder}` becomes an empty folder, `${postgres_host}` and the like a real server.
    example: ClassVar[Mapping[str, Any]]

    def __init__(self, settings: models.Settings, access: Access) -> None:
        """Keep what is needed to reach the system; connect later, on the first call."""
        self.settings = settings
        self.access = access
        self.stopping = threading.Event()

    def judge(self) -> None:
        """Raise ConfigError for settings that this installation forbids; reach for nothing.

        Asked when a configuration is saved: paths outside of the roots, closed networks.
        """

    @abstractmethod
    def check(self) -> CheckReport:
        """Test the connection in at most 5 seconds and leave nothing behind."""

    def interrupt(self) -> None:
        """Make a call that is in flight in another thread end soon; it may raise anything."""
        self.stopping.set()

    def close(self) -> None:
        """Free connections and files; called once, after success and failure alike."""


class Source(Connector):
    """A system that can be read."""

    ReadOptions: ClassVar[type[models.ReadOptions]]
    # How many times the size that an Extraction tells its rows may grow in memory.
    swells: ClassVar[int] = 3

    @abstractmethod
    def discover(self) -> list[Stream]:
        """List the streams that can be read, with their columns, keys and cursors."""

    @abstractmethod
    def scan(self, options: models.ReadOptions, state: State | None = None) -> Extraction:
        """Return a lazy frame over one stream, from `state` on; know its columns at once.

        Raises ConfigError when the stream does not exist or may not be read.
        """

    def split(self, options: models.ReadOptions, parts: int) -> list[models.ReadOptions]:
        """Cut a big stream into at most `parts` that may be read independently."""
        return [options]


class Destination(Connector):
    """A system that can be written: staged, counted, then made visible in one atomic commit."""

    WriteOptions: ClassVar[type[models.WriteOptions]]
    write_modes: ClassVar[frozenset[WriteMode]]
    atomic: ClassVar[bool] = True
    # Whether `evolve` is offered: columns join and widen in the same commit as the rows.
    evolves: ClassVar[bool] = False
    # Whether what it wrote is read back with the very same types, where it is a Source too.
    rereads: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise ConfigError or DataError where no new target can have a column of this type.

        Asked when a job is saved and before each load; it reaches for nothing.
        """

    @abstractmethod
    def target(self, options: models.WriteOptions, stream: str) -> Target:
        """Name the place that `options` mean; the same place always has the same name."""

    @abstractmethod
    def committed(self, target: Target) -> Marker | None:
        """Return the marker of the stream's last commit, after rolling forward a broken one."""

    def columns(self, target: Target) -> Mapping[str, "pl.DataType"]:
        """Return the columns of a target that was loaded, to make it anew without its rows.

        What can also be read is read as it was written; other destinations say it themselves.
        """
        if not isinstance(self, Source):
            raise ConfigError(
                f"{self.label} cannot tell the columns of {target.place}, and so cannot empty it; "
                "empty it there, then reset the state of the stream"
            )
        said = target.options.model_dump(exclude_unset=True)
        names = self.ReadOptions.model_fields.keys() & said.keys()
        options = self.ReadOptions.model_validate({name: said[name] for name in names})
        # Apart, so that no read of ours stands in the way of the load.
        reader = type(self)(self.settings, self.access)
        try:
            return reader.scan(options).frame.collect_schema()
        finally:
            reader.close()

    @abstractmethod
    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Make room for new rows beside the target, and clear what dead attempts left there.

        Raises ConfigError when the mode does not allow it, DataError when a type cannot be held.
        """

    @abstractmethod
    def sink(self, staging: Staging, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink that stages `frame`; idempotent per part."""

    @abstractmethod
    def count(self, staging: Staging) -> int:
        """Return the rows that are staged, counted by the system itself."""

    @abstractmethod
    def commit(self, staging: Staging, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Make the staged rows visible and store `marker`, both or neither.

        A marker of the same run and stream that is already there makes this a no-op (a double
        delivery); one with a higher fence raises LeaseLost (this worker was thought dead).
        """

    @abstractmethod
    def abort(self, staging: Staging) -> None:
        """Remove what is staged; never raises for things that are already gone."""


class Transformer(Plugin):
    """A pure reshaping, written as narwhals expressions so that every engine can run it."""

    Config: ClassVar[type[Options]]
    # A configuration that works on the rows of `connectors.shaping.samples`, for docs and suites.
    example: ClassVar[Mapping[str, Any]]
    # Its inputs in the order in which `apply` takes them; None where it takes any number.
    inputs: ClassVar[tuple[str, ...] | None] = ("input",)
    # Asked of the instance, for a setting may decide.
    blocks: bool = False  # needs all rows before it gives the first one
    engines: frozenset[str] = frozenset({"polars", "duckdb"})  # give the same rows

    def __init__(self, config: Options) -> None:
        """Keep the validated configuration."""
        self.config = config

    def outputs(self) -> tuple[str, ...]:
        """Return the names of the frames that `apply` gives; none where it gives one."""
        return ()

    @abstractmethod
    def apply(
        self, *frames: "nw.LazyFrame[Any]"
    ) -> "nw.LazyFrame[Any] | dict[str, nw.LazyFrame[Any]]":
        """Return one lazy frame, or named ones, without looking at rows.

        Raises ConfigError for a column that is not there, or that does not have the right type.
        """
