"""One sheet as a typed frame: each column gets the narrowest type that holds all of its cells."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError, DataError
from connectors.files.inference import EXACT_INTEGER
from connectors.files.streams import File
from connectors.files.types import conversion, name_of
from connectors.files.unions import cast
from connectors.files.workbooks.vetting import broken

if TYPE_CHECKING:
    import fastexcel
    import polars as pl

# The reader warns of every column that is empty.
logging.getLogger("fastexcel").setLevel(logging.ERROR)

# A header that is not named is looked for in so many rows.
LOOK_ROWS = 30
# What a cell of a time only is, as a moment: the day before the first one.
NO_DAY = (1899, 12, 31)
MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$"
WITH_TIME = r"^\d{4}-\d{2}-\d{2}T"
UNTYPABLE = re.compile(r"could not determine dtype for column (.+?)\s*$", re.DOTALL)
UNNAMED = "__UNNAMED__"


@dataclass(frozen=True)
class Layout:
    """Where the table stands in a sheet, and the types that a person named for its columns."""

    sheet: str | int | None = None
    header_row: int | None = None
    skip_rows: int = 0
    types: Mapping[str, "pl.DataType"] = field(default_factory=dict)


class Workbook:
    """An open workbook; whatever is wrong with it is a DataError."""

    def __init__(self, file: File, shown: str) -> None:
        """Open a vetted file of this machine, whose name ends as its format demands."""
        import fastexcel

        self.shown = shown
        with telling(file):
            self._reader = fastexcel.read_excel(file.url)
        self._file = file

    @property
    def sheets(self) -> list[str]:
        """Return the names of all sheets, hidden ones too."""
        return list(self._reader.sheet_names)

    def named(self, sheet: str | int | None) -> str | None:
        """Return the name of a sheet (by name, by place from 1, the first), None without one."""
        names = self.sheets
        if sheet is None:
            return names[0] if names else None
        if isinstance(sheet, int):
            return names[sheet - 1] if 0 < sheet <= len(names) else None
        return sheet if sheet in names else None

    def table(self, layout: Layout) -> "tuple[pl.DataFrame, int]":
        """Return a sheet's rows and how many cells held errors, which became null."""
        name = self.named(layout.sheet)
        if name is None:
            raise ConfigError(
                f"{self.shown} has no sheet {layout.sheet!r}; known: {', '.join(self.sheets)}",
                field="sheet",
            )
        with telling(self._file):
            return _Sheet(self._reader, name, self.shown, layout).table()


class telling:  # noqa: N801 -- a context, called like a function
    """Turn what the parser raises into a DataError."""

    def __init__(self, file: File) -> None:
        """Keep whom to name."""
        self._file = file

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Reword errors of the parser, its panics too."""
        import fastexcel

        panicked = type(error).__name__ == "PanicException"
        if panicked or isinstance(error, fastexcel.FastExcelError):
            raise broken(self._file, error) from None


class _Sheet:
    """One pass over one sheet."""

    def __init__(self, reader: Any, name: str, shown: str, layout: Layout) -> None:
        self._reader, self._name, self._layout = reader, name, layout
        self.shown = f"{shown}, sheet {name!r}"
        self._place: dict[str, Any] = {}
        self._errors = 0

    def table(self) -> "tuple[pl.DataFrame, int]":
        self._place = self._found_place()
        sheet, exact = self._loaded()
        frame = self._frame_of(sheet)
        names = self._names(sheet, frame)
        if not exact:
            frame = self._with_mixed_columns(frame)
        import polars as pl

        rows = (
            frame.filter(~pl.all_horizontal(pl.all().is_null())).select(list(names)).rename(names)
        )
        natural = rows.select(_natural(column) for column in rows)
        return self._typed(natural), self._errors

    def _found_place(self) -> dict[str, Any]:
        header, skipped = self._layout.header_row, self._layout.skip_rows
        if header is None:
            header = self._found_header() + 1
        if header == 0:
            return {"header_row": None, "skip_rows": skipped}
        return {"header_row": header - 1, "skip_rows": skipped or None}

    def _found_header(self) -> int:
        """Return the first row that is filled in more than half of the table's width, from 0."""
        first = self._reader.load_sheet(
            self._name, header_row=None, skip_rows=0, n_rows=LOOK_ROWS, dtypes="string"
        )
        filled = [sum(cell is not None for cell in row) for row in first.to_polars().rows()]
        widest = max(filled, default=0)
        if not widest:
            raise DataError(f"{self.shown} holds no rows, so its columns are unknown")
        return next(place for place, count in enumerate(filled) if count * 2 > widest)

    def _loaded(self, **options: Any) -> "tuple[fastexcel.ExcelSheet, bool]":
        """Load the sheet; where a column holds several kinds, say that types were only guessed."""
        import fastexcel

        kept: dict[str, Any] = {**self._place, "schema_sample_rows": None, **options}
        try:
            return self._reader.load_sheet(self._name, dtype_coercion="strict", **kept), True
        except fastexcel.UnsupportedColumnTypeCombinationError:
            texts: dict[str, str] = {}
        while True:
            try:
                return self._reader.load_sheet(self._name, dtypes=texts or None, **kept), False
            except fastexcel.UnsupportedColumnTypeCombinationError as error:
                found = UNTYPABLE.search(str(error))
                if found is None or found[1] in texts:
                    raise
                texts[found[1]] = "string"

    def _frame_of(self, sheet: "fastexcel.ExcelSheet") -> "pl.DataFrame":
        import polars as pl

        batch, faults = sheet.to_arrow_with_errors()
        found = () if faults is None else faults.errors
        self._errors = sum("Error(" in fault.detail for fault in found)
        if not batch.num_columns:
            raise DataError(f"{self.shown} holds no rows, so its columns are unknown")
        return pl.DataFrame(pl.from_arrow(batch))

    def _names(self, sheet: "fastexcel.ExcelSheet", frame: "pl.DataFrame") -> dict[str, str]:
        """Return what each column is called; one without name and values is none."""
        columns = sheet.selected_columns
        if self._place["header_row"] is not None and all(
            column.column_name_from == "generated" for column in columns
        ):
            raise DataError(
                f"{self.shown}: row {self._place['header_row'] + 1} holds no names; set `header_row`"
            )
        names: dict[str, str] = {}
        for column in columns:
            if column.column_name_from != "generated":
                names[column.name] = column.name
            elif frame[column.name].null_count() < frame.height or not frame.height:
                names[column.name] = _free(f"column_{column.absolute_index + 1}", frame.columns)
        return names

    def _with_mixed_columns(self, frame: "pl.DataFrame") -> "pl.DataFrame":
        """Repair what the parser guesses of columns with several kinds of cells."""
        import polars as pl

        # It takes TRUE for 1 among numbers.
        doubtful = [c.name for c in frame if c.dtype.is_numeric() and ((c == 0) | (c == 1)).any()]
        if doubtful:
            texts = self._again(doubtful, "string")
            for name in doubtful:
                if texts[name].is_in(["true", "false"]).any():
                    frame = frame.with_columns(texts[name])
        # And a moment among texts loses that it was one.
        dated = [c.name for c in frame if c.dtype == pl.String and c.str.contains(MOMENT).any()]
        if dated:
            real, moments = self._again(dated, "duration"), self._again(dated, "datetime")
            frame = frame.with_columns(
                pl.when(real[name].is_not_null())
                .then(_iso(moments[name], frame[name]))
                .otherwise(frame[name])
                .alias(name)
                for name in dated
            )
        return frame

    def _again(self, columns: Sequence[str], dtype: str) -> "pl.DataFrame":
        import polars as pl

        sheet = self._reader.load_sheet(
            self._name, **self._place, use_columns=list(columns), dtypes=dtype
        )
        return pl.DataFrame(pl.from_arrow(sheet.to_arrow()))

    def _typed(self, frame: "pl.DataFrame") -> "pl.DataFrame":
        """Give columns the types that a person named; what does not fit is a DataError."""
        unknown = [name for name in self._layout.types if name not in frame.columns]
        if unknown:
            raise ConfigError(
                f"types: there is no column {unknown[0]!r}; known: {', '.join(frame.columns)}",
                field="types",
            )
        return frame.with_columns(
            cast_exactly(frame[name], dtype, self.shown)
            for name, dtype in self._layout.types.items()
        )


def cast_exactly(column: "pl.Series", dtype: "pl.DataType", shown: str) -> "pl.Series":
    """Return the column in another type; raise DataError for a value that the type does not hold."""
    import polars as pl

    if column.dtype == dtype:
        return column
    texts = column.to_frame().select(cast(column.name, column.dtype, pl.String())).to_series()
    if dtype == pl.String:
        return texts
    convert = conversion(dtype) or (lambda text: text.cast(dtype, strict=False))
    done = texts.to_frame("").select(convert(pl.col(""))).to_series().alias(column.name)
    if (lost := done.is_null() & texts.is_not_null() & (texts != "")).any():
        value = texts.filter(lost)[0]
        raise DataError(
            f"{shown}, column {column.name!r}: {value!r} is no {name_of(dtype)}; set `types` "
            f"(for example {column.name!r}: 'text')"
        )
    return done


def _natural(column: "pl.Series") -> "pl.Series":
    """Narrow what the format has no type for: whole numbers, days, times of a day."""
    import polars as pl

    if column.null_count() == len(column):
        return column.cast(pl.Null)
    if column.dtype.is_float():
        is_whole = (column == column.floor()) & (column.abs() <= EXACT_INTEGER)
        return column.cast(pl.Int64) if is_whole.drop_nulls().all() else column
    if column.dtype == pl.Datetime:
        return _moments(column)
    return column


def _moments(column: "pl.Series") -> "pl.Series":
    import datetime as dt

    if (column.dt.date() == dt.date(*NO_DAY)).drop_nulls().all():
        return column.dt.time()
    if (column.dt.time() == dt.time()).drop_nulls().all():
        return column.dt.date()
    return column


def _iso(moments: "pl.Series", texts: "pl.Series") -> "pl.Series":
    """Return moments as ISO text: times without a day, days where no moment has a time."""
    import datetime as dt

    import polars as pl

    date, time = moments.dt.date(), moments.dt.time()
    is_time = date == dt.date(*NO_DAY)
    has_times = (~is_time & (time != dt.time())).any() or texts.str.contains(WITH_TIME).any()
    whole = moments.dt.to_string("iso:strict") if has_times else date.dt.to_string("iso")
    return pl.select(
        pl.when(is_time).then(time.dt.to_string("iso")).otherwise(whole).alias(moments.name)
    ).to_series()


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
