"""What every destination of files does: stage beside the target, count, commit by a manifest."""

import hashlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from connectors.errors import ConfigError, LeaseLost
from connectors.files.aims import Aim, aim_at, place
from connectors.files.connector import FileConnector
from connectors.files.growing import OWN_FILE, as_grown, compare, growth_of, require_own
from connectors.files.locations import Bucketed
from connectors.files.settings import FileWriteOptions
from connectors.files.streams import File
from connectors.sql.growing import Growth

if TYPE_CHECKING:
    import polars as pl

# The columns of a file that is there; None where the format does not say the type.
Columns = Mapping[str, "pl.DataType | None"]


@dataclass
class Stage:
    """Where an attempt writes: its folder, its one file, and the old file that it extends."""

    aim: Aim
    folder: str
    file: str
    extended: File | None = None
    columns: Columns | None = None
    growth: Growth = field(default_factory=lambda: Growth({}, {}))
    # What takes the place of the old files: their names, by those of the staged ones.
    rewritten: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return where Polars writes the rows."""
        return self.aim.keeper.url(self.file)


class FileDestination(FileConnector, Destination):
    """Writes one file, or a folder of files, so that a reader sees all of a commit or nothing."""

    write_modes = frozenset({WriteMode.APPEND, WriteMode.REPLACE, WriteMode.ERROR})
    # How files of this format may be packed as a whole.
    packings: ClassVar[tuple[str, ...]] = ()
    # Whether `finish` puts the old rows of a single file before the new ones, not `write`.
    extends_after: ClassVar[bool] = True

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

    def rewrite(self, old: File, name: str, stage: Stage, options: Any) -> None:
        """Write the rows of a file anew as `name`, with all of the stage's columns.

        A format that `evolves` does this; `begin` lets no columns grow in others.
        """
        raise ConfigError(f"{self.name} cannot write {old.shown} anew; replace the target")

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
            self._fit_columns(stage, target, schema)
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
            )
            if staging.target.options.evolve and self.evolves:
                frame = as_grown(frame, stage.columns)
            frame = frame.select(list(stage.columns))
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
        self._rewrite(stage, staging.target.options, rows)
        self.finish(stage, staging.target.options)
        aim.keeper.settle([stage.file, *stage.rewritten])
        moves, removals = _steps(staging, rows)
        aim.ledger.commit(moves, removals, marker)
        self.abort(staging)
        return Commit(rows, staging.target.place)

    def abort(self, staging: Staging) -> None:
        """Remove the attempt's folder."""
        stage: Stage = staging.place
        stage.aim.keeper.clear(stage.folder)

    def _fit_columns(
        self, stage: Stage, target: Target, schema: Mapping[str, "pl.DataType"]
    ) -> None:
        """Refuse rows that do not fit, or say how the columns grow for them."""
        columns, place = stage.columns, target.place
        if columns is None:
            return
        if not (target.options.evolve and self.evolves):
            compare(columns, schema, place)
            return
        stage.growth = growth_of(columns, schema, place)
        if stage.growth and not stage.aim.is_file:
            require_own(stage.aim.names(), place)
        # Without types in the files, those of the rows stay theirs.
        is_typed = any(columns.values())
        added = stage.growth.added if is_typed else dict.fromkeys(stage.growth.added)
        stage.columns = {**columns, **stage.growth.widened, **added}

    def _rewrite(self, stage: Stage, options: Any, rows: int) -> None:
        """Stage the old rows with the columns that have grown, a file for each file."""
        if not stage.growth or (not rows and not stage.aim.is_file):
            return
        stage.aim.keeper.make(f"{stage.folder}/grown")
        for name in stage.aim.names():
            old, fresh = stage.aim.file(name), f"{stage.folder}/grown/{PurePosixPath(name).name}"
            if old is None:
                continue
            if not stage.aim.is_file:
                stage.rewritten[fresh] = name
            elif stage.extended is None or not self.extends_after:
                continue
            self.rewrite(old, fresh, stage, options)
            if stage.aim.is_file:
                stage.extended = stage.aim.file(fresh)

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
    moves = [*stage.rewritten.items(), (stage.file, new)]
    return moves, [] if is_append else [name for name in old if name != new]
