"""Reading delimited text exactly: nothing that does not fit becomes a null on the way."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connectors.base import lazy_frame
from connectors.errors import ConfigError, DataError
from connectors.files.inference import infer
from connectors.files.objects import explain as explain_store
from connectors.files.raggedness import check_lengths, line_of_row
from connectors.files.streams import File
from connectors.files.types import conversion, name_of

if TYPE_CHECKING:
    import polars as pl

# So many files of a folder are looked into before its columns are typed.
SAMPLED_FILES = 10
# And so many rows of each at least, where all files of many are looked into.
SMALLEST_SAMPLE = 100
MISFIT = re.compile(
    r"could not parse `(?P<value>.*?)` as dtype .*? at column '(?P<column>.*)' \(", re.DOTALL
)
# Polars' words for what is wrong with a text, and ours.
MEANINGS = (
    ("not properly escaped", "a quoted field is never closed; repair it, or set `quote` to null"),
    ("CSV malformed", "a quote stands inside of a field; double it, or set `quote` to null"),
    ("utf-8", "this is not UTF-8; set `encoding`, for example cp1252"),
)


@dataclass(frozen=True)
class Dialect:
    """How the text is written, and how its columns are typed."""

    delimiter: str = ","
    quote: str | None = '"'
    has_header: bool = True
    skip_lines: int = 0
    null_values: tuple[str, ...] = ()
    is_comma_decimal: bool = False
    with_dates: bool = False
    fill_short_lines: bool = False
    infer_rows: int | None = 10_000
    types: Mapping[str, "pl.DataType"] = field(default_factory=dict)
    storage_options: Mapping[str, Any] | None = None

    def texts(self, file: File) -> "pl.LazyFrame":
        """Return a lazy frame in which every column is text."""
        return self.scan(file, {})

    def scan(self, file: File, types: Mapping[str, "pl.DataType"]) -> "pl.LazyFrame":
        """Return a lazy frame over one file whose columns are text where `types` is silent."""
        if self.quote is None or not self.has_header:
            return self._scan(file, types)
        # Polars takes the outer quotes of a name away and leaves the doubled ones in it.
        found = self._scan(file, {}).collect_schema().names()
        names = {name: name.replace(2 * self.quote, self.quote) for name in found}
        raw = {name: types[ours] for name, ours in names.items() if ours in types}
        return self._scan(file, raw).rename(names)

    def _scan(self, file: File, types: Mapping[str, "pl.DataType"]) -> "pl.LazyFrame":
        import polars as pl

        return pl.scan_csv(
            file.url,
            separator=self.delimiter,
            quote_char=self.quote,
            has_header=self.has_header,
            skip_lines=self.skip_lines,
            null_values=list(self.null_values) or None,
            decimal_comma=self.is_comma_decimal,
            glob=False,
            storage_options=None if file.store is None else dict(self.storage_options or {}),
            infer_schema=False,
            schema_overrides=types,
        )


def schema_of(files: Sequence[File], dialect: Dialect) -> dict[str, "pl.DataType"]:
    """Return names and types of the columns, from a sample of the first files, which must agree."""
    texts = [sample(file, dialect) for file in files[:SAMPLED_FILES]]
    for file, frame in zip(files, texts, strict=False):
        compare_columns(file, frame.columns, files[0], texts[0].columns)
    return _typed(texts, dialect)


def schemas_of(files: Sequence[File], dialect: Dialect) -> list[dict[str, "pl.DataType"]]:
    """Return the columns of each file, typed from samples of all of them together."""
    rows = dialect.infer_rows
    if rows is not None and len(files) > SAMPLED_FILES:
        rows = max(SMALLEST_SAMPLE, rows * SAMPLED_FILES // len(files))
    texts = [sample(file, replace(dialect, infer_rows=rows)) for file in files]
    types = _typed(texts, dialect)
    return [{name: types[name] for name in frame.columns} for frame in texts]


def _typed(texts: "Sequence[pl.DataFrame]", dialect: Dialect) -> dict[str, "pl.DataType"]:
    import polars as pl

    whole = pl.concat(texts, how="diagonal")
    unknown = [name for name in dialect.types if name not in whole.columns]
    if unknown:
        raise ConfigError(
            f"types: there is no column {unknown[0]!r}; known: {', '.join(whole.columns)}",
            field="types",
        )
    return {
        column.name: dialect.types.get(column.name)
        or infer(
            column,
            is_comma_decimal=dialect.is_comma_decimal,
            with_dates=dialect.with_dates,
        )
        for column in whole
    }


def sample(file: File, dialect: Dialect) -> "pl.DataFrame":
    """Return the first rows of a file as text."""
    try:
        frame = dialect.texts(file)
        if dialect.infer_rows is not None:
            frame = frame.head(dialect.infer_rows)
        return frame.collect()
    except Exception as error:
        raise explain(error, file, dialect) from error


def compare_columns(file: File, names: Sequence[str], first: File, known: Sequence[str]) -> None:
    """Raise DataError unless a file has the columns of the first one, in any order."""
    if set(names) != set(known):
        extra = sorted(set(names) - set(known))
        lacking = sorted(set(known) - set(names))
        raise DataError(
            f"{file.shown} has other columns than {first.shown}: "
            f"it lacks {lacking or 'none'} and adds {extra or 'none'}. "
            "Read files of one shape together, the others with a path of their own"
        )


def frame_of(
    files: Sequence[File], schema: Mapping[str, "pl.DataType"], dialect: Dialect
) -> "pl.LazyFrame":
    """Return a lazy frame over all files, one after the other."""

    def batches(columns: list[str]) -> "Iterator[pl.DataFrame]":
        for file in files:
            yield from _Reading(file, files[0], schema, dialect).batches(columns)

    return lazy_frame(schema, batches)


class _Reading:
    """One pass over one file."""

    def __init__(
        self, file: File, first: File, schema: Mapping[str, "pl.DataType"], dialect: Dialect
    ) -> None:
        self.file, self.first, self.schema, self.dialect = file, first, schema, dialect
        self.rows = 0

    def batches(self, columns: list[str]) -> "Iterator[pl.DataFrame]":
        """Yield the file's rows; whatever is wrong with them is a DataError."""
        try:
            yield from self._read(columns)
        except Exception as error:
            raise explain(error, self.file, self.dialect) from error

    def _read(self, columns: list[str]) -> "Iterator[pl.DataFrame]":
        import polars as pl

        found = {name: conversion(dtype) for name, dtype in self.schema.items()}
        converted = {name: convert for name, convert in found.items() if convert is not None}
        raw = {n: pl.String() if n in converted else dtype for n, dtype in self.schema.items()}
        frame = self.dialect.scan(self.file, raw)
        names = frame.collect_schema().names()
        compare_columns(self.file, names, self.first, list(self.schema))
        # A line that is too short shows in its last column, so that one is always read.
        last, empty_ends = names[-1], 0
        wanted = list(dict.fromkeys([*columns, last]))
        for batch in frame.select(wanted).collect_batches(maintain_order=True):
            empty_ends += batch[last].null_count()
            yield self._convert(batch, {n: converted[n] for n in wanted if n in converted})
            self.rows += batch.height
        if empty_ends and len(names) > 1 and not self.dialect.fill_short_lines:
            check_lengths(self.file, self.dialect, self.rows, len(names))

    def _convert(self, batch: "pl.DataFrame", converted: Mapping[str, Any]) -> "pl.DataFrame":
        import polars as pl

        if not converted:
            return batch
        texts = {name: self._prepared(pl.col(name), name) for name in converted}
        done = batch.with_columns(convert(texts[n]).alias(n) for n, convert in converted.items())
        for name in converted:
            lost = done[name].is_null() & batch[name].is_not_null() & (batch[name] != "")
            if lost.any():
                row = int(lost.arg_true()[0])
                line = line_of_row(self.file, self.dialect, self.rows + row)
                raise misfit(self.file, line, name, batch[name][row], self.schema[name])
        return done

    def _prepared(self, text: "pl.Expr", name: str) -> "pl.Expr":
        import polars as pl

        if self.dialect.is_comma_decimal and isinstance(self.schema[name], pl.Decimal):
            return text.str.replace(",", ".", literal=True)
        return text


def misfit(file: File, line: int | None, column: str, value: object, dtype: object) -> DataError:
    """Return what to tell about a value that its column's type does not hold."""
    shown = str(value) if len(str(value)) <= 80 else f"{str(value)[:80]}…"
    where = f"line {line}, " if line is not None else ""
    return DataError(
        f"{file.shown}, {where}column {column!r}: {shown!r} is no {name_of(dtype)}; "
        f"set `types` (for example {column!r}: 'text') or a larger `infer_rows`"
    )


def explain(error: BaseException, file: File, dialect: Dialect) -> BaseException:
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


def _finding(text: str, file: File, dialect: Dialect) -> DataError:
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
    file: File, dialect: Dialect, column: str, value: str, text: str
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
