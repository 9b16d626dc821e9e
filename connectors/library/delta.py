"""Delta tables, in a folder of this machine or in a bucket."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from connectors.base import (
    Access,
    CheckReport,
    Commit,
    Destination,
    Extraction,
    Marker,
    Options,
    PartResult,
    RunKey,
    Source,
    Staging,
    State,
    Stream,
    Target,
    WriteMode,
)
from connectors.files.settings import FileReadOptions, FileSettings, FileWriteOptions
from connectors.lakes import markers
from connectors.lakes.delta.columns import DELTA
from connectors.lakes.delta.loading import Load
from connectors.lakes.delta.tables import Tables
from connectors.lakes.reading import extract
from connectors.lakes.staging import Stage
from connectors.lakes.types import held_schema
from connectors.sql.checks import run_checks
from connectors.sql.choosing import ChosenRows
from connectors.sql.columns import cursors_of

if TYPE_CHECKING:
    import polars as pl


class DeltaSettings(FileSettings):
    """Where the table lies, or the folder that holds several."""

    path: str = Field(
        title="Path",
        min_length=1,
        max_length=4096,
        description="The folder of a Delta table, or one that holds several; relative paths lie "
        "under the platform's files, `s3://bucket/key` in a bucket.",
    )


class DeltaReadOptions(FileReadOptions, ChosenRows):
    """Which table to read, and which of its versions."""

    version: int | None = Field(
        None, ge=0, title="Version", description="Read the table as it was; the last when empty."
    )


class DeltaWriteOptions(FileWriteOptions):
    """Which table to write."""


class Delta(Source, Destination):
    """Delta tables below one path."""

    name = "delta"
    label = "Delta Lake"
    description = "Delta tables on disk or in a bucket: versions, upserts, atomic commits."
    aliases = ("deltalake", "delta-lake", "delta-extractor", "delta-loader")
    Settings = DeltaSettings
    ReadOptions = DeltaReadOptions
    WriteOptions = DeltaWriteOptions
    write_modes = frozenset(WriteMode)
    evolves = True
    example = {"path": "${folder}/lake", "table": "example"}

    settings: DeltaSettings

    def __init__(self, settings: Any, access: Access) -> None:
        """Keep the settings; look at nothing yet."""
        super().__init__(settings, access)
        self.tables = Tables(settings, access)

    def judge(self) -> None:
        """Refuse paths and addresses that are closed here."""
        self.tables.place(None)

    def check(self) -> CheckReport:
        """Test the path, and what is there."""
        return run_checks(
            [
                ("path", self.tables.check_path, "Choose a path below one of the allowed folders"),
                (
                    "tables",
                    self.tables.check_tables,
                    "See whether the path is right; for a bucket, check endpoint, region and keys",
                ),
            ],
        )

    def discover(self) -> list[Stream]:
        """List the table at the path, or those below it."""
        streams = []
        for table in self.tables.listed():
            schema = self.tables.demand(table, None).columns or {}
            name = table or str(self.tables.place(None)).rstrip("/").rpartition("/")[2]
            options = {"table": table} if table else {}
            streams.append(Stream(name, schema, options, cursors=cursors_of(schema)))
        return streams

    def scan(self, options: Options, state: State | None = None) -> Extraction:
        """Read a version of a table; columns and predicates reach its files."""
        assert isinstance(options, DeltaReadOptions)
        version = self.tables.demand(options.table, options.version)
        frame = self.tables.rows_of(options.table, version)
        return extract(frame, options, state, rows=None if options.cursor else version.rows)

    @classmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise DataError for a type that Delta cannot hold."""
        held_schema({name: dtype}, DELTA)

    def target(self, options: Options, stream: str) -> Target:
        """Name the table by its real path or its URL."""
        assert isinstance(options, DeltaWriteOptions)
        return Target(self.tables.named(options.table), stream, options)

    def committed(self, target: Target) -> Marker | None:
        """Return the marker of the stream's last commit, from the properties of the table."""
        return markers.marker_in(self._load(target).version().properties, target.stream)

    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Check mode and columns, make a folder for the rows, clear those of dead attempts."""
        return Staging(target, run, schema, self._load(target).begin(schema, run))

    def sink(self, staging: Staging, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink into Parquet files in the table's hidden folder."""
        stage: Stage = staging.place
        return stage.sink(stage.fit(frame, staging.schema, DELTA))

    def count(self, staging: Staging) -> int:
        """Count the rows by the footers of the staged files."""
        stage: Stage = staging.place
        return stage.count()

    def commit(self, staging: Staging, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Write the next version of the table, which names the files and holds the marker."""
        rows = self._load(staging.target).commit(staging.place, marker)
        return Commit(rows, staging.target.place)

    def abort(self, staging: Staging) -> None:
        """Remove the attempt's folder."""
        stage: Stage = staging.place
        stage.clear()

    def _load(self, target: Target) -> Load:
        return Load(self.tables, target, self.stopping)
