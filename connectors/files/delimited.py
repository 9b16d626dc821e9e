"""Reading delimited text exactly: nothing that does not fit becomes a null on the way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connectors.base import lazy_frame
from connectors.errors import ConfigError, DataError
from connectors.files.converting import Converting, lost
from connectors.files.findings import explain, misfit
from connectors.files.inference import infer
from connectors.files.raggedness import check_lengths, line_of_row
from connectors.files.streams import File

if TYPE_CHECKING:
    import polars as pl

# So many files of a folder are looked into before its columns are typed.
SAMPLED_FILES = 10
# And so many rows of each at least, where all files of many are looked into.
SMALLEST_SAMPLE = 100


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
    encoding: str = "utf-8"

    def names(self, first: bytes) -> list[str]:
        """Return the names of the columns, from the first line of a text."""
        names = self._scan(first, None, {}, skip_lines=0).collect_schema().names()
        if self.quote is None or not self.has_header:
            return names
        return [name.replace(2 * self.quote, self.quote) for name in names]

    def parse(
        self,
        text: bytes,
        names: Sequence[str],
        columns: Sequence[str],
        types: Mapping[str, "pl.DataType"],
        *,
        ignore_errors: bool = False,
    ) -> "pl.DataFrame":
        """Return some columns of lines without a header; text where `types` is silent."""
        import polars as pl

        # A header of ours says how many fields there are, whatever the first line has.
        inner = {name: f"_{place}" for place, name in enumerate(names)}
        header = self.delimiter.join(inner.values()).encode() + b"\n"
        rows = pl.read_csv(
            header + text,
            columns=[inner[name] for name in columns],
            separator=self.delimiter,
            quote_char=self.quote,
            null_values=list(self.null_values) or None,
            decimal_comma=self.is_comma_decimal,
            schema={short: types.get(name, pl.String()) for name, short in inner.items()},
            ignore_errors=ignore_errors,
        )
        return rows.select(pl.col(inner[name]).alias(name) for name in columns)

    def texts(self, file: File) -> "pl.LazyFrame":
        """Return a lazy frame in which every column is text."""
        return self.scan(file, {})

    def scan(self, file: File, types: Mapping[str, "pl.DataType"]) -> "pl.LazyFrame":
        """Return a lazy frame over one file whose columns are text where `types` is silent."""
        skipped = self.skip_lines
        if self.quote is None or not self.has_header:
            return self._scan(file.url, file.store, types, skip_lines=skipped)
        # Polars takes the outer quotes of a name away and leaves the doubled ones in it.
        found = self._scan(file.url, file.store, {}, skip_lines=skipped).collect_schema().names()
        names = {name: name.replace(2 * self.quote, self.quote) for name in found}
        raw = {name: types[ours] for name, ours in names.items() if ours in types}
        return self._scan(file.url, file.store, raw, skip_lines=skipped).rename(names)

    def _scan(
        self,
        source: str | bytes,
        store: object,
        types: Mapping[str, "pl.DataType"],
        *,
        skip_lines: int,
    ) -> "pl.LazyFrame":
        import polars as pl

        return pl.scan_csv(
            source,
            separator=self.delimiter,
            quote_char=self.quote,
            has_header=self.has_header,
            skip_lines=skip_lines,
            null_values=list(self.null_values) or None,
            decimal_comma=self.is_comma_decimal,
            glob=False,
            storage_options=None if store is None else dict(self.storage_options or {}),
            infer_schema=False,
            schema_overrides=types,
        )


# How the first rows of a file are read as text.
Sampling = Callable[[File, Dialect], "pl.DataFrame"]


def schema_of(
    files: Sequence[File], dialect: Dialect, sampled: "Sampling | None" = None
) -> dict[str, "pl.DataType"]:
    """Return names and types of the columns, from a sample of the first files, which must agree."""
    texts = [(sampled or sample)(file, dialect) for file in files[:SAMPLED_FILES]]
    for file, frame in zip(files, texts, strict=False):
        compare_columns(file, frame.columns, files[0], texts[0].columns)
    return _typed(texts, dialect)


def schemas_of(
    files: Sequence[File], dialect: Dialect, sampled: "Sampling | None" = None
) -> list[dict[str, "pl.DataType"]]:
    """Return the columns of each file, typed from samples of all of them together."""
    rows = dialect.infer_rows
    if rows is not None and len(files) > SAMPLED_FILES:
        rows = max(SMALLEST_SAMPLE, rows * SAMPLED_FILES // len(files))
    fewer = replace(dialect, infer_rows=rows)
    texts = [(sampled or sample)(file, fewer) for file in files]
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

        converting = Converting(self.schema, is_comma_decimal=self.dialect.is_comma_decimal)
        texts = converting.columns
        raw = {n: pl.String() if n in texts else dtype for n, dtype in self.schema.items()}
        frame = self.dialect.scan(self.file, raw)
        names = frame.collect_schema().names()
        compare_columns(self.file, names, self.first, list(self.schema))
        # A line that is too short shows in its last column, so that one is always read.
        last, empty_ends = names[-1], 0
        wanted = list(dict.fromkeys([*columns, last]))
        for batch in frame.select(wanted).collect_batches(maintain_order=True):
            empty_ends += batch[last].null_count()
            yield self._convert(batch, converting)
            self.rows += batch.height
        if empty_ends and len(names) > 1 and not self.dialect.fill_short_lines:
            check_lengths(self.file, self.dialect, self.rows, len(names))

    def _convert(self, batch: "pl.DataFrame", converting: Converting) -> "pl.DataFrame":
        done = converting.convert(batch)
        for name in converting.columns:
            if name not in batch.columns:
                continue
            rows = lost(done[name], batch[name])
            if rows.any():
                row = int(rows.arg_true()[0])
                line = line_of_row(self.file, self.dialect, self.rows + row)
                raise misfit(self.file, line, name, batch[name][row], self.schema[name])
        return done
