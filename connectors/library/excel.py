"""Workbooks of Excel and of other spreadsheet programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, Field, field_validator

from connectors.base import (
    Access,
    Remark,
    Staging,
    Stream,
)
from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from connectors.files.delimited import compare_columns
from connectors.files.destination import Columns, FileDestination, Stage
from connectors.files.growing import as_grown
from connectors.files.locations import locate, name_parts
from connectors.files.settings import FileSettings, FileWriteOptions, GrowingReadOptions
from connectors.files.source import FileSource
from connectors.files.streams import File, chunks_of
from connectors.files.texts import refuse
from connectors.files.types import TypesByName, parse_types
from connectors.files.unions import agreeing
from connectors.files.workbooks.reading import Layout, Workbook, cast_exactly
from connectors.files.workbooks.vetting import vet
from connectors.files.workbooks.writing import (
    Writer,
    count_rows,
    demand_own,
    demand_sheet_name,
)

if TYPE_CHECKING:
    import polars as pl

SHEET = "A sheet's name, or its place from 1; the first one when empty."
BATCH_ROWS = 8192


class ExcelReadOptions(GrowingReadOptions):
    """Where the table stands in the workbook."""

    sheet: str | int | None = Field(
        None,
        title="Sheet",
        description=SHEET,
        validation_alias=AliasChoices("sheet", "sheet_name", "worksheet"),
    )
    header_row: int | None = Field(
        None,
        ge=0,
        le=1_048_576,
        title="Row of names",
        description="Counted from 1 as the program shows it; 0 for none; found when empty: the "
        "first row that is filled in more than half of the table's width.",
    )
    skip_rows: int = Field(0, ge=0, title="Rows to skip", description="Below the names.")
    types: TypesByName = {}


class ExcelWriteOptions(FileWriteOptions):
    """What the sheet is called."""

    sheet: str = Field(
        "Sheet1",
        title="Sheet",
        description="The name of the one sheet.",
        validation_alias=AliasChoices("sheet", "sheet_name", "worksheet"),
    )

    @field_validator("sheet")
    @classmethod
    def _require_a_good_name(cls, name: str) -> str:
        return demand_sheet_name(name)


class Excel(FileSource, FileDestination):
    """Sheets of workbooks."""

    name = "excel"
    label = "Excel"
    description = "Workbooks (.xlsx, .xlsm, .xls, .ods): files, folders, patterns, URLs, buckets."
    aliases = ("xlsx", "excel-extractor", "excel-loader")
    Settings = FileSettings
    ReadOptions = ExcelReadOptions
    WriteOptions = ExcelWriteOptions
    example = {"path": "${folder}/table.xlsx"}
    suffixes = (".xlsx", ".xlsm", ".xls", ".ods")
    rereads = False  # a cell tells less than a column
    evolves = True
    extends_after = False
    swells = 20

    def __init__(self, settings: FileSettings, access: Access) -> None:
        """Keep the settings; look at nothing yet."""
        super().__init__(settings, access)
        self._books: dict[str, Workbook] = {}
        self._writers: dict[str, Writer] = {}
        self._old_rows: dict[str, int] = {}
        self._faults: dict[str, int] = {}

    def discover(self) -> list[Stream]:
        """List each sheet that holds something of each workbook."""
        where = locate(self.reach.path, None, self.access)
        tables = self._tables(where)
        if not tables:
            return list(self._streams({}, ""))
        return [
            stream
            for table in tables
            for stream in self._streams({"table": table}, name_parts(table)[0])
        ]

    def read(self, files: Sequence[File], options: ExcelReadOptions) -> "pl.LazyFrame":
        """Return a lazy frame over the sheet of each file, typed from all of their cells."""
        import polars as pl

        frames = self.each(files, options)
        names = frames[0].collect_schema().names()
        for file, frame in zip(files, frames, strict=False):
            compare_columns(file, frame.collect_schema().names(), files[0], names)
        return pl.concat([frame.select(names) for frame in frames])

    def each(self, files: Sequence[File], options: ExcelReadOptions) -> "list[pl.LazyFrame]":
        """Return a frame per file; where types differ, one that holds both, or text."""
        import polars as pl

        layout = Layout(
            options.sheet, options.header_row, options.skip_rows, parse_types(options.types)
        )
        books = [(file, book) for file in files if (book := self._book(file)).named(layout.sheet)]
        if not books:
            known = ", ".join(self._book(files[0]).sheets)
            raise ConfigError(
                f"{files[0].shown} has no sheet {layout.sheet!r}; known: {known}", field="sheet"
            )
        frames = [self._kept(file, book, layout) for file, book in books]
        return agreeing(frames, lambda _name: pl.String(), are_integers_exact=True)

    def remarks(self) -> Iterable[Remark]:
        """Tell how many cells held errors."""
        for shown, count in self._faults.items():
            if count:
                yield Remark(
                    f"{shown}: {count} cells hold errors such as #N/A, and were read as null"
                )

    def _kept(self, file: File, book: Workbook, layout: Layout) -> "pl.LazyFrame":
        """Keep a sheet's rows on disk, so that only one sheet at a time is in memory."""
        import polars as pl

        rows, faults = book.table(layout)
        self._faults[file.shown] = faults
        path = self.scratch.named(f"{len(self._faults)}.arrow")
        rows.write_ipc(path, compression="lz4")
        return pl.scan_ipc(path)

    def _book(self, file: File) -> Workbook:
        if file.url not in self._books:
            suffix = name_parts(file.storage_name)[1] or self.suffixes[0]
            local = self._local(file, suffix)
            vet(local, suffix, self.access.memory)
            self._books[file.url] = Workbook(local, file.shown)
        return self._books[file.url]

    def _local(self, file: File, suffix: str) -> File:
        """Return a file of this machine, unpacked, whose name ends in its format."""
        unpacked = self.scratch.unpacked(file)
        if unpacked.store is not None or unpacked.compression is not None:
            unpacked = self.scratch.rewritten(unpacked, chunks_of)
        if unpacked.url.lower().endswith(suffix):
            return unpacked
        path = Path(unpacked.url)
        named = path.rename(path.with_name(f"{path.name}{suffix}"))
        return replace(unpacked, url=str(named))

    def _streams(self, options: dict[str, Any], stem: str) -> "Iterable[Stream]":
        files = self.files(validate(self.ReadOptions, options))
        sheets = dict.fromkeys(name for file in files for name in self._book(file).sheets)
        for sheet in sheets:
            chosen = {**options, "sheet": sheet}
            try:
                schema = self.read(files, validate(self.ReadOptions, chosen)).collect_schema()
            except DataError as error:
                if len(sheets) > 1 and "holds no rows" in error.message:
                    continue
                raise
            alone = f"{stem}_{sheet}" if len(sheets) > 1 else stem
            name = alone if stem else sheet
            yield Stream(name, dict(schema), chosen, cursors=self.cursors_of(files))

    @classmethod
    def fit(cls, schema: Mapping[str, "pl.DataType"]) -> None:
        """Refuse what a cell has no form for."""
        refuse(schema, "A sheet", "Binary", "Duration", "Object", "List", "Array", "Struct", "Map")

    def columns_of(self, file: File, options: ExcelWriteOptions) -> Columns | None:
        """Return the names in the first row; cells have types, and columns have none."""
        return dict.fromkeys(self._old(file, options).collect_schema().names())

    def write(
        self, frame: "pl.LazyFrame", stage: Stage, options: ExcelWriteOptions
    ) -> "pl.LazyFrame":
        """Return a lazy sink of cells, below the rows of a workbook that is extended."""
        schema = frame.collect_schema()
        path = self.scratch.named(f"{len(self._writers)}.xlsx")
        writer = Writer(path, self.scratch.folder, options.sheet, schema)
        self._writers[stage.file] = writer
        if stage.extended is not None:
            for batch in self._old_rows_of(stage.extended, stage, options):
                writer.put(batch.select(_like(batch[name], schema[name]) for name in schema))
        self._old_rows[stage.file] = writer.rows
        return frame.sink_batches(writer.put, chunk_size=BATCH_ROWS, maintain_order=True, lazy=True)

    def count(self, staging: Staging) -> int:
        """End the workbook, put it where it is staged, and count its rows there."""
        stage: Stage = staging.place
        writer = self._writers[stage.file]
        _deliver(writer, stage, stage.file)
        return super().count(staging)

    def rewrite(self, old: File, name: str, stage: Stage, options: ExcelWriteOptions) -> None:
        """Write a workbook anew; its cells stay the values that they are."""
        path = self.scratch.named(f"{len(self._writers)}.xlsx")
        schema = as_grown(self._old(old, options), stage.columns or {}).collect_schema()
        self._writers[name] = writer = Writer(path, self.scratch.folder, options.sheet, schema)
        for batch in self._old_rows_of(old, stage, options):
            writer.put(batch)
        _deliver(writer, stage, name)

    def count_rows(self, file: File, stage: Stage, options: Any) -> int:
        """Count the rows in the workbook that were not there before."""
        return count_rows(self._local(file, ".xlsx").url) - self._old_rows[stage.file]

    def close(self) -> None:
        """Forget workbooks that were not finished, and remove what was unpacked."""
        for writer in self._writers.values():
            writer.drop()
        self._books.clear()
        super().close()

    def _place(self, options: Any) -> Any:
        """Return where the workbook is written; only .xlsx is."""
        where = super()._place(options)
        suffix = name_parts(PurePosixPath(str(where)).name)[1]
        if suffix not in ("", self.suffixes[0]):
            raise ConfigError(f"{suffix} can be read and not written; write .xlsx", field="path")
        return where

    def _old_rows_of(
        self, old: File, stage: Stage, options: ExcelWriteOptions
    ) -> "Iterable[pl.DataFrame]":
        """Return the rows of a workbook of ours, in the columns of the stage."""
        demand_own(old, self._local(old, ".xlsx").url, options.sheet)
        frame = as_grown(self._old(old, options), stage.columns or {})
        return frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)

    def _old(self, file: File, options: ExcelWriteOptions) -> "pl.LazyFrame":
        place = {"sheet": options.sheet, "header_row": 1}
        return self.read([file], validate(ExcelReadOptions, place))


def _deliver(writer: Writer, stage: Stage, name: str) -> None:
    """End a workbook and put it where it is staged."""
    writer.close()
    with writer.path.open("rb") as source, stage.aim.keeper.writer(name) as target:
        for chunk in chunks_of(source):
            target.write(chunk)
    writer.path.unlink()


def _like(column: "pl.Series", dtype: "pl.DataType") -> "pl.Series":
    """Return old values in the type of the new ones, if all of them are such."""
    try:
        return cast_exactly(column, dtype, "")
    except DataError:
        return column
