"""Rows as cells of one sheet, each as exact as a cell can be, and nothing that could be run."""

import contextlib
import datetime as dt
import math
import re
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from connectors.errors import ConfigError, DataError
from connectors.files.streams import File, chunks_of

if TYPE_CHECKING:
    import polars as pl

# What a sheet holds, by its format.
ROWS, COLUMNS, LETTERS = 1_048_576, 16_384, 32_767
# A number of so many digits is the same in every program; more are kept as text.
DIGITS = 15
# Days before are counted wrongly by one (1900 was no leap year) or not at all.
FIRST_DAY = dt.date(1900, 3, 1)
EPOCH = dt.date(1899, 12, 30)
DAY = 86_400_000
# A text that a program may take for a formula, once somebody edits the cell.
ACTIVE = ("=", "+", "-", "@", "\t", "\r")
BAD_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Written into the workbook, so that only our own are extended.
CREATOR = "Millrace"
ROW_TAG = b"<row "

# Milliseconds between the first day of sheets and 1970, and to the end of the last day.
EPOCH_MS, END_MS = 25_569 * DAY, 2_958_466 * DAY
# Units of time in a millisecond.
STEPS = {"ns": 1_000_000, "us": 1000, "ms": 1}

Put = Callable[[int, int, Any], Any]


def demand_sheet_name(name: str) -> str:
    """Return the name of a sheet, or raise ValueError for one that programs refuse."""
    if not 0 < len(name) <= 31 or BAD_NAME.search(name) or name[0] == "'" or name[-1] == "'":
        raise ValueError(
            f"{name!r} is not the name of a sheet: 1 to 31 characters without []:*?/\\ and no "
            "apostrophe at an end"
        )
    if name.lower() == "history":
        raise ValueError("'History' is a name that Excel keeps for itself")
    return name


class Writer:
    """A workbook with one sheet on its way, row by row, in a temporary file of constant memory."""

    def __init__(
        self, path: Path, scratch: Path, sheet: str, schema: "Mapping[str, pl.DataType]"
    ) -> None:
        """Begin a workbook with its header; raise DataError for columns that a sheet cannot hold."""
        from connectors.files.workbooks.cells import Workbook

        if len(schema) > COLUMNS:
            raise DataError(
                f"A sheet holds {COLUMNS:,} columns, and there are {len(schema):,}; select fewer"
            )
        self.path, self.rows, self._columns = path, 0, list(schema)
        scratch.mkdir(parents=True, exist_ok=True)
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(scratch),
            },
        )
        self._book.set_properties({"author": CREATOR})
        self._sheet = self._book.add_worksheet(sheet)
        self._formats = {
            name: self._book.add_format(options)
            for name, options in {
                "header": {"bold": True, "bottom": 1, "quote_prefix": True},
                "active": {"quote_prefix": True},
                "date": {"num_format": "yyyy-mm-dd"},
                "moment": {"num_format": "yyyy-mm-dd hh:mm:ss.000"},
                "time": {"num_format": "hh:mm:ss.000"},
            }.items()
        }
        self._sheet.freeze_panes(1, 0)
        for place, name in enumerate(schema):
            self._demand_short(name, name)
            self._sheet.write_string(0, place, name, self._formats["header"])

    def put(self, batch: "pl.DataFrame") -> None:
        """Write the rows of a batch below those before."""
        if self.rows + batch.height > ROWS - 1:
            raise DataError(
                f"A sheet holds {ROWS - 1:,} rows below its header, and there are more; filter "
                "them, or write CSV or Parquet"
            )
        puts, values = zip(*(self._column(batch[name]) for name in self._columns), strict=True)
        for row in zip(*values, strict=True):
            self.rows += 1
            is_empty = True
            for column, value in enumerate(row):
                if value is not None:
                    is_empty = False
                    puts[column](self.rows, column, value)
            if is_empty:
                # Without a cell the row would not be there to be counted.
                self._sheet.write_blank(self.rows, 0, None, self._formats["date"])

    def close(self) -> None:
        """Write the workbook; a second call does nothing."""
        if not self._book.fileclosed:
            self._book.close()

    def drop(self) -> None:
        """Forget the workbook, so that it is not written when it is freed."""
        self._book.fileclosed = True
        # What it could not write to a full disk is not missed.
        with contextlib.suppress(OSError):
            self._sheet.row_data_fh.close()

    def _column(self, values: "pl.Series") -> tuple[Put, list[Any]]:
        """Return how the values of a column become cells, and the values."""
        import polars as pl

        name, dtype = values.name, values.dtype
        if dtype.is_integer():
            return self._integer, values.to_list()
        if dtype.is_float():
            return partial(self._float, name=name), values.to_list()
        if isinstance(dtype, pl.Decimal):
            return self._decimal, values.to_list()
        if dtype == pl.Boolean:
            return self._sheet.write_boolean, values.to_list()
        for kind, form in ((pl.Date, "date"), (pl.Datetime, "moment"), (pl.Time, "time")):
            if dtype == kind:
                return partial(self._serial, form=self._formats[form]), serials(values)
        return partial(self._text, name=name), values.cast(pl.String).to_list()

    def _text(self, row: int, column: int, value: str, name: str = "") -> None:
        if len(value) > LETTERS // 2:
            self._demand_short(value, name)
        form = self._formats["active"] if value.startswith(ACTIVE) else None
        self._sheet.write_string(row, column, value, form)

    def _demand_short(self, value: str, name: str) -> None:
        if len(value.encode("utf-16-le")) // 2 > LETTERS:
            raise DataError(
                f"Column {name[:80]!r} holds a text of more than {LETTERS:,} characters, which "
                "no cell does; shorten it, or write CSV or Parquet"
            )

    def _integer(self, row: int, column: int, value: int) -> None:
        if abs(value) < 10**DIGITS:
            self._sheet.write_number(row, column, value)
        else:
            self._text(row, column, str(value))

    def _float(self, row: int, column: int, value: float, name: str) -> None:
        if not math.isfinite(value):
            raise DataError(
                f"A sheet has no NaN and no infinity, and column {name!r} holds some; replace "
                "them first"
            )
        self._sheet.write_number(row, column, value)

    def _decimal(self, row: int, column: int, value: Decimal) -> None:
        digits = len(value.normalize().as_tuple().digits)
        if digits <= DIGITS and abs(value) < 10**DIGITS:
            self._sheet.write_number(row, column, float(value))
        else:
            self._text(row, column, str(value))

    def _serial(self, row: int, column: int, value: float | str, form: Any) -> None:
        """Write a moment as a real one if it is exact there, and as ISO text if it is not."""
        if isinstance(value, str):
            self._sheet.write_string(row, column, value)
        else:
            self._sheet.write_number(row, column, value, form)


def serials(values: "pl.Series") -> list[float | str | None]:
    """Return days, moments and times as a sheet counts them, in days; as text what it cannot.

    Cells are exact to the millisecond, know no zones, and no day before March 1900.
    """
    import polars as pl

    dtype = values.dtype
    if dtype == pl.Time:
        nanoseconds, first = values.cast(pl.Int64), 0
        text = values.dt.to_string("iso")
    else:
        first = (FIRST_DAY - EPOCH).days * DAY
        moments = values if isinstance(dtype, pl.Datetime) else values.cast(pl.Datetime("ms"))
        text = values.dt.to_string("iso" if dtype == pl.Date else "iso:strict")
        if getattr(dtype, "time_zone", None) is not None:
            return list(text)
        nanoseconds = moments.cast(pl.Int64)
    step = STEPS["ns" if dtype == pl.Time else getattr(dtype, "time_unit", "ms")]
    count = nanoseconds // step + (0 if dtype == pl.Time else EPOCH_MS)
    exact = (nanoseconds % step == 0) & (count >= first) & (count < END_MS)
    return [
        where / DAY if is_exact else other
        for where, is_exact, other in zip(count, exact, text, strict=True)
    ]


def count_rows(path: str) -> int:
    """Return how many rows the sheet of one of our workbooks holds below its header."""
    with zipfile.ZipFile(path) as archive, archive.open("xl/worksheets/sheet1.xml") as stream:
        total, rest = 0, b""
        for chunk in chunks_of(stream):
            text = rest + chunk
            total += text.count(ROW_TAG)
            rest = text[-len(ROW_TAG) + 1 :]
    return total - 1


def demand_own(file: File, path: str, sheet: str) -> None:
    """Raise ConfigError for a workbook that an append would rewrite and is not one of ours."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        said = archive.read("docProps/core.xml") if "docProps/core.xml" in names else b""
        sheets = [name for name in names if name.startswith("xl/worksheets/sheet")]
        book = archive.read("xl/workbook.xml") if "xl/workbook.xml" in names else b""
    if f"<dc:creator>{CREATOR}</dc:creator>".encode() not in said or len(sheets) != 1:
        raise ConfigError(
            f"{file.shown} was not written by Millrace alone, and appending rewrites a workbook "
            "with nothing but its rows; choose 'replace', or a path without .xlsx for a folder",
            field="path",
        )
    if f'name="{escape(sheet, {chr(34): "&quot;"})}"'.encode() not in book:
        raise ConfigError(
            f"{file.shown} holds no sheet {sheet!r} to append to; name the one that is there",
            field="sheet",
        )
