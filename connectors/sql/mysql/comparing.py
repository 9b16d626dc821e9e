"""How MySQL compares the values of columns, where it does so as Polars does."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.sql.clauses import Clause
from connectors.sql.mysql import types as kinds
from connectors.sql.mysql.catalog import QUOTE
from connectors.sql.mysql.types import Column
from connectors.sql.names import quoted
from connectors.sql.parameters import Scalar
from connectors.sql.pushing import ESCAPE, Sign, moment_text

_NUMBERS = frozenset(
    {kinds.TINY, kinds.SHORT, kinds.INT24, kinds.LONG, kinds.LONGLONG, kinds.DECIMAL, kinds.DOUBLE}
)


class Comparisons:
    """Conditions on the columns of a table; values stand in them as literals."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Keep how the columns are read."""
        self._columns = columns

    def at_least(self, name: str, value: str) -> Clause | None:
        """Return the condition of values from this one on."""
        import polars as pl

        column = self._columns[name]
        if column.dtype == pl.String():
            return Clause(f"{_bytes_of(column)} >= {_hexed(value)}")
        if column.dtype.is_integer() or isinstance(column.dtype, pl.Decimal):
            return Clause(f"{_quoted(column)} >= {value}")
        return Clause(f"{_quoted(column)} >= '{value.removesuffix('+00:00')}'")

    def is_unplaced(self, name: str) -> Clause | None:
        """Return the condition of rows without a value, 0000-00-00 among them.

        Other days that no calendar has (2024-00-00) lie among real ones in the server's order, and
        no index could find them all: they come where they lie.
        """
        at = _quoted(self._columns[name])
        is_date = self._columns[name].field.type in kinds.DATES
        return Clause(f"({at} IS NULL OR {at} < '0001-01-01')" if is_date else f"{at} IS NULL")

    def is_null(self, name: str) -> Clause | None:
        """Return the condition of values that arrive as null: days that no calendar has as well."""
        column = self._columns[name]
        at = _quoted(column)
        if column.field.type not in kinds.DATES:
            return Clause(f"{at} IS NULL")
        return Clause(
            f"({at} IS NULL OR MONTH({at}) = 0 OR DAYOFMONTH({at}) = 0 OR LAST_DAY({at}) IS NULL "
            f"OR DAYOFMONTH({at}) > DAYOFMONTH(LAST_DAY({at})))"
        )

    def is_not_null(self, name: str) -> Clause | None:
        """Return the condition of values that do not."""
        return Clause(f"{_quoted(self._columns[name])} IS NOT NULL")

    def compared(self, name: str, sign: Sign, value: Any) -> Clause | None:
        """Return the comparison with a value of the column's type."""
        column = self._columns[name]
        if isinstance(value, bool):
            # Whatever is not 0 is true.
            is_true = value == (sign == "=")
            is_known = sign in ("=", "<>")
            return Clause(f"{_quoted(column)} {'<>' if is_true else '='} 0") if is_known else None
        if isinstance(value, str):
            is_text = column_is_text(column)
            return Clause(f"{_bytes_of(column)} {sign} {_hexed(value)}") if is_text else None
        if isinstance(value, dt.date):
            word = "TIMESTAMP" if isinstance(value, dt.datetime) else "DATE"
            return Clause(f"{_quoted(column)} {sign} {word}'{moment_text(value)}'")
        if column.field.type not in _NUMBERS:
            return None
        return Clause(f"{_quoted(column)} {sign} {_number(value)}")

    def matched(self, name: str, pattern: str, *, is_not: bool) -> Clause | None:
        """Return whether text is (not) LIKE a pattern."""
        column = self._columns[name]
        if not column_is_text(column):
            return None
        word = "NOT LIKE" if is_not else "LIKE"
        text = f"CONVERT({_quoted(column)} USING utf8mb4) COLLATE utf8mb4_bin"
        like = f"CONVERT({_hexed(pattern)} USING utf8mb4)"
        return Clause(f"{text} {word} {like} ESCAPE '{ESCAPE}'")


def column_is_text(column: Column) -> bool:
    """Whether a column arrives as the very text that the database has."""
    import polars as pl

    others = (kinds.DECIMAL, kinds.JSON, *kinds.DATES)
    return column.dtype == pl.String() and column.field.type not in others


def said(value: Scalar) -> str:
    """Return a parameter's value as a literal that no mode of the server reads otherwise."""
    if isinstance(value, str):
        return f"_utf8mb4 {_hexed(value)}"
    if isinstance(value, dt.date):
        word = "TIMESTAMP" if isinstance(value, dt.datetime) else "DATE"
        return f"{word}'{moment_text(value)}'"
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).upper()
    number = _number(value)
    # A minus right behind another one could begin a comment.
    return f"({number})" if value < 0 else number


def _number(value: float | Decimal) -> str:
    """Return a number as MySQL writes it; one with an exponent is a double there."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = repr(value)
    return text if isinstance(value, int) or "e" in text else f"{text}e0"


def _quoted(column: Column) -> str:
    return quoted(column.name, QUOTE)


def _bytes_of(column: Column) -> str:
    """Return the expression of a column's text in UTF-8, which sorts by its bytes."""
    return f"CAST(CONVERT({_quoted(column)} USING utf8mb4) AS BINARY)"


def _hexed(text: str) -> str:
    """Return text as a number, so that no quoting and no character set can change it."""
    return f"0x{text.encode().hex()}" if text else "''"
