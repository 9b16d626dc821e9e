"""Reading JSON rows exactly: an unknown field or a value of another type is an error."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from connectors.base import lazy_frame
from connectors.errors import DataError
from connectors.files.elements import is_lines, objects_of, parsed, rows_of, with_texts
from connectors.files.objects import explain as explain_store
from connectors.files.shapes import Shape, columns_of, type_of
from connectors.files.streams import File, Scratch, opened
from connectors.files.types import conversion, name_of

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

# So many files of a folder are looked into before its columns are typed.
SAMPLED_FILES = 10
# Rows are parsed in blocks, and a row lies in one block.
BLOCK_BYTES = 1 << 20
LARGEST_BLOCK = 1 << 30
TOO_LONG = ("straddling", "block size")


@dataclass(frozen=True)
class Layout:
    """How the columns are typed."""

    infer_rows: int | None = 10_000
    types: Mapping[str, "pl.DataType"] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """The type of each column, those that hold the JSON text of what was found, those of nulls.

    What is null in the whole sample is text, whatever comes later.
    """

    schema: Mapping[str, "pl.DataType"]
    as_text: frozenset[str]
    unseen: frozenset[str] = frozenset()


def rows_in(file: File) -> Generator[bytes, None, None]:
    """Yield the rows of a file, one object after the other."""
    with opened(file) as stream:
        lines = is_lines(stream)
    with opened(file) as stream:
        yield from rows_of(stream) if lines else objects_of(stream, file.shown)


def columns_in(files: Sequence[File], layout: Layout) -> Columns:
    """Return the columns, from a sample of the files."""
    shapes = columns_of(row for file in files for row in _sampled(file, layout))
    # A column that a person named may be missing from the sample.
    shapes |= {name: Shape() for name in layout.types if name not in shapes}
    if not shapes:
        raise DataError(
            f"{files[0].shown} holds no rows, so its columns are unknown; name them in `types`"
        )
    found = {name: type_of(shape) for name, shape in shapes.items()}
    return _settled(shapes, found, layout.types)


def _settled(
    shapes: Mapping[str, Shape],
    found: "Mapping[str, pl.DataType | None]",
    types: "Mapping[str, pl.DataType]",
) -> Columns:
    """Let the types that a person named win; what only text can hold becomes text."""
    import polars as pl

    schema = {name: types.get(name) or dtype or pl.String() for name, dtype in found.items()}
    as_text = {
        name
        for name, dtype in schema.items()
        if dtype == pl.String and not shapes[name].kinds <= {"text"}
    }
    unseen = {name for name, shape in shapes.items() if not shape.kinds and name not in types}
    return Columns(schema, frozenset(as_text), frozenset(unseen))


def _sampled(file: File, layout: Layout) -> Iterator[dict[str, Any]]:
    with closing(rows_in(file)) as rows:
        for number, row in enumerate(islice(rows, layout.infer_rows), start=1):
            try:
                values = parsed(row)
            except ValueError as error:
                raise DataError(f"{file.shown}, row {number} is not JSON: {error}") from None
            if not isinstance(values, dict):
                raise DataError(f"{file.shown}, row {number} is not an object")
            yield values


def prepared(file: File, columns: Columns, scratch: Scratch) -> File:
    """Return a file of lines that Arrow reads: itself, or one in the scratch folder."""
    with opened(file) as stream:
        lines = is_lines(stream)
    if lines and not columns.as_text:
        return file
    if columns.as_text:
        texts = dict.fromkeys(columns.as_text)
        return scratch.keep(file, (with_texts(row, texts) for row in rows_in(file)))
    return scratch.keep(file, (row + b"\n" for row in rows_in(file)))


def frame_of(files: Sequence[File], columns: Columns, scratch: Scratch) -> "pl.LazyFrame":
    """Return a lazy frame over all files, one after the other."""

    def batches(wanted: list[str]) -> "Iterator[pl.DataFrame]":
        for file in files:
            yield from _Reading(file, columns, scratch).batches(wanted)

    return lazy_frame(columns.schema, batches)


class _Reading:
    """One pass over one file of lines."""

    def __init__(self, file: File, columns: Columns, scratch: Scratch) -> None:
        import polars as pl
        import pyarrow as pa

        self.file, self.columns, self.rows = file, columns, 0
        self.scratch, self.unseen = scratch, columns.unseen
        found = {name: conversion(dtype) for name, dtype in columns.schema.items()}
        # Arrow reads decimals exactly by itself.
        self.converted = {
            name: convert
            for name, convert in found.items()
            if convert and not isinstance(columns.schema[name], pl.Decimal)
        }
        raw = {n: pl.String() if n in self.converted else t for n, t in columns.schema.items()}
        self.schema = pa.schema({name: _arrow(dtype) for name, dtype in raw.items()})

    def batches(self, wanted: list[str]) -> "Iterator[pl.DataFrame]":
        """Yield the rows; a block that is too small for a row is tried again, larger."""
        from pyarrow import ArrowInvalid

        block = BLOCK_BYTES
        while True:
            try:
                yield from self._read(wanted, block, skip=self.rows)
            except DataError:
                raise
            except Exception as error:
                if any(sign in str(error) for sign in TOO_LONG) and block < LARGEST_BLOCK:
                    block *= 8
                    continue
                if self.unseen and isinstance(error, ArrowInvalid):
                    self._tell_as_text()
                    continue
                raise self._explain(error) from error
            return

    def _tell_as_text(self) -> None:
        """Let a file tell columns as text that were null in the sample, and are something else."""
        texts, self.unseen = dict.fromkeys(self.unseen), frozenset()
        rows = (with_texts(row, texts) for row in rows_in(self.file))
        self.file = self.scratch.keep(self.file, rows)

    def _read(self, wanted: list[str], block: int, skip: int) -> "Iterator[pl.DataFrame]":
        import polars as pl
        import pyarrow.json as arrow_json

        with opened(self.file) as stream:
            if not stream.read(1):
                return
        with opened(self.file) as stream:
            reader = arrow_json.open_json(
                stream,
                read_options=arrow_json.ReadOptions(block_size=block),
                parse_options=self._parsing(),
            )
            for batch in reader:
                fresh = batch.slice(min(skip, batch.num_rows))
                skip -= batch.num_rows - fresh.num_rows
                # Arrow does not look at the bytes of texts, and Polars trusts it.
                fresh.validate(full=True)
                rows = pl.DataFrame(pl.from_arrow(fresh.select(wanted)))
                converted = self._convert(rows.with_columns(), wanted) if wanted else _bare(fresh)
                yield converted
                self.rows += fresh.num_rows

    def _parsing(self) -> Any:
        import pyarrow.json as arrow_json

        return arrow_json.ParseOptions(
            explicit_schema=self.schema, unexpected_field_behavior="error"
        )

    def _convert(self, rows: "pl.DataFrame", wanted: list[str]) -> "pl.DataFrame":
        import polars as pl

        done = rows.with_columns(
            self.converted[name](pl.col(name)).alias(name)
            for name in wanted
            if name in self.converted
        ).cast({name: self.columns.schema[name] for name in wanted})
        for name in wanted:
            lost = done[name].is_null() & rows[name].is_not_null()
            if name in self.converted and lost.any():
                row = int(lost.arg_true()[0])
                raise DataError(
                    f"{self.file.shown}, row {self.rows + row + 1}, column {name!r}: "
                    f"{rows[name][row]!r} is no {name_of(self.columns.schema[name])}"
                )
        return done

    def _explain(self, error: BaseException) -> BaseException:
        """Find the first row that cannot be read, and say what is wrong with it."""
        import pyarrow as pa

        if not isinstance(error, pa.ArrowInvalid):
            return explain_store(error, self.file.shown)
        hint = "set `types` or a larger `infer_rows`"
        with closing(rows_in(self.file)) as rows:
            for number, row in enumerate(islice(rows, self.rows, None), start=self.rows + 1):
                if (reason := self._refusal(row)) is not None:
                    return DataError(f"{self.file.shown}, row {number}: {reason}; {hint}")
        return DataError(f"{self.file.shown}: {error}; {hint}")

    def _refusal(self, row: bytes) -> str | None:
        """Return why Arrow refuses one row, with the column where it can be told."""
        import pyarrow as pa
        import pyarrow.json as arrow_json

        try:
            options = arrow_json.ReadOptions(block_size=len(row) + 64)
            table = arrow_json.read_json(pa.py_buffer(row), options, self._parsing())
            table.validate(full=True)
        except (pa.ArrowInvalid, OSError) as error:
            return self._worded(row, str(error))
        return None

    def _worded(self, row: bytes, reason: str) -> str:
        try:
            values = parsed(row)
        except ValueError:
            return f"it is not JSON ({reason})"
        if not isinstance(values, dict):
            return "it is not an object"
        if "specified twice" in reason:
            return "a column stands in it twice"
        unknown = [name for name in values if name not in self.columns.schema]
        if unknown:
            return f"column {unknown[0]!r} was not there in the sample"
        misfits = [
            name
            for name, value in values.items()
            if type_of(_seen(value)) not in (self.columns.schema[name], None) and value is not None
        ]
        column = re.search(r"Column\(/([^/)]+)", reason)
        named = column[1] if column else next(iter(misfits), None)
        if named is None:
            return reason
        return f"column {named!r} is {self.columns.schema[named]}, and here it is {values[named]!r}"


def _seen(value: Any) -> Shape:
    shape = Shape()
    shape.see(value)
    return shape


def _bare(batch: "pa.RecordBatch") -> "pl.DataFrame":
    """Return as many rows as a batch has, for a query that only counts."""
    import polars as pl

    return pl.DataFrame(pl.from_arrow(batch.select(batch.schema.names[:1])))


def _arrow(dtype: "pl.DataType") -> "pa.DataType":
    """Return the Arrow type that Arrow's JSON reader knows for a Polars type."""
    import polars as pl
    import pyarrow as pa

    if dtype == pl.String:
        return pa.string()
    if isinstance(dtype, pl.List):
        return pa.list_(_arrow(dtype.inner))  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return pa.struct({field.name: _arrow(field.dtype) for field in dtype.fields})  # type: ignore[arg-type]
    return pl.Series(dtype=dtype).to_arrow().type
