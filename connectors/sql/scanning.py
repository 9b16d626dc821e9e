"""From a table's columns and a person's options to a lazy frame: filtered, and along a cursor."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from connectors.base import Extraction, State, lazy_frame
from connectors.errors import ConfigError
from connectors.sql.choosing import ChosenRows
from connectors.sql.clauses import Clause, both
from connectors.sql.increments import Comparing, Watermark
from connectors.sql.names import TableName
from connectors.sql.pushing import Judging, pushed
from connectors.transformers.filter import FilterConfig, fits

if TYPE_CHECKING:
    import polars as pl

# Reads the named columns; with a watermark only what it asks for, of a filter what can be told.
Batches = Callable[[list[str], Watermark | None], Iterator["pl.DataFrame"]]


class Database(Comparing, Judging, Protocol):
    """How one database compares values, for cursors and for filters."""


def extract(
    schema: Mapping[str, "pl.DataType"],
    options: ChosenRows,
    state: State | None,
    batches: Batches,
    *,
    rows: int | None = None,
) -> Extraction:
    """Return the extraction of a table or query with the columns of `schema`.

    `rows` are those of the table, which says little of what a filter or a cursor brings.
    """
    wanted = chosen_of(schema, options.columns, "columns")
    chosen = {name: schema[name] for name in wanted}
    fitting, cursor = options.fitting(), options.along()
    looked_at = [] if fitting is None else list(fitting.columns())
    chosen_of(schema, looked_at, "filter")
    judge = judging(fitting, schema)
    if cursor is None:
        frame = lazy_frame(
            chosen, lambda names: judge(batches([*dict.fromkeys([*names, *looked_at])], None))
        )
        return Extraction(frame, rows=None if fitting else rows)
    chosen_of(schema, cursor.columns[:1], "cursor")
    chosen_of(schema, cursor.columns[1:], "second_cursor")
    # What was read is told apart by whole rows, so nothing less than all of it is asked for.
    every = list(dict.fromkeys([*wanted, *cursor.columns, *looked_at]))
    mark = Watermark(cursor, {name: schema[name] for name in every}, state)
    # Rows that do not fit are not known either: they were never loaded.
    frame = lazy_frame(chosen, lambda _: mark.follow(judge(batches(every, mark))))
    return Extraction(frame, state=mark.state)


def condition(
    database: Database,
    options: ChosenRows,
    mark: Watermark | None,
    schema: Mapping[str, "pl.DataType"],
) -> Clause | None:
    """Return what a database can judge of the rows that are wanted; None where it is nothing."""
    since = None if mark is None else mark.reach.clause(database)
    return both(since, pushed(options.fitting(), schema, database))


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


def judging(
    config: FilterConfig | None, schema: Mapping[str, "pl.DataType"]
) -> Callable[[Iterator["pl.DataFrame"]], Iterator["pl.DataFrame"]]:
    """Return what leaves out of batches the rows that do not fit."""
    import narwhals as nw
    import polars as pl

    if config is None:
        return lambda batches: batches
    expression = fits(config, nw.from_native(pl.DataFrame(schema=schema)).collect_schema())

    def judged(batches: Iterator["pl.DataFrame"]) -> Iterator["pl.DataFrame"]:
        for batch in batches:
            yield nw.from_native(batch).filter(expression).to_native()

    return judged
