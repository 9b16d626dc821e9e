"""Rows of a SQLite file in the types that its values really have.

Any value may lie in any column there, whatever the column's declared type. So the storage classes
of all values are looked at first, in the same read transaction as the rows: whole numbers become
Int64, reals Float64; whole numbers among reals become floats where all of them are exact as
floats; any other mix becomes text, or bytes where bytes are among them (text in UTF-8, numbers as
the shortest text that means them exactly).
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from connectors.errors import DataError
from connectors.sql.clauses import Clause, where
from connectors.sql.names import quoted
from connectors.sql.sqlite.meanings import affinity, meaning
from connectors.sql.sqlite.types import decoded

if TYPE_CHECKING:
    import polars as pl

# Python objects in one batch; they are many times as big as the columns they become.
ROWS = 50_000
# Columns that one statement looks at; SQLite's limit is 2000 results.
_COLUMNS = 400
_EXACT_FLOAT = 2**53
_BY_CLASS = {"integer": "Int64", "real": "Float64", "text": "String", "blob": "Binary"}
_BY_AFFINITY = _BY_CLASS | {"numeric": "Null", "none": "Null"}


@dataclass(frozen=True)
class Layout:
    """How one column is read: as `raw` from SQLite, then as `dtype`."""

    name: str
    raw: "pl.DataType"
    dtype: "pl.DataType"
    is_mixed: bool = False


@dataclass(frozen=True)
class Origin:
    """A quoted table, view or query, its columns with their declared types, and which rows."""

    sql: str
    columns: Mapping[str, str]
    is_utf8: bool = True
    where: str = ""
    values: tuple[Any, ...] = ()

    def narrowed(self, clause: Clause | None) -> "Origin":
        """Return the origin with only the rows for which the condition holds."""
        text, values = where(clause)
        return replace(self, where=text, values=tuple(values))

    def select(self, expressions: Sequence[str]) -> str:
        """Return the statement that reads the expressions."""
        return f"SELECT {', '.join(expressions)} FROM {self.sql}{self.where}"


def layouts(
    connection: sqlite3.Connection, origin: Origin, names: Sequence[str]
) -> dict[str, Layout]:
    """Look at every value of the named columns and return how they are read."""
    classes = _look(connection, origin, [(name, f"typeof({quoted(name)})") for name in names])
    found = {name: set(text.split(",")) - {"", "null"} for name, text in classes.items()}
    tests = {name: _doubt(origin.columns[name], found[name]) for name in names}
    doubts = [(name, test.format(c=quoted(name))) for name, test in tests.items() if test]
    broken = {name for name, text in _look(connection, origin, doubts).items() if "1" in text}
    return {
        name: _layout(name, origin.columns[name], found[name], is_kept=name not in broken)
        for name in names
    }


def _look(
    connection: sqlite3.Connection, origin: Origin, expressions: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """Return the distinct values of each expression, comma between them."""
    answers: dict[str, str] = {}
    for start in range(0, len(expressions), _COLUMNS):
        some = expressions[start : start + _COLUMNS]
        sql = origin.select([f"group_concat(DISTINCT {expression})" for _, expression in some])
        row = connection.execute(sql, origin.values).fetchone()
        answers |= {name: str(text or "") for (name, _), text in zip(some, row, strict=True)}
    return answers


def _doubt(declared_type: str, classes: set[str]) -> str:
    """Return the expression that is 1 for values that are not what the column seems to be."""
    promised = meaning(declared_type)
    if promised is not None and classes == {promised.storage}:
        return f"{{c}} IS NOT NULL AND NOT coalesce({promised.test}, 0)"
    if "integer" in classes and (classes == {"integer", "real"} or _is_fraction(declared_type)):
        far = f"NOT {{c}} BETWEEN -{_EXACT_FLOAT} AND {_EXACT_FLOAT}"
        return f"typeof({{c}}) = 'integer' AND {far}"
    return ""


def _is_fraction(declared_type: str) -> bool:
    """Whether a type like DECIMAL(10,2) says that whole numbers among its values are by chance."""
    is_numeric = affinity(declared_type) == "numeric"
    return is_numeric and bool(re.search(r"\(\s*\d+\s*,\s*[1-9]\d*\s*\)$", declared_type))


def _layout(name: str, declared_type: str, classes: set[str], *, is_kept: bool) -> Layout:
    import polars as pl

    def plain(kind: str) -> Layout:
        dtype = getattr(pl, kind)()
        return Layout(name, dtype, dtype)

    promised = meaning(declared_type)
    if promised is not None and classes <= {promised.storage} and is_kept:
        return Layout(name, getattr(pl, _BY_CLASS[promised.storage])(), promised.dtype)
    if not classes:
        fraction = "Float64" if _is_fraction(declared_type) else None
        return plain(fraction or _BY_AFFINITY[affinity(declared_type)])
    is_float = classes == {"integer", "real"} or (
        classes == {"integer"} and _is_fraction(declared_type)
    )
    if is_float and is_kept:
        return plain("Float64")
    if len(classes) == 1:
        return plain(_BY_CLASS[next(iter(classes))])
    mixed = pl.Binary() if "blob" in classes else pl.String()
    return Layout(name, mixed, mixed, is_mixed=True)


def batches(
    connection: sqlite3.Connection, origin: Origin, columns: Sequence[Layout]
) -> Iterator["pl.DataFrame"]:
    """Yield the rows."""
    names = [quoted(column.name) for column in columns] or ["1"]
    cursor = connection.execute(origin.select(names), origin.values)
    while rows := cursor.fetchmany(ROWS):
        yield _frame(rows, columns)


def _frame(rows: list[tuple[Any, ...]], columns: Sequence[Layout]) -> "pl.DataFrame":
    """Return rows of Python values as a frame."""
    import polars as pl

    mixed = {index: column for index, column in enumerate(columns) if column.is_mixed}
    if mixed:
        turn = [_as_bytes if isinstance(c.raw, pl.Binary) else _as_text for c in columns]
        rows = [
            tuple(turn[at](value) if at in mixed else value for at, value in enumerate(row))
            for row in rows
        ]
    schema = {column.name: column.raw for column in columns} or {"": pl.Int64()}
    try:
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return frame.with_columns(
            decoded(frame.get_column(column.name), column.dtype) for column in columns
        )
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        raise DataError(f"Values of the SQLite file cannot be read: {error}") from error


def _as_text(value: Any) -> str | None:
    """Return the shortest text that means exactly the value."""
    return value if value is None or isinstance(value, str) else repr(value)


def _as_bytes(value: Any) -> bytes | None:
    """Return bytes as they are, and anything else as its text in UTF-8."""
    if value is None or isinstance(value, bytes):
        return value
    text = _as_text(value)
    return None if text is None else text.encode()
