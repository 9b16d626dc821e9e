"""Sums over rows that do not depend on their order: equal rows have equal sums, however stored.

Each value counts by a hash of what it says, not of how it is held: 5 is the same in 32 bits, in 64
and as a decimal. Sums can be added, so what a table held and what came make what it must hold.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import polars as pl

ROOM = 1 << 64
# Stands for a value that is not there, in a row's hash.
NOTHING = 0


@dataclass
class Column:
    """The sum of one column: of which sort its values are, their hashes added, and the nulls."""

    sort: str
    total: int = 0
    nulls: int = 0


@dataclass
class Sums:
    """The sums of some rows, by column, and over whole rows, which tells values that changed rows."""

    columns: dict[str, Column]
    rows: int = 0
    total: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def of(cls, schema: "Mapping[str, pl.DataType]") -> Self:
        """Return the sums of no rows yet."""
        return cls({name: Column(sort_of(dtype)) for name, dtype in schema.items()})

    def watch(self, frame: "pl.LazyFrame", pulse: Callable[[], None]) -> "pl.LazyFrame":
        """Return the frame; what passes it is added. `pulse` may raise to end the query."""

        def add(batch: "pl.DataFrame") -> "pl.DataFrame":
            pulse()
            self.add(batch)
            return batch

        return frame.map_batches(add, streamable=True, validate_output_schema=False)

    def add(self, batch: "pl.DataFrame") -> None:
        """Add the rows of a batch, which has every column."""
        import polars as pl

        hashes: list[pl.Series] = []
        found: dict[str, tuple[int, int]] = {}
        for name, column in self.columns.items():
            if column.sort == "":
                continue
            values = batch.get_column(name)
            hashed = _hashes(values, column.sort)
            found[name] = (int(hashed.sum()), values.null_count())
            hashes.append(hashed.alias(str(len(hashes))))
        rows = int(pl.DataFrame(hashes).hash_rows().sum()) if hashes and batch.height else 0
        with self.lock:
            self.rows += batch.height
            self.total = (self.total + rows) % ROOM
            for name, (total, nulls) in found.items():
                column = self.columns[name]
                column.total = (column.total + total) % ROOM
                column.nulls += nulls

    def plus(self, more: "Sums") -> "Sums":
        """Return the sums of both together; a column that changed its sort has none."""
        columns = {
            name: Column(
                _both(one.sort, more.columns[name].sort),
                (one.total + more.columns[name].total) % ROOM,
                one.nulls + more.columns[name].nulls,
            )
            for name, one in self.columns.items()
        }
        return Sums(columns, self.rows + more.rows, (self.total + more.total) % ROOM)

    def stored(self) -> dict[str, Any]:
        """Return the sums as JSON; numbers are text, because JSON's end at 53 bits."""
        import polars as pl

        columns = {
            name: [column.sort, str(column.total), column.nulls]
            for name, column in self.columns.items()
        }
        # Another version of Polars may hash otherwise.
        return {
            "by": pl.__version__,
            "rows": self.rows,
            "total": str(self.total),
            "columns": columns,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> "Sums | None":
        """Return stored sums; None where there are none, or ones that cannot be compared here."""
        import polars as pl

        if not stored or stored["by"] != pl.__version__:
            return None
        columns = {
            name: Column(sort, int(total), nulls)
            for name, (sort, total, nulls) in stored["columns"].items()
        }
        return cls(columns, stored["rows"], int(stored["total"]))


def _both(one: str, other: str) -> str:
    """Return the sort of two columns together: nulls are of every sort."""
    if "null" in (one, other):
        return other if one == "null" else one
    return one if one == other else ""


def sort_of(dtype: "pl.DataType") -> str:
    """Return what values say, whatever holds them; empty where they cannot be compared."""
    import polars as pl

    if dtype.is_nested():
        strange = ("Categorical", "Enum", "Object")
        return "" if any(word in str(dtype) for word in strange) else str(dtype)
    if dtype.is_float():
        return "float"
    if dtype.is_numeric() or dtype == pl.Boolean():
        return "number"
    if isinstance(dtype, pl.Datetime):
        return "clock" if dtype.time_zone is None else "instant"
    sorts = {"String": "text", "Categorical": "text", "Enum": "text", "Object": ""}
    name = type(dtype).__name__
    return sorts.get(name, name.lower())


def _hashes(values: "pl.Series", sort: str) -> "pl.Series":
    """Return a 64-bit hash for each value, zero for nulls."""
    import polars as pl

    said = _said(values, sort)
    hashed = said.hash()
    return pl.select(pl.when(values.is_not_null()).then(hashed).otherwise(NOTHING)).to_series()


def _said(values: "pl.Series", sort: str) -> "pl.Series":
    """Return the values in the one form that their sort has."""
    import polars as pl

    if sort == "number":
        return _digits(values)
    if sort == "float":
        return values.cast(pl.Float64)
    if sort == "text":
        return values.cast(pl.String)
    if sort in ("clock", "instant", "duration"):
        return _moments(values)
    return values


def _digits(values: "pl.Series") -> "pl.Series":
    """Return numbers as their shortest text."""
    import polars as pl

    if values.dtype == pl.Boolean():
        values = values.cast(pl.Int8)
    texts = values.cast(pl.String)
    if isinstance(values.dtype, pl.Decimal) and values.dtype.scale:
        texts = texts.str.strip_chars_end("0").str.strip_chars_end(".")
    return texts


def _moments(values: "pl.Series") -> "pl.Series":
    """Return points or spans of time as seconds and nanoseconds, which every unit can say."""
    import polars as pl

    units = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
    unit = units[values.dtype.time_unit]  # type: ignore[attr-defined]
    whole = values.to_physical()
    seconds = (whole // unit).alias("seconds")
    rest = ((whole % unit) * (1_000_000_000 // unit)).alias("rest")
    return pl.DataFrame([seconds, rest]).to_struct()
