"""JSON: an object per line, or an array of objects."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from connectors.files import documents
from connectors.files.counting import count_lines
from connectors.files.destination import Columns, FileDestination, Stage
from connectors.files.growing import with_nulls, write_rows
from connectors.files.joining import into_array, join_bytes, packing
from connectors.files.settings import FileSettings, FileWriteOptions, GrowingReadOptions
from connectors.files.source import FileSource
from connectors.files.streams import NATIVE, File, beginning, opened
from connectors.files.texts import iso_texts, only_finite, refuse
from connectors.files.types import TypesByName, parse_types

if TYPE_CHECKING:
    import polars as pl


# So many rows tell how long a row is.
MEASURED_ROWS = 1000


class JsonReadOptions(GrowingReadOptions):
    """What the columns are."""

    types: TypesByName = {}
    infer_rows: int = Field(
        10_000, ge=0, title="Rows to infer from", description="Per file; 0 means all rows."
    )


class JsonWriteOptions(FileWriteOptions):
    """How the text is laid out."""

    layout: Literal["lines", "array"] | None = Field(
        None,
        title="Layout",
        description="An object per line, or an array; when empty `.json` is an array, "
        "`.ndjson`, `.jsonl` and the files of a folder are lines.",
    )
    compression: Literal["none", "gzip", "zstd"] = Field(
        "none", title="Compression", description="Of files in a folder; a file's name says its own."
    )


class Json(FileSource, FileDestination):
    """Rows as JSON objects, nested values included."""

    name = "json"
    label = "JSON"
    description = "JSON lines and arrays: files, folders, patterns, URLs and buckets, also packed."
    aliases = ("ndjson", "jsonl", "json-extractor", "json-loader")
    Settings = FileSettings
    ReadOptions = JsonReadOptions
    WriteOptions = JsonWriteOptions
    example = {"path": "${folder}/table.ndjson"}
    suffixes = (".ndjson", ".jsonl", ".json")
    rereads = False  # a text tells no types
    evolves = True
    packings = ("gzip", "zstd")

    def read(self, files: Sequence[File], options: JsonReadOptions) -> "pl.LazyFrame":
        """Return a lazy frame over the files, typed from a sample of them."""
        layout = documents.Layout(options.infer_rows or None, parse_types(options.types))
        unpacked = [self.scratch.unpacked(file) for file in files]
        columns = documents.columns_in(unpacked[: documents.SAMPLED_FILES], layout)
        ready = [documents.prepared(file, columns, self.scratch) for file in unpacked]
        return documents.frame_of(ready, columns, self.scratch)

    def each(self, files: Sequence[File], options: JsonReadOptions) -> "list[pl.LazyFrame]":
        """Return a frame per file, all with the columns that a sample of all files has."""
        layout = documents.Layout(options.infer_rows or None, parse_types(options.types))
        unpacked = [self.scratch.unpacked(file) for file in files]
        columns = documents.columns_in(unpacked, layout)
        ready = [documents.prepared(file, columns, self.scratch) for file in unpacked]
        return [documents.frame_of([file], columns, self.scratch) for file in ready]

    def about_rows(self, files: Sequence[File], options: JsonReadOptions) -> int | None:
        """Return the size of the files over that of the first rows of the first one."""
        if files[0].compression not in NATIVE:
            return None
        _, size = beginning(files[0])
        with closing(documents.rows_in(files[0])) as rows:
            lengths = [len(row) + 1 for row in islice(rows, MEASURED_ROWS)]
        growth = size / max(files[0].size, 1)
        total = sum(file.size for file in files)
        return round(total * growth * len(lengths) / max(sum(lengths), 1))

    def inside(self, options: JsonWriteOptions) -> tuple[str, str | None]:
        """Return suffix and packing of the data files in a folder."""
        suffix = ".json" if options.layout == "array" else ".ndjson"
        return suffix, None if options.compression == "none" else options.compression

    @classmethod
    def fit(cls, schema: Mapping[str, "pl.DataType"]) -> None:
        """Refuse bytes, for which JSON has no form."""
        refuse(schema, "JSON", "Binary", "Object")

    def columns_of(self, file: File, options: Any) -> Columns | None:
        """Return the names in the first rows; their types may vary from row to row."""
        if next(documents.rows_in(file), None) is None:
            return None
        return dict.fromkeys(documents.columns_in([file], documents.Layout()).schema)

    def write(
        self, frame: "pl.LazyFrame", stage: Stage, options: JsonWriteOptions
    ) -> "pl.LazyFrame":
        """Return a lazy sink of lines; an array is made of them at the end."""
        return only_finite(iso_texts(frame)).sink_ndjson(
            stage.url,
            compression="uncompressed" if _is_array(stage, options) else stage.aim.packing,
            check_extension=False,
            storage_options=self.storage_options,
            lazy=True,
        )

    def rewrite(self, old: File, name: str, stage: Stage, options: JsonWriteOptions) -> None:
        """Write a file anew; its values stay as they are written."""
        rows = with_nulls(documents.rows_in(old), stage.growth.added)
        with stage.aim.keeper.writer(name) as raw, packing(raw, old.compression) as target:
            write_rows(rows, target, is_array=_is_array(stage, options))

    def count_rows(self, file: File, stage: Stage, options: JsonWriteOptions) -> int:
        """Count the lines; in JSON no value holds a line break."""
        plain = replace(file, compression=None) if _is_array(stage, options) else file
        with opened(plain) as stream:
            return count_lines(stream)

    def finish(self, stage: Stage, options: JsonWriteOptions) -> None:
        """Make an array of the lines, or put the old lines before the new ones."""
        if _is_array(stage, options):
            into_array(stage)
        elif stage.extended is not None:
            join_bytes(stage)


def _is_array(stage: Stage, options: JsonWriteOptions) -> bool:
    layout = options.layout or ("array" if stage.aim.suffix == ".json" else "lines")
    return layout == "array"
