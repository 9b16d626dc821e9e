"""What is wrong with a delimited text, in our words, with file and line."""

import re
from typing import TYPE_CHECKING

from connectors.errors import DataError
from connectors.files.objects import explain as explain_store
from connectors.files.raggedness import check_lengths, line_of_row
from connectors.files.streams import File
from connectors.files.types import name_of

if TYPE_CHECKING:
    from connectors.files.delimited import Dialect

MISFIT = re.compile(
    r"could not parse `(?P<value>.*?)` as dtype .*? at column '(?P<column>.*)' \(", re.DOTALL
)
# Polars' words for what is wrong with a text, and ours.
MEANINGS = (
    ("not properly escaped", "a quoted field is never closed; repair it, or set `quote` to null"),
    ("CSV malformed", "a quote stands inside of a field; double it, or set `quote` to null"),
    ("utf-8", "this is not UTF-8; set `encoding`, for example cp1252"),
)


def misfit(file: File, line: int | None, column: str, value: object, dtype: object) -> DataError:
    """Return what to tell about a value that its column's type does not hold."""
    shown = str(value) if len(str(value)) <= 80 else f"{str(value)[:80]}…"
    where = f"line {line}, " if line is not None else ""
    return DataError(
        f"{file.shown}, {where}column {column!r}: {shown!r} is no {name_of(dtype)}; "
        f"set `types` (for example {column!r}: 'text') or a larger `infer_rows`"
    )


def explain(error: BaseException, file: File, dialect: "Dialect") -> BaseException:
    """Say in our words, with file and line, what went wrong while a text was read."""
    from polars import exceptions

    if file.store is not None and (known := explain_store(error, file.shown)) is not error:
        return known
    if isinstance(error, exceptions.NoDataError):
        return DataError(f"{file.shown} is empty; not even a line with names is there")
    if isinstance(error, OSError) and error.errno is None and file.compression:
        return DataError(f"{file.shown} is not a sound {file.compression} file: {error}")
    return (
        _finding(str(error), file, dialect) if isinstance(error, exceptions.ComputeError) else error
    )


def _finding(text: str, file: File, dialect: "Dialect") -> DataError:
    """Return what Polars found wrong with a text."""
    found = MISFIT.search(text)
    if found and MEANINGS[0][0] not in text:
        return _misfit_somewhere(file, dialect, found["column"], found["value"], text)
    if "more fields than" in text:
        try:
            check_lengths(file, dialect, None, None)
        except DataError as finding:
            return finding
    meaning = next((ours for theirs, ours in MEANINGS if theirs in text), text.splitlines()[0])
    return DataError(f"{file.shown}: {meaning}")


def _misfit_somewhere(
    file: File, dialect: "Dialect", column: str, value: str, text: str
) -> DataError:
    """Find the first line that holds a value which Polars only names."""
    import polars as pl

    dtype = text.partition("as dtype `")[2].partition("`")[0]
    plain = value.removeprefix('"').removesuffix('"').replace('""', '"')
    fits = pl.col(column).is_in([value, plain])
    number = f"row of {column}"
    rows = dialect.texts(file).select(column).with_row_index(number).filter(fits)
    first = rows.head(1).collect()
    line = line_of_row(file, dialect, int(first[number][0])) if first.height else None
    return misfit(file, line, column, plain, dtype)
