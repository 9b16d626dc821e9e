"""How PostgreSQL compares the values of columns, where it does so as Polars does."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.sql.clauses import Clause
from connectors.sql.names import quoted
from connectors.sql.parameters import Scalar, moment
from connectors.sql.postgres.types import MONEY, NUMERIC, OID, Column
from connectors.sql.pushing import ESCAPE, PlainNulls, Sign, moment_text

# text and varchar, whose own equality holds for equal bytes whatever their collation.
_TEXTS = frozenset({25, 1043})
_CASTS = {20: "int8", 21: "int2", 23: "int4", 701: "float8", 1082: "date", 1114: "timestamp"}
_CASTS |= {1184: "timestamptz", 16: "bool", NUMERIC: "numeric"}


class Comparisons(PlainNulls):
    """Conditions on the columns of a table; values stand in them as literals."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Keep how the columns are read."""
        self._columns = columns

    def at_least(self, name: str, value: str) -> Clause | None:
        """Return the condition of values from this one on."""
        column = self._columns[name]
        if _is_text(column):
            return Clause(f"{_bytes_of(column)} >= {literal(value)}")
        return Clause(f"{quoted(name)} >= {literal(value)}")

    def compared(self, name: str, sign: Sign, value: Any) -> Clause | None:
        """Return the comparison with a value of the column's type."""
        column = self._columns[name]
        if _is_text(column):
            # Its own equality lets an index be used, and the bytes are compared again later.
            is_plain = column.oid in _TEXTS and sign == "="
            at = quoted(name) if is_plain else _bytes_of(column)
            return Clause(f"{at} {sign} {literal(value)}")
        if column.oid in (MONEY, OID):
            return Clause(f"({column.sql}) {sign} {literal(str(value))}::numeric")
        cast = _CASTS.get(column.oid)
        if cast is None:
            return None
        text = moment_text(value) if isinstance(value, dt.date) else str(value)
        if isinstance(value, dt.datetime) and value.tzinfo:
            text += "+00:00"
        return Clause(f"{quoted(name)} {sign} {literal(text)}::{cast}")

    def matched(self, name: str, pattern: str, *, is_not: bool) -> Clause | None:
        """Return whether text is (not) LIKE a pattern."""
        word = "NOT LIKE" if is_not else "LIKE"
        at = _bytes_of(self._columns[name])
        return Clause(f"{at} {word} {literal(pattern)} ESCAPE '{ESCAPE}'")


def literal(value: str) -> str:
    """Return text as a literal."""
    from psycopg import sql

    return sql.Literal(value).as_string(None)


def said(value: Scalar) -> str:
    """Return a parameter's value as a literal; the driver quotes it."""
    if isinstance(value, str):
        # Its type is what stands beside it.
        return literal(value)
    if isinstance(value, dt.datetime):
        return f"({literal(moment(value))}::{'timestamptz' if value.tzinfo else 'timestamp'})"
    if isinstance(value, dt.date):
        return f"({literal(moment(value))}::date)"
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).lower()
    # A minus right behind another one would begin a comment.
    return f"({value})" if value < 0 else str(value)


def _is_text(column: Column) -> bool:
    import polars as pl

    return column.dtype == pl.String()


def _bytes_of(column: Column) -> str:
    """Return the expression of a column's text as it arrives, in the order of its bytes."""
    return f'({column.sql})::text COLLATE "C"'
