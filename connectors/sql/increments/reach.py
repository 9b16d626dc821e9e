"""Where a read along a cursor begins: a value for each column, and the rows that have none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from connectors.base import State
from connectors.errors import ConfigError
from connectors.sql.clauses import Clause, both, either
from connectors.sql.increments.given import read_value
from connectors.sql.increments.values import (
    check_cursor,
    encode,
    goes_with,
    greater,
    lowered,
)
from connectors.sql.increments.windows import Window

if TYPE_CHECKING:
    import polars as pl

# What happens to rows without a value: they are told apart like those of the last value, left
# out, or end the read.
Nulls = Literal["read", "skip", "refuse"]
_RESET = "reset the state to begin anew"


@dataclass(frozen=True)
class Cursor:
    """Along which columns a stream is read, and how.

    `second` orders the rows that have no value in `column`. `may_repeat` says that the destination
    merges rows by key, so that a row which comes again does no harm.
    """

    column: str
    second: str | None = None
    window: Window | None = None
    nulls: Nulls = "read"
    may_repeat: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the cursor columns, the one that counts first."""
        return (self.column,) if self.second is None else (self.column, self.second)


class Comparing(Protocol):
    """How one database compares; None stands for "cannot tell", and more rows come."""

    def at_least(self, name: str, value: str) -> Clause | None:
        """Return the condition of values from this one (as `encode` says it) on."""

    def is_unplaced(self, name: str) -> Clause | None:
        """Return the condition of rows without a value; an index on the column must serve."""


@dataclass(frozen=True)
class Position:
    """How far one cursor column was read.

    `last` is its highest value, `known` that from which on every row of before is known, `since`
    that from which on rows are asked for; None before the first row.
    """

    column: str
    dtype: "pl.DataType"
    window: Window | None
    before: Mapping[str, Any]
    last: "pl.Series | None" = None
    known: "pl.Series | None" = None
    since: "pl.Series | None" = None


class Reach:
    """Which rows a read asks for."""

    def __init__(
        self, cursor: Cursor, schema: Mapping[str, "pl.DataType"], state: State | None
    ) -> None:
        """Take up `state`; `schema` has the cursor columns at least."""
        self.cursor = cursor
        self.before = dict(state or {})
        _check(cursor, schema, self.before)
        kept = [self.before, self.before.get("second") or {}]
        self.positions = [
            _position(cursor, name, schema[name], before)
            for name, before in zip(cursor.columns, kept, strict=False)
        ]

    @property
    def since(self) -> str | None:
        """Return the value of the first cursor that rows are asked for from, None for all."""
        since = self.positions[0].since
        return None if since is None else encode(since)

    def clause(self, database: Comparing) -> Clause | None:
        """Return the condition of the rows that may be new; None for all."""
        first = self.positions[0]
        if first.since is None:
            return None
        on = database.at_least(first.column, encode(first.since))
        return on if self._leaves_nulls else either([on, self._rest(database)])

    def predicate(self) -> "pl.Expr | None":
        """Return the same condition for Polars; None for all rows."""
        import polars as pl

        first = self.positions[0]
        if first.since is None:
            return None
        found = pl.col(first.column) >= pl.lit(first.since).first()
        if self._leaves_nulls:
            return found
        rest = pl.col(first.column).is_null()
        for position in self.positions[1:]:
            if position.since is not None:
                own = pl.col(position.column) >= pl.lit(position.since).first()
                none = pl.col(position.column).is_null()
                rest &= own if self.cursor.nulls == "skip" else own | none
        return found | rest

    @property
    def _leaves_nulls(self) -> bool:
        """Whether no row without a value in the first column is of interest."""
        return self.cursor.nulls == "skip" and self.cursor.second is None

    def _rest(self, database: Comparing) -> Clause | None:
        """Return the condition of rows without a value in the first column."""
        none = database.is_unplaced(self.cursor.column)
        if len(self.positions) == 1 or self.positions[1].since is None:
            return none
        second = self.positions[1]
        assert second.since is not None
        own = database.at_least(second.column, encode(second.since))
        if self.cursor.nulls != "skip":
            own = either([own, database.is_unplaced(second.column)])
        return both(none, own)


def _position(
    cursor: Cursor, column: str, dtype: "pl.DataType", before: Mapping[str, Any]
) -> Position:
    # A second cursor of numbers beside a timestamp has no window.
    window = cursor.window if cursor.window and goes_with(cursor.window, dtype) else None
    if before.get("value") is None:
        return Position(column, dtype, window, before)
    last = read_value(before["value"], dtype, column)
    known = read_value(before.get("from", before["value"]), dtype, column)
    since = last if window is None else lowered(last, window)
    # Rows from before what is known would come again.
    since = since if cursor.may_repeat else greater(since, known)
    return Position(column, dtype, window, before, last, known, since)


def _check(cursor: Cursor, schema: Mapping[str, "pl.DataType"], before: Mapping[str, Any]) -> None:
    for column, field in zip(cursor.columns, ("cursor", "second_cursor"), strict=False):
        check_cursor(column, schema, field)
    if cursor.second == cursor.column:
        raise ConfigError(
            f"The second cursor is {cursor.second!r} like the first; name another column, or none",
            field="second_cursor",
        )
    if cursor.window is not None and not goes_with(cursor.window, schema[cursor.column]):
        raise ConfigError(
            f"Column {cursor.column!r} is {schema[cursor.column]}, which goes with no such "
            "`look_back`: give a duration (2h) for dates and timestamps, a number for numbers, "
            "and none for text",
            field="look_back",
        )
    if not before:
        return
    second = (before.get("second") or {}).get("column")
    for given, kept, field in (
        (cursor.column, before.get("column"), "cursor"),
        (cursor.second, second, "second_cursor"),
    ):
        if given != kept:
            raise ConfigError(
                f"The state was kept for {_named(kept)}, not for {_named(given)}; {_RESET}",
                field=field,
            )


def _named(column: str | None) -> str:
    return "no second column" if column is None else f"column {column!r}"
