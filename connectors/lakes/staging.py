"""Rows on their way into a table: Parquet files in a hidden folder of the table.

They move to their final names right before the commit that names them. Whoever clears a dead
attempt touches the hidden folder only, so what a commit names is never taken away under it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.base import RunKey, Target
from connectors.errors import LeaseLost
from connectors.files.keeping import Keeper
from connectors.files.streams import File
from connectors.lakes.footers import footer
from connectors.lakes.types import Format, convert
from connectors.sql.growing import Growth

if TYPE_CHECKING:
    import polars as pl

HIDDEN = ".millrace"
# Of what lies in memory; on disk it is a fraction of that.
FILE_BYTES = 1 << 30
LEVEL = 1


@dataclass
class Stage:
    """The files of one attempt, in the home of its table."""

    keeper: Keeper
    storage_options: dict[str, Any] | None
    name: str
    # What the rows are cast to, and what the table held when the attempt began.
    wanted: Mapping[str, "pl.DataType"] = field(default_factory=dict)
    columns: Mapping[str, "pl.DataType"] | None = None
    # How these grow for the rows.
    growth: Growth = field(default_factory=lambda: Growth({}, {}))
    # Where an Iceberg table lies, and the schema whose identities its data files tell.
    location: str = ""
    identities: Any = None
    # Final names of what was moved already, by the folder that it was staged in.
    moved: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, keeper: Keeper, storage_options: dict[str, Any] | None, target: Target, run: RunKey
    ) -> "Stage":
        """Name the stage of a run and part."""
        digest = hashlib.sha256(f"{target.stream}\0{run.part}".encode()).hexdigest()[:8]
        return cls(keeper, storage_options, f"{run.fence}-{run.short}-{digest}")

    @property
    def folder(self) -> str:
        """Return where the rows of the load lie until they are committed."""
        return f"{HIDDEN}/{self.name}"

    def clear_older(self, fence: int) -> None:
        """Remove what attempts with lower fences left."""
        for name in self.keeper.below(HIDDEN):
            older = name.partition("-")[0]
            if older.isdigit() and int(older) < fence:
                self.keeper.clear(f"{HIDDEN}/{name}")

    def sink(self, frame: "pl.LazyFrame", *, inside: str = "", **how: Any) -> "pl.LazyFrame":
        """Return a lazy sink of Parquet files, in the order of the rows; at least one file."""
        import polars as pl

        folder, prefix = f"{self.folder}{inside}", f"part-{self.name}{inside.replace('/', '-')}"
        self.keeper.make(folder)
        parts = pl.PartitionBy(
            self.keeper.url(folder),
            file_path_provider=lambda at: f"{prefix}-{at.index_in_partition:05}.parquet",
            approximate_bytes_per_file=FILE_BYTES,
        )
        return frame.sink_parquet(
            parts,
            compression="zstd",
            compression_level=LEVEL,
            storage_options=self.storage_options,
            mkdir=True,
            lazy=True,
            **how,
        )

    def staged(self, inside: str = "") -> list[File]:
        """Return the staged files; raise LeaseLost where another attempt cleared them."""
        folder = f"{self.folder}{inside}"
        names = [name for name in self.keeper.children(folder) if name.endswith(".parquet")]
        files = [self.keeper.file(f"{folder}/{name}") for name in names]
        if not files or None in files:
            raise LeaseLost(f"What was staged in {self.keeper.url(folder)} was cleared by another")
        return [file for file in files if file is not None]

    def count(self) -> int:
        """Read from the footers how many rows are staged."""
        return sum(footer(file).num_rows for file in self.staged())

    def scan(self, files: Sequence[File]) -> "pl.LazyFrame":
        """Return a lazy frame over staged files."""
        import polars as pl

        urls = [file.url for file in files]
        return pl.scan_parquet(
            urls, glob=False, hive_partitioning=False, storage_options=self.storage_options
        )

    def fit(
        self, frame: "pl.LazyFrame", schema: Mapping[str, "pl.DataType"], form: Format
    ) -> "pl.LazyFrame":
        """Cast rows to what the table holds; raise DataError where a value would change."""
        return convert(frame, schema, self.wanted, form)

    def publish(self, inside: str = "", *, below: str = "") -> dict[str, File]:
        """Move staged files with rows to their final names, and return them by these.

        Raises LeaseLost where one of them is gone. A second call finds what the first one moved.
        """
        if inside not in self.moved:
            staged = [file for file in self.staged(inside) if footer(file).num_rows]
            names = [file.url.rpartition("/")[2] for file in staged]
            self.moved[inside] = [f"{below}{name}" for name in names]
            for name in names:
                self.keeper.move(f"{self.folder}{inside}/{name}", f"{below}{name}")
        files = {name: self.keeper.file(name) for name in self.moved[inside]}
        if None in files.values():
            raise LeaseLost("What was staged was cleared by another attempt")
        self.keeper.settle(list(files))
        return {name: file for name, file in files.items() if file is not None}

    def retract(self, *, but: str | None = None) -> None:
        """Remove what was moved to final names, where no commit can name it any more.

        What was staged in the folder `but` stays.
        """
        for inside in [inside for inside in self.moved if inside != but]:
            self.keeper.remove(self.moved.pop(inside))

    def clear(self) -> None:
        """Remove the attempt's folder."""
        self.keeper.clear(self.folder)
