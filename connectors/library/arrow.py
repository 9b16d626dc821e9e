"""Apache Arrow's own files (Feather 2), and streams of the same."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from connectors.base import lazy_frame
from connectors.errors import DataError
from connectors.files.destination import Columns, FileDestination, Stage
from connectors.files.growing import as_grown
from connectors.files.likeness import demand_alike
from connectors.files.settings import FileSettings, FileWriteOptions, GrowingReadOptions
from connectors.files.source import FileSource
from connectors.files.streams import File, chunks_of, opened
from connectors.files.texts import refuse
from connectors.files.unions import agreeing

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

# What a file begins with; anything else is a stream.
MAGIC = b"ARROW1"


class ArrowWriteOptions(FileWriteOptions):
    """How the file is laid out."""

    compression: Literal["zstd", "lz4", "uncompressed"] = Field("zstd", title="Compression")


class Arrow(FileSource, FileDestination):
    """Columns as they lie in memory."""

    name = "arrow"
    label = "Arrow"
    description = "Columns as in memory (IPC, Feather 2): files, folders, patterns, URLs, buckets."
    aliases = ("feather", "ipc")
    Settings = FileSettings
    ReadOptions = GrowingReadOptions
    WriteOptions = ArrowWriteOptions
    example = {"path": "${folder}/table.arrow"}
    suffixes = (".arrow", ".feather", ".ipc")
    evolves = True
    extends_after = False
    swells = 20

    def read(self, files: Sequence[File], options: GrowingReadOptions) -> "pl.LazyFrame":
        """Return a lazy frame over the files, which must all have the same columns."""
        import polars as pl

        frames = [self._scan(file) for file in files]
        first = frames[0].collect_schema()
        for file, frame in zip(files, frames, strict=True):
            demand_alike(file, frame.collect_schema(), files[0], first)
        return frames[0] if len(frames) == 1 else pl.concat(frames)

    def each(self, files: Sequence[File], options: GrowingReadOptions) -> "list[pl.LazyFrame]":
        """Return a frame per file; where types differ, the wider one that holds both exactly."""
        frames = [self._scan(file) for file in files]

        def unite(name: str) -> "pl.DataType":
            kinds: dict[str, str] = {}
            for file, frame in zip(files, frames, strict=True):
                kinds.setdefault(str(frame.collect_schema().get(name)), file.shown)
            (one, first), (other, second) = list(kinds.items())[:2]
            raise DataError(
                f"Column {name!r} is {one} in {first} and {other} in {second}, and no type holds "
                "both; read them as streams of their own"
            )

        return agreeing(frames, unite)

    def rows_in(self, files: Sequence[File]) -> int | None:
        """Return the rows that the headers of the batches say; a stream says nothing."""
        if any(file.store is not None or not _is_file(file) for file in files):
            return None
        return sum(self._length(file) for file in files)

    @classmethod
    def fit(cls, schema: Mapping[str, "pl.DataType"]) -> None:
        """Refuse Python objects, and numbers of 128 bits, which only Polars reads."""
        refuse(schema, "Arrow", "Object", "Int128", "UInt128")

    def columns_of(self, file: File, options: Any) -> Columns | None:
        """Return names and types from the file itself."""
        return dict(self._scan(file).collect_schema())

    def write(
        self, frame: "pl.LazyFrame", stage: Stage, options: ArrowWriteOptions
    ) -> "pl.LazyFrame":
        """Return a lazy sink; the rows of a single file that is extended come first."""
        import polars as pl

        if stage.extended is not None:
            old = self._scan(stage.extended)
            if stage.growth:
                old = as_grown(old, stage.columns or {})
            frame = pl.concat([old, frame])
        return self._sink(frame, stage.url, options)

    def rewrite(self, old: File, name: str, stage: Stage, options: ArrowWriteOptions) -> None:
        """Write a file anew, row by row as they were, with wider and more columns."""
        import polars as pl

        frame = as_grown(self._scan(old), stage.columns or {})
        pl.collect_all([self._sink(frame, stage.aim.keeper.url(name), options)], engine="streaming")

    def count_rows(self, file: File, stage: Stage, options: Any) -> int:
        """Count the rows of the batches, without those that were there before."""
        old = 0 if stage.extended is None else self._length(stage.extended)
        return self._length(file) - old

    def _sink(self, frame: "pl.LazyFrame", url: str, options: ArrowWriteOptions) -> "pl.LazyFrame":
        import polars as pl

        return frame.sink_ipc(
            url,
            compression=options.compression,
            # Every reader of Arrow knows these types.
            compat_level=pl.CompatLevel.oldest(),
            storage_options=self.storage_options,
            lazy=True,
        )

    def _scan(self, file: File) -> "pl.LazyFrame":
        """Return a lazy frame over one file or stream, whose types have been looked at."""
        import polars as pl
        import pyarrow as pa

        try:
            local = self._local(file)
            if not _is_file(local):
                return _streamed(local)
            with pa.ipc.open_file(local.url) as reader:
                _require_known(reader.schema, file)
        except (pa.ArrowInvalid, OSError) as error:
            if isinstance(error, FileNotFoundError | PermissionError):
                raise
            raise DataError(f"{file.shown} is not a sound Arrow file: {error}") from None
        return pl.scan_ipc(local.url, glob=False, hive_partitioning=False)

    def _local(self, file: File) -> File:
        """Bring an object here, because its columns are told at its end; unpack what is packed."""
        if file.store is None and file.compression is None:
            return file
        unpacked = self.scratch.unpacked(file)
        if unpacked.store is None and unpacked.compression is None:
            return unpacked
        return self.scratch.rewritten(unpacked, chunks_of)

    def _length(self, file: File) -> int:
        import polars as pl

        return int(self._scan(file).select(pl.len()).collect().item())


def _is_file(file: File) -> bool:
    with Path(file.url).open("rb") as raw:
        return raw.read(len(MAGIC)) == MAGIC


def _streamed(file: File) -> "pl.LazyFrame":
    """Return a lazy frame over the batches of a stream."""
    import polars as pl
    import pyarrow as pa

    with opened(file) as stream, pa.ipc.open_stream(stream) as reader:
        _require_known(reader.schema, file)
        schema = pl.DataFrame(pl.from_arrow(reader.schema.empty_table())).schema

    def batches(columns: list[str]) -> "Iterator[pl.DataFrame]":
        with opened(file) as stream, pa.ipc.open_stream(stream) as reader:
            try:
                for batch in reader:
                    yield pl.DataFrame(
                        pl.from_arrow(batch.select(columns or batch.schema.names[:1]))
                    )
            except (pa.ArrowInvalid, OSError) as error:
                raise DataError(f"{file.shown} is not a sound Arrow stream: {error}") from None

    return lazy_frame(schema, batches)


def _require_known(schema: "pa.Schema", file: File) -> None:
    """Raise DataError for the first column of a type that has no place in our columns."""
    for column in schema:
        if not _is_known(column.type):
            raise DataError(
                f"{file.shown}: column {column.name!r} is {column.type}, which cannot be read; "
                "cast it where the file is written"
            )


def _is_known(kind: "pa.DataType") -> bool:
    from pyarrow import types

    unknown = (
        types.is_interval,
        types.is_decimal256,
        types.is_union,
        types.is_list_view,
        types.is_large_list_view,
        types.is_run_end_encoded,
    )
    if any(is_kind(kind) for is_kind in unknown):
        return False
    return all(_is_known(kind.field(place).type) for place in range(kind.num_fields))
