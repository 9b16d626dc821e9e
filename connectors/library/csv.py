"""CSV and other delimited text."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from connectors.errors import ConfigError, DataError
from connectors.files.counting import count_lines
from connectors.files.delimited import Dialect, frame_of, schema_of, schemas_of
from connectors.files.destination import Columns, FileDestination, Stage
from connectors.files.growing import as_grown
from connectors.files.joining import join_bytes
from connectors.files.settings import FileSettings, FileWriteOptions, GrowingReadOptions
from connectors.files.source import FileSource
from connectors.files.streams import File, opened, to_utf8
from connectors.files.texts import iso_texts, refuse
from connectors.files.types import TypesByName, parse_types

if TYPE_CHECKING:
    import polars as pl

Packing = Literal["uncompressed", "gzip", "zstd"]
DELIMITER = "One character; a tab is written \\t."


class CsvReadOptions(GrowingReadOptions):
    """How the text is written, and what its columns are."""

    delimiter: str = Field(",", title="Delimiter", description=DELIMITER)
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
        if not self.delimiter or self.delimiter == self.quote:
            raise ValueError("`delimiter` is one character, and not the quote")
        return self


class CsvWriteOptions(FileWriteOptions):
    """How the text is written."""

    delimiter: str = Field(",", title="Delimiter", description=DELIMITER)
    header: bool = Field(default=True, title="Header")
    compression: Literal["none", "gzip", "zstd"] = Field(
        "none", title="Compression", description="Of files in a folder; a file's name says its own."
    )

    @field_validator("delimiter")
    @classmethod
    def _require_one_character(cls, text: str) -> str:
        return _one_character(text)


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

    def read(self, files: Sequence[File], options: CsvReadOptions) -> "pl.LazyFrame":
        """Return a lazy frame over the files, typed from a sample of them."""
        dialect = self._dialect(options)
        ready = [self._prepared(file, options.encoding) for file in files]
        return frame_of(ready, schema_of(ready, dialect), dialect)

    def each(self, files: Sequence[File], options: CsvReadOptions) -> "list[pl.LazyFrame]":
        """Return a frame per file, typed from a sample of all of them."""
        dialect = self._dialect(options)
        ready = [self._prepared(file, options.encoding) for file in files]
        schemas = schemas_of(ready, dialect)
        return [
            frame_of([file], schema, dialect) for file, schema in zip(ready, schemas, strict=True)
        ]

    def _dialect(self, options: CsvReadOptions) -> Dialect:
        return Dialect(
            delimiter=options.delimiter,
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
        )

    def _prepared(self, file: File, encoding: str) -> File:
        if encoding.lower().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}:
            return self.scratch.unpacked(file)
        unpacked = self.scratch.unpacked(file)
        return self.scratch.rewritten(unpacked, to_utf8(encoding, file.shown))

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
        dialect = Dialect(delimiter=options.delimiter, storage_options=self.storage_options)
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

        dialect = Dialect(delimiter=options.delimiter, storage_options=self.storage_options)
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
            separator=options.delimiter,
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


def _one_character(text: str) -> str:
    text = "\t" if text in {"\\t", "tab"} else text
    if len(text) != 1 or ord(text) > 127 or text in "\r\n":
        raise ValueError("give one ASCII character")
    return text
