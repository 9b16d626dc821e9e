"""What each source system can hold: types, values, and what they are read as."""

from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Case:
    """One column of a source's table: its first row holds the value, its second one null.

    `literal` is the value as the source system writes it; `dtype` is what it is read as, None
    where the source refuses to give the value; `value` is what it means, a moment perhaps as text.
    """

    kind: str
    literal: str
    dtype: pl.DataType | None
    value: Any = None

    @property
    def name(self) -> str:
        """Return type and value in one line, short enough for a table."""
        literal = self.literal if len(self.literal) <= 60 else f"{self.literal[:50]}…"
        return f"{self.kind} {literal}".replace("\n", " ").replace("|", "¦").strip()
