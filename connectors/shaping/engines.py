"""What narwhals does not say of lazy frames: where a row stands, and which errors there are."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw


def is_polars(rows: "nw.LazyFrame[Any]") -> bool:
    """Whether the rows are a Polars frame; the other engine is DuckDB."""
    return bool(rows.implementation.is_polars())


def engine_errors() -> tuple[type[Exception], ...]:
    """Return what engines raise where an expression does not fit the types of its columns."""
    import duckdb
    from narwhals.exceptions import NarwhalsError
    from polars.exceptions import PolarsError

    kinds = (duckdb.Error, NarwhalsError, PolarsError)
    return (*kinds, TypeError, ValueError, OverflowError, NotImplementedError)


def unused(columns: list[str]) -> str:
    """Return the name of a column that is not among these."""
    import narwhals as nw

    return nw.generate_temporary_column_name(16, columns)


def numbered(rows: "nw.LazyFrame[Any]", name: str) -> "nw.LazyFrame[Any]":
    """Return the rows with their number, from 0 on, in a first column of this name."""
    import narwhals as nw

    native: Any = nw.to_native(rows)
    if is_polars(rows):
        counted: nw.LazyFrame[Any] = nw.from_native(native.with_row_index(name))
        return counted.with_columns(nw.col(name).cast(nw.Int64))
    # A window over everything in the order of the input, which DuckDB streams.
    made: nw.LazyFrame[Any] = nw.from_native(
        native.project(f'row_number() over () - 1 as "{name}", *')
    )
    return made


def sliced(rows: "nw.LazyFrame[Any]", offset: int, count: int) -> "nw.LazyFrame[Any]":
    """Return at most `count` rows after the first `offset`."""
    import narwhals as nw

    native: Any = nw.to_native(rows)
    made: nw.LazyFrame[Any] = nw.from_native(
        native.slice(offset, count) if is_polars(rows) else native.limit(count, offset)
    )
    return made
