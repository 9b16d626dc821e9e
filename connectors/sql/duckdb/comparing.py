"""How DuckDB compares the values of columns, where it does so as Polars does."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.sql.clauses import Clause
from connectors.sql.duckdb.types import Column
from connectors.sql.names import quoted
from connectors.sql.pushing import ESCAPE, PlainNulls, Sign, moment_text

_MOMENTS = {"DATE": "", "TIMESTAMP": "", "TIMESTAMP WITH TIME ZONE": "+00:00"}


class Comparisons(PlainNulls):
    """Conditions on the columns of a table, with bound values."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Keep how the columns are read."""
        self._columns = columns

    def at_least(self, name: str, value: str) -> Clause | None:
        """Return the condition of values from this one on."""
        column = self._columns[name]
        if _is_text(column):
            # Whatever the column's own order or collation: text is compared by its bytes.
            return Clause(f"{_bytes_of(column)} >= ?", (value,))
        return Clause(f"{quoted(name)} >= CAST(? AS {column.kind})", (value,))

    def compared(self, name: str, sign: Sign, value: Any) -> Clause | None:
        """Return the comparison with a value of the column's type."""
        column = self._columns[name]
        if isinstance(value, str):
            return Clause(f"{_bytes_of(column)} {sign} ?", (value,)) if _is_text(column) else None
        if not isinstance(value, dt.date):
            return Clause(f"{quoted(name)} {sign} ?", (value,))
        if column.kind not in _MOMENTS:
            return None
        text = moment_text(value) + _MOMENTS[column.kind]
        return Clause(f"{quoted(name)} {sign} CAST(? AS {column.kind})", (text,))

    def matched(self, name: str, pattern: str, *, is_not: bool) -> Clause | None:
        """Return whether text is (not) LIKE a pattern."""
        word = "NOT LIKE" if is_not else "LIKE"
        at = _bytes_of(self._columns[name])
        return Clause(f"{at} {word} ? ESCAPE '{ESCAPE}'", (pattern,))


def _is_text(column: Column) -> bool:
    import polars as pl

    return column.dtype == pl.String()


def _bytes_of(column: Column) -> str:
    return f"CAST({quoted(column.name)} AS VARCHAR) COLLATE C"
