"""From a table's columns and a person's options to a lazy frame, with or without a cursor."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.base import Extraction, State, lazy_frame
from connectors.errors import ConfigError
from connectors.sql.increments import Watermark
from connectors.sql.names import TableName
from connectors.sql.options import TableReadOptions

if TYPE_CHECKING:
    import polars as pl

# Reads the named columns; with a watermark only the rows from its value on.
Batches = Callable[[list[str], Watermark | None], Iterator["pl.DataFrame"]]


def extract(
    schema: Mapping[str, "pl.DataType"],
    options: TableReadOptions,
    state: State | None,
    batches: Batches,
    *,
    rows: int | None = None,
) -> Extraction:
    """Return the extraction of a table or query with the columns of `schema`."""
    wanted = chosen_of(schema, options.columns, "columns")
    chosen = {name: schema[name] for name in wanted}
    if options.cursor is None:
        return Extraction(lazy_frame(chosen, lambda names: batches(names, None)), rows=rows)
    chosen_of(schema, (options.cursor,), "cursor")
    # What was read is told apart by whole rows, so nothing less than all of it is asked for.
    every = list(dict.fromkeys([*wanted, options.cursor]))
    mark = Watermark(options.cursor, {name: schema[name] for name in every}, state)
    frame = lazy_frame(chosen, lambda _: mark.follow(batches(every, mark)))
    return Extraction(frame, state=mark.state)


def unknown_table(name: TableName, known: Sequence[TableName]) -> ConfigError:
    """Return the error of a table that is not there."""
    return ConfigError(
        f"There is no table {str(name)!r}; known: {', '.join(map(str, known)) or 'none'}",
        field="table",
    )


def chosen_of(known: Collection[str], names: Sequence[str] | None, field: str) -> list[str]:
    """Return the wanted names, all where none are chosen; unknown ones are a ConfigError."""
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise ConfigError(
            f"There is no column {unknown[0]!r}; known: {', '.join(known)}", field=field
        )
    return list(names or known)
