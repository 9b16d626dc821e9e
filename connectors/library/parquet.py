"""Apache Parquet."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from connectors.errors import DataError
from connectors.files.destination import Columns, FileDestination, Stage
from connectors.files.growing import as_grown
from connectors.files.likeness import demand_alike
from connectors.files.settings import FileWriteOptions, GrowingReadOptions
from connectors.files.source import FileSource
from connectors.files.streams import File
from connectors.files.texts import refuse
from connectors.files.unions import agreeing
from connectors.files.wrapped import WrappedFileSettings

if TYPE_CHECKING:
    import polars as pl

# What Polars packs with zstd at this level is fast and small enough (docs/decisions).
LEVEL = 1
# Of so many objects in a bucket the footers are asked for, one after the other.
ASKED_OBJECTS = 10


class ParquetReadOptions(GrowingReadOptions):
    """What to read beside the columns in the files."""

    hive_partitioning: bool = Field(
        default=False,
        title="Columns from folders",
        description="Folders called `year=2026` become a column; off, they are only folders.",
    )


class ParquetWriteOptions(FileWriteOptions):
    """How the file is laid out."""

    compression: Literal["zstd", "snappy", "lz4", "gzip", "brotli", "uncompressed"] = Field(
        "zstd", title="Compression"
    )
    compression_level: int | None = Field(
        None, ge=0, le=22, title="Compression level", description="Of zstd, 1 when empty."
    )
    row_group_size: int | None = Field(
        None,
        ge=1,
        title="Rows in a group",
        description="Chosen by the size of the rows when empty.",
    )
    statistics: bool = Field(
        default=True, title="Statistics", description="Smallest and largest values per group."
    )


class Parquet(FileSource, FileDestination):
    """Columns with their exact types, packed."""

    name = "parquet"
    label = "Parquet"
    description = "Typed columns, packed: files, folders, patterns, URLs and buckets."
    aliases = ("PARQUET", "parquet-extractor", "parquet-loader")
    Settings = WrappedFileSettings
    ReadOptions = ParquetReadOptions
    WriteOptions = ParquetWriteOptions
    example = {"path": "${folder}/table.parquet"}
    suffixes = (".parquet", ".pq")
    evolves = True
    extends_after = False
    swells = 20

    def read(self, files: Sequence[File], options: ParquetReadOptions) -> "pl.LazyFrame":
        """Return a lazy frame over the files, which must all have the same columns."""
        import polars as pl

        schema = self._schema(files[0])
        for file in files[1:]:
            demand_alike(file, self._schema(file), files[0], schema)
        return pl.scan_parquet(
            [file.url for file in files],
            glob=False,
            hive_partitioning=options.hive_partitioning,
            storage_options=self._options_for(files[0]),
        )

    def each(self, files: Sequence[File], options: ParquetReadOptions) -> "list[pl.LazyFrame]":
        """Return a frame per file; where types differ, the wider one that holds both exactly."""
        import polars as pl

        frames = [
            pl.scan_parquet(
                file.url,
                glob=False,
                hive_partitioning=options.hive_partitioning,
                storage_options=self._options_for(file),
            )
            for file in files
            if self._schema(file)
        ]

        def unite(name: str) -> "pl.DataType":
            kinds = {str(kind): file for file in files if (kind := self._schema(file).get(name))}
            (one, first), (other, second) = list(kinds.items())[:2]
            raise DataError(
                f"Column {name!r} is {one} in {first.shown} and {other} in {second.shown}, and "
                "no type holds both; read them as streams of their own"
            )

        return agreeing(frames, unite)

    def rows_in(self, files: Sequence[File]) -> int | None:
        """Return the rows that the footers say."""
        if files[0].store is not None and len(files) > ASKED_OBJECTS:
            return None
        return sum(self._length(file) for file in files)

    @classmethod
    def fit(cls, schema: Mapping[str, "pl.DataType"]) -> None:
        """Refuse Python objects, and numbers of 128 bits, which only Polars reads."""
        refuse(schema, "Parquet", "Object", "Int128", "UInt128")

    def columns_of(self, file: File, options: Any) -> Columns | None:
        """Return names and types from the file's footer."""
        return self._schema(file)

    def write(
        self, frame: "pl.LazyFrame", stage: Stage, options: ParquetWriteOptions
    ) -> "pl.LazyFrame":
        """Return a lazy sink; the rows of a single file that is extended come first."""
        import polars as pl

        if stage.extended is not None:
            old = pl.scan_parquet(
                stage.extended.url,
                glob=False,
                hive_partitioning=False,
                storage_options=self._options_for(stage.extended),
            )
            if stage.growth:
                old = as_grown(old, stage.columns or {})
            frame = pl.concat([old, frame])
        return self._sink(frame, stage.url, options)

    def rewrite(self, old: File, name: str, stage: Stage, options: ParquetWriteOptions) -> None:
        """Write a file anew, row by row as they were, with wider and more columns."""
        import polars as pl

        rows = pl.scan_parquet(
            old.url, glob=False, hive_partitioning=False, storage_options=self._options_for(old)
        )
        frame = as_grown(rows, stage.columns or {})
        pl.collect_all([self._sink(frame, stage.aim.keeper.url(name), options)], engine="streaming")

    def _sink(
        self, frame: "pl.LazyFrame", url: str, options: ParquetWriteOptions
    ) -> "pl.LazyFrame":
        level = options.compression_level
        if level is None and options.compression == "zstd":
            level = LEVEL
        return frame.sink_parquet(
            url,
            compression=options.compression,
            compression_level=level,
            statistics=options.statistics,
            row_group_size=options.row_group_size,
            storage_options=self.storage_options,
            lazy=True,
        )

    def count_rows(self, file: File, stage: Stage, options: Any) -> int:
        """Read how many rows the footer says, without those that were there before."""
        old = 0 if stage.extended is None else self._length(stage.extended)
        return self._length(file) - old

    def _options_for(self, file: File) -> dict[str, Any] | None:
        return None if file.store is None else self.storage_options

    def _schema(self, file: File) -> dict[str, "pl.DataType"]:
        import polars as pl

        try:
            return dict(
                pl.scan_parquet(
                    file.url,
                    glob=False,
                    hive_partitioning=False,
                    storage_options=self._options_for(file),
                ).collect_schema()
            )
        except pl.exceptions.PolarsError as error:
            first = str(error).splitlines()[0]
            raise DataError(f"{file.shown} is not a sound Parquet file: {first}") from error

    def _length(self, file: File) -> int:
        import polars as pl

        frame = pl.scan_parquet(file.url, glob=False, storage_options=self._options_for(file))
        return int(frame.select(pl.len()).collect().item())
