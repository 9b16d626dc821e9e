"""What every destination of files does: stage beside the target, count, commit by a manifest."""

import hashlib
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from connectors.base import (
    Commit,
    Destination,
    Marker,
    PartResult,
    RunKey,
    Staging,
    Target,
    WriteMode,
    WriteOptions,
)
from connectors.errors import ConfigError, DataError, LeaseLost
from connectors.files.aims import Aim, aim_at, place
from connectors.files.connector import FileConnector
from connectors.files.locations import Bucketed
from connectors.files.settings import FileWriteOptions
from connectors.files.streams import File

if TYPE_CHECKING:
    import polars as pl

# The columns of a file that is there; None where the format does not say the type.
Columns = Mapping[str, "pl.DataType | None"]

# The names that `_stage` gives; the files that a folder may lose when it is replaced.
OWN_FILE = re.compile(r"part-.+_\d+-[0-9a-f]{8}\.")


@dataclass
class Stage:
    """Where an attempt writes: its folder, its one file, and the old file that it extends."""

    aim: Aim
    folder: str
    file: str
    extended: File | None = None
    columns: Columns | None = None

    @property
    def url(self) -> str:
        """Return where Polars writes the rows."""
        return self.aim.keeper.url(self.file)


class FileDestination(FileConnector, Destination):
    """Writes one file, or a folder of files, so that a reader sees all of a commit or nothing."""

    write_modes = frozenset({WriteMode.APPEND, WriteMode.REPLACE, WriteMode.ERROR})
    # How files of this format may be packed as a whole.
    packings: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def fit(cls, schema: Mapping[str, "pl.DataType"]) -> None:
        """Raise DataError for a column that the format cannot hold."""

    @abstractmethod
    def columns_of(self, file: File, options: Any) -> Columns | None:
        """Return the columns of a file that is there, None where they cannot be known."""

    @abstractmethod
    def write(self, frame: "pl.LazyFrame", stage: Stage, options: Any) -> "pl.LazyFrame":
        """Return a lazy sink into the stage's file."""

    @abstractmethod
    def count_rows(self, file: File, stage: Stage, options: Any) -> int:
        """Count the rows of a staged file that are new."""

    def finish(self, stage: Stage, options: Any) -> None:
        """Put the old rows before the new ones, where `write` did not."""

    def inside(self, options: Any) -> tuple[str, str | None]:
        """Return suffix and packing of the data files in a folder."""
        return self.suffixes[0], None

    @classmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise DataError for a type that the format cannot hold."""
        cls.fit({name: dtype})

    def target(self, options: WriteOptions, stream: str) -> Target:
        """Name the file or folder by its real path or its URL."""
        where = self._place(options)
        # Two stores may have buckets of one name.
        endpoint = (self.reach.endpoint_url or "").rstrip("/")
        is_elsewhere = isinstance(where, Bucketed) and endpoint
        return Target(f"{where}@{endpoint}" if is_elsewhere else str(where), stream, options)

    def committed(self, target: Target) -> Marker | None:
        """Return the stream's marker, after rolling forward; None when the files were removed."""
        aim = self._aim(target.options)
        marker = aim.ledger.standing().markers.get(target.stream)
        return marker if marker is not None and aim.files() else None

    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Enter with the fence, clear older attempts, check mode and columns."""
        options, aim = target.options, self._aim(target.options)
        self.fit(schema)
        marker = aim.ledger.enter(run).markers.get(target.stream)
        self._clear_older(aim, run)
        current = aim.files()
        is_ours = marker is not None and marker.run == run.run
        if options.mode is WriteMode.ERROR and current and not is_ours:
            raise ConfigError(
                f"{target.place} exists, and write mode 'error' refuses that; choose 'replace' or "
                "'append', or another path",
                field="mode",
            )
        if options.mode is WriteMode.REPLACE and not aim.is_file:
            _require_own(aim.names(), target.place)
        stage = self._stage(aim, target, run)
        if options.mode is WriteMode.APPEND and current:
            stage.columns = self.columns_of(current[0], options)
            _compare(stage.columns, schema, target.place)
            stage.extended = current[0] if aim.is_file else None
        aim.keeper.make(stage.folder)
        return Staging(target, run, schema, stage)

    def sink(self, staging: Staging, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink into the stage, the columns in the order of the target."""
        import polars as pl

        stage: Stage = staging.place
        if stage.columns is not None:
            lacking = [name for name in stage.columns if name not in staging.schema]
            frame = frame.with_columns(
                pl.lit(None, dtype=stage.columns[name] or pl.String()).alias(name)
                for name in lacking
            ).select(list(stage.columns))
        return self.write(frame, stage, staging.target.options)

    def count(self, staging: Staging) -> int:
        """Count the staged rows from the staged file itself."""
        stage: Stage = staging.place
        return self.count_rows(self._staged(staging), stage, staging.target.options)

    def commit(self, staging: Staging, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Write the intent, move the files, note the marker; a second call finds it done."""
        stage: Stage = staging.place
        aim, rows = stage.aim, sum(part.rows for part in parts)
        stored = aim.ledger.standing().markers.get(marker.stream)
        if stored is not None and stored.run == marker.run:
            self.abort(staging)
            return Commit(stored.rows, staging.target.place)
        self._staged(staging)
        self.finish(stage, staging.target.options)
        aim.keeper.settle([stage.file])
        moves, removals = _steps(staging, rows)
        aim.ledger.commit(moves, removals, marker)
        self.abort(staging)
        return Commit(rows, staging.target.place)

    def abort(self, staging: Staging) -> None:
        """Remove the attempt's folder."""
        stage: Stage = staging.place
        stage.aim.keeper.clear(stage.folder)

    def _place(self, options: WriteOptions) -> Any:
        assert isinstance(options, FileWriteOptions)
        return place(self.reach, options.table, self.access)

    def _aim(self, options: WriteOptions) -> Aim:
        return aim_at(
            self._place(options),
            self.reach,
            self.access,
            suffixes=self.suffixes,
            packings=self.packings,
            inside=self.inside(options),
        )

    def _staged(self, staging: Staging) -> File:
        stage: Stage = staging.place
        file = stage.aim.file(stage.file)
        if file is None:
            raise LeaseLost(f"What was staged for {staging.target.place} was cleared by another")
        return file

    def _stage(self, aim: Aim, target: Target, run: RunKey) -> Stage:
        digest = hashlib.sha256(f"{target.stream}\0{run.part}".encode()).hexdigest()[:8]
        folder = f"{aim.ledger.folder}/{run.fence}-{run.short}-{digest}"
        return Stage(aim, folder, f"{folder}/part-{run.short}-{digest}{aim.ending}")

    def _clear_older(self, aim: Aim, run: RunKey) -> None:
        for name in aim.keeper.below(aim.ledger.folder):
            fence = name.partition("-")[0]
            if fence.isdigit() and int(fence) < run.fence:
                aim.keeper.clear(f"{aim.ledger.folder}/{name}")


def _require_own(names: Sequence[str], where: str) -> None:
    """Raise ConfigError where a folder that is to be replaced holds files of somebody else."""
    strange = [name for name in names if not OWN_FILE.match(PurePosixPath(name).name)]
    if strange:
        raise ConfigError(
            f"{where} holds {PurePosixPath(strange[0]).name!r}, which Millrace did not write, and "
            "replacing the folder would remove it; move it away, or choose 'append' or another path",
            field="path",
        )


def _steps(staging: Staging, rows: int) -> tuple[list[tuple[str, str]], list[str]]:
    """Return which files move where, and which old ones go."""
    stage: Stage = staging.place
    aim = stage.aim
    if aim.is_file:
        return [(stage.file, aim.name)], []
    old, new = aim.names(), f"{aim.name}/{PurePosixPath(stage.file).name}"
    is_append = staging.target.options.mode is WriteMode.APPEND
    if is_append and old and rows == 0:
        return [], []
    return [(stage.file, new)], [] if is_append else [name for name in old if name != new]


def _compare(columns: Columns | None, schema: Mapping[str, "pl.DataType"], where: str) -> None:
    """Raise DataError where new rows do not fit beside the old ones."""
    if columns is None:
        return
    extra = [name for name in schema if name not in columns]
    if extra:
        raise DataError(
            f"{where} has no column {extra[0]!r}, so rows with it cannot be appended; known: "
            f"{', '.join(columns)}. Select those columns, or replace the target"
        )
    for name, dtype in columns.items():
        if dtype is not None and name in schema and schema[name] != dtype:
            raise DataError(
                f"Column {name!r} of {where} is {dtype}, and the new rows bring {schema[name]}; "
                "cast it, or replace the target"
            )
