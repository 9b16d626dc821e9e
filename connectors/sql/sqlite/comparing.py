"""How SQLite compares the values of columns, where it does so as Polars does.

Any value may lie in any column, so it is asked only about columns whose values were looked at. A
column's affinity changes what a value is compared as; where that could tell, it is not asked.
"""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.sql.clauses import Clause, either
from connectors.sql.names import quoted
from connectors.sql.pushing import ESCAPE, PlainNulls, Sign, moment_text
from connectors.sql.sqlite.meanings import affinity
from connectors.sql.sqlite.reading import Layout, Origin

if TYPE_CHECKING:
    import polars as pl


class Comparisons(PlainNulls):
    """Conditions on the columns of a table, with bound values."""

    def __init__(self, origin: Origin, layouts: Mapping[str, Layout]) -> None:
        """Keep how the columns are read."""
        self._origin = origin
        self._layouts = layouts

    def at_least(self, name: str, value: str) -> Clause | None:
        """Return the condition of values from this one on."""
        import polars as pl

        dtype = self._dtype(name)
        if dtype == pl.Int64():
            return _compared(name, ">=", int(value))
        if dtype is None or not self._origin.is_utf8:
            return None
        if dtype in (pl.Date, pl.Datetime):
            return _compared(name, ">=", _shortest(value))
        return _compared(name, ">=", value) if dtype == pl.String() else None

    def compared(self, name: str, sign: Sign, value: Any) -> Clause | None:
        """Return the comparison with a value of the column's type."""
        import polars as pl

        dtype = self._dtype(name)
        if dtype is None or (not self._origin.is_utf8 and isinstance(value, str | dt.date)):
            return None
        if isinstance(value, str):
            return _compared(name, sign, value) if self._is_plain_text(name) else None
        if isinstance(value, dt.date):
            return _moments(name, sign, moment_text(value))
        is_number = dtype in (pl.Int64(), pl.Float64(), pl.Boolean())
        return _compared(name, sign, value) if is_number else None

    def matched(self, name: str, pattern: str, *, is_not: bool) -> Clause | None:
        """Return whether text is LIKE a pattern; upper and lower case are one to SQLite."""
        if is_not or not self._is_plain_text(name) or not self._origin.is_utf8:
            return None
        # LIKE does not look behind a NUL byte.
        like = Clause(f"{quoted(name)} LIKE ? ESCAPE '{ESCAPE}'", (pattern,))
        return either([like, Clause(f"instr(CAST({quoted(name)} AS BLOB), x'00') > 0")])

    def _dtype(self, name: str) -> "pl.DataType | None":
        """Return a column's type, None where its values are a mix."""
        layout = self._layouts[name]
        return None if layout.is_mixed else layout.dtype

    def _is_plain_text(self, name: str) -> bool:
        import polars as pl

        # A numeric affinity would make a number of a text that looks like one.
        is_kept = affinity(self._origin.columns[name]) in ("text", "blob", "none")
        return is_kept and self._dtype(name) == pl.String()


def _compared(name: str, sign: str, value: Any) -> Clause:
    return Clause(f"{quoted(name)} COLLATE BINARY {sign} ?", (value,))


def _moments(name: str, sign: Sign, text: str) -> Clause | None:
    """Return the comparison of dates or timestamps, whose text may have more digits or fewer."""
    low = _shortest(text)
    high = f"{low}{'' if '.' in low else '.'}{'0' * 9}~" if " " in text else low
    if sign == "<>":
        return None if " " in text else _compared(name, sign, low)
    if sign == "=":
        sql = f"{quoted(name)} COLLATE BINARY BETWEEN ? AND ?"
        return Clause(sql, (low, high))
    return _compared(name, sign[0] + "=", high if sign[0] == "<" else low)


def _shortest(text: str) -> str:
    """Return the shortest text of a moment, which sorts before its longer ones."""
    plain = text.removesuffix("+00:00")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
