"""CSV and other delimited text."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from connectors.base import Remark
from connectors.errors import ConfigError, DataError
from connectors.files.counting import count_lines
from connectors.files.delimited import Dialect, frame_of, schema_of, schemas_of
from connectors.files.destination import Columns, FileDestination, Stage
from connectors.files.growing import as_grown
from connectors.files.joining import join_bytes
from connectors.files.locations import name_parts
from connectors.files.rejects import Rejects, Strict
from connectors.files.salvaging import salvaged, salvaged_sample
from connectors.files.settings import FileSettings, FileWriteOptions, GrowingReadOptions
from connectors.files.source import FileSource
from connectors.files.streams import NATIVE, File, beginning, opened, to_utf8
from connectors.files.texts import iso_texts, refuse
from connectors.files.types import TypesByName, parse_types

if TYPE_CHECKING:
    import polars as pl

Packing = Literal["uncompressed", "gzip", "zstd"]
DELIMITER = (
    "One character; a tab is written \\t. When empty a comma, and a tab where the file's name says "
    ".tsv."
)


class CsvReadOptions(GrowingReadOptions):
    """How the text is written, and what its columns are."""

    delimiter: str | None = Field(None, title="Delimiter", description=DELIMITER)
    quote: str | None = Field('"', title="Quote", description="Stands around fields; or none.")
    header: bool = Field(
        default=True, title="Header", validation_alias=AliasChoices("header", "has_header")
    )
    encoding: str = Field("utf-8", title="Encoding", description="For example cp1252 or utf-16.")
    skip_rows: int = Field(0, ge=0, title="Lines to skip", description="Before the header.")
    null_values: tuple[str, ...] = Field((), title="Null values", description="As NA or -.")
    decimal_comma: bool = Field(
        default=False, title="Decimal comma", description="1,5 is one and a half."
    )
    types: TypesByName = {}
    infer_rows: int = Field(
        10_000, ge=0, title="Rows to infer from", description="Per file; 0 means all rows."
    )
    parse_dates: bool = Field(
        default=False,
        title="Infer dates",
        description="Columns of ISO dates and times get such types; text otherwise.",
        validation_alias=AliasChoices("parse_dates", "try_parse_dates"),
    )
    ragged_lines: Literal["error", "fill"] = Field(
        "error", title="Short lines", description="An error, or filled with nulls."
    )
    bad_lines: Literal["error", "reject"] = Field(
        "error",
        title="Broken lines",
        description="An error, or left out and kept beside the result, with line and reason: other "
        "numbers of fields, values that do not fit, quotes out of order, odd bytes.",
    )
    max_rejected: float | None = Field(
        None,
        ge=0,
        title="Most broken lines",
        description="A number of lines, or below 1 a share of them, beyond which the read fails.",
    )

    @field_validator("delimiter", "quote")
    @classmethod
    def _require_one_character(cls, text: str | None) -> str | None:
        return _one_character(text) if text else None

    @field_validator("encoding")
    @classmethod
    def _require_known_encoding(cls, name: str) -> str:
        try:
            "".encode(name).decode(name)
        except LookupError:
            raise ValueError(f"unknown encoding {name!r}; for example utf-8, cp1252") from None
        return name

    @model_validator(mode="after")
    def _require_a_delimiter(self) -> Self:
        if self.delimiter == "" or (self.delimiter or ",") == self.quote:
            raise ValueError("`delimiter` is one character, and not the quote")
        return self


class CsvWriteOptions(FileWriteOptions):
    """How the text is written."""

    delimiter: str | None = Field(None, title="Delimiter", description=DELIMITER)
    header: bool = Field(default=True, title="Header")
    compression: Literal["none", "gzip", "zstd"] = Field(
        "none", title="Compression", description="Of files in a folder; a file's name says its own."
    )

    @field_validator("delimiter")
    @classmethod
    def _require_one_character(cls, text: str | None) -> str | None:
        return None if text is None else _one_character(text)


class Csv(FileSource, FileDestination):
    """Text in columns, a line per row."""

    name = "csv"
    label = "CSV"
    description = "Delimited text: files, folders, patterns, URLs and buckets, also packed."
    aliases = ("csv-extractor", "csv-loader", "tsv")
    Settings = FileSettings
    ReadOptions = CsvReadOptions
    WriteOptions = CsvWriteOptions
    example = {"path": "${folder}/table.csv"}
    suffixes = (".csv", ".tsv", ".txt")
    rereads = False  # a text tells no types
    evolves = True
    packings = ("gzip", "zstd")
    _left_out: Rejects | None = None

    def read(self, files: Sequence[File], options: CsvReadOptions) -> "pl.LazyFrame":
        """Return a lazy frame over the files, typed from a sample of them."""
        dialect = self._dialect(files, options)
        ready = [self._prepared(file, options) for file in files]
        if self._is_plain(ready, options):
            return frame_of(ready, schema_of(ready, dialect), dialect)
        schema = schema_of(ready, dialect, salvaged_sample)
        return salvaged(ready, schema, dialect, self._rejects(options))

    def each(self, files: Sequence[File], options: CsvReadOptions) -> "list[pl.LazyFrame]":
        """Return a frame per file, typed from a sample of all of them."""
        dialect = self._dialect(files, options)
        ready = [self._prepared(file, options) for file in files]
        if self._is_plain(ready, options):
            pairs = zip(ready, schemas_of(ready, dialect), strict=True)
            return [frame_of([file], schema, dialect) for file, schema in pairs]
        pairs = zip(ready, schemas_of(ready, dialect, salvaged_sample), strict=True)
        rejects = self._rejects(options)
        return [salvaged([file], schema, dialect, rejects) for file, schema in pairs]

    def _is_plain(self, files: Sequence[File], options: CsvReadOptions) -> bool:
        """Whether Polars may read the files by itself; it unpacks without any limit."""
        return options.bad_lines == "error" and not any(file.compression for file in files)

    def remarks(self) -> Iterable[Remark]:
        """Yield how many lines were left out."""
        return () if self._left_out is None else self._left_out.remarks()

    def _rejects(self, options: CsvReadOptions) -> Rejects:
        if options.bad_lines == "error":
            return Strict(None)
        self._left_out = Rejects(self.access.rejects, options.max_rejected)
        return self._left_out

    def about_rows(self, files: Sequence[File], options: CsvReadOptions) -> int | None:
        """Return the size of the files over that of the lines in the beginning of the first."""
        if files[0].compression not in NATIVE:
            return None
        head, size = beginning(files[0])
        lines = count_lines(io.BytesIO(head), (options.quote or "").encode() or None)
        growth = size / max(files[0].size, 1)
        return round(sum(file.size for file in files) * growth / max(len(head), 1) * lines)

    def _dialect(self, files: Sequence[File], options: CsvReadOptions) -> Dialect:
        return Dialect(
            delimiter=options.delimiter or _delimiter(files[0].storage_name),
            quote=options.quote,
            has_header=options.header,
            skip_lines=options.skip_rows,
            null_values=options.null_values,
            is_comma_decimal=options.decimal_comma,
            with_dates=options.parse_dates,
            fill_short_lines=options.ragged_lines == "fill",
            infer_rows=options.infer_rows or None,
            types=parse_types(options.types),
            storage_options=self.storage_options,
            encoding=options.encoding,
        )

    def _prepared(self, file: File, options: CsvReadOptions) -> File:
        unpacked = self.scratch.unpacked(file)
        if options.encoding.lower().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}:
            return unpacked
        is_strict = options.bad_lines == "error"
        translate = to_utf8(options.encoding, file.shown, is_strict=is_strict)
        return self.scratch.rewritten(unpacked, translate)

    def inside(self, options: CsvWriteOptions) -> tuple[str, str | None]:
        """Return suffix and packing of the data files in a folder."""
        return ".csv", None if options.compression == "none" else options.compression

    @classmethod
    def fit(cls, schema: Mapping[str, "pl.DataType"]) -> None:
        """Refuse lists, structs, bytes and durations, which text in columns has no form for."""
        refuse(schema, "CSV", "Binary", "Duration", "Object", "List", "Array", "Struct", "Map")

    def columns_of(self, file: File, options: CsvWriteOptions) -> Columns | None:
        """Return the names in the first line; the text does not say types."""
        if not options.header:
            if options.evolve:
                raise ConfigError(
                    f"{file.shown} has no header, so its columns have no names and cannot grow; "
                    "write with a header, or leave `evolve` out",
                    field="header",
                )
            return None
        delimiter = options.delimiter or _delimiter(file.storage_name)
        dialect = Dialect(delimiter=delimiter, storage_options=self.storage_options)
        try:
            return dict.fromkeys(dialect.texts(file).collect_schema().names())
        except Exception as error:
            raise DataError(f"{file.shown} cannot be appended to: {error}") from error

    def write(
        self, frame: "pl.LazyFrame", stage: Stage, options: CsvWriteOptions
    ) -> "pl.LazyFrame":
        """Return a lazy sink; null is an empty field, an empty text is quoted."""
        is_headed = options.header and stage.extended is None
        packing = stage.aim.packing
        return self._sink(iso_texts(frame), stage.url, options, packing, is_headed=is_headed)

    def rewrite(self, old: File, name: str, stage: Stage, options: CsvWriteOptions) -> None:
        """Write a file anew; its fields stay the very texts that they are."""
        import polars as pl

        delimiter = options.delimiter or _delimiter(stage.file)
        dialect = Dialect(delimiter=delimiter, storage_options=self.storage_options)
        frame = as_grown(dialect.texts(self.scratch.unpacked(old)), stage.columns or {})
        packing: Any = old.compression or "uncompressed"
        url = stage.aim.keeper.url(name)
        pl.collect_all(
            [self._sink(frame, url, options, packing, is_headed=True)], engine="streaming"
        )

    def _sink(
        self,
        frame: "pl.LazyFrame",
        url: str,
        options: CsvWriteOptions,
        packing: "Packing",
        *,
        is_headed: bool,
    ) -> "pl.LazyFrame":
        return frame.sink_csv(
            url,
            include_header=is_headed,
            separator=options.delimiter or _delimiter(url),
            compression=packing,
            check_extension=False,
            storage_options=self.storage_options,
            lazy=True,
        )

    def count_rows(self, file: File, stage: Stage, options: CsvWriteOptions) -> int:
        """Count the lines that are not inside of quotes."""
        with opened(file) as stream:
            lines = count_lines(stream, b'"')
        return lines - int(options.header and stage.extended is None)

    def finish(self, stage: Stage, options: CsvWriteOptions) -> None:
        """Put the old text before the new one, byte by byte."""
        if stage.extended is not None:
            join_bytes(stage)


def _delimiter(name: str) -> str:
    """Return what stands between fields, as far as a file's name tells."""
    return "\t" if name_parts(name.rpartition("/")[2])[1] == ".tsv" else ","


def _one_character(text: str) -> str:
    text = "\t" if text in {"\\t", "tab"} else text
    if len(text) != 1 or ord(text) > 127 or text in "\r\n":
        raise ValueError("give one ASCII character")
    return text
