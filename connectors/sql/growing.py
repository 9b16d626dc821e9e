"""What a table's columns must become before it holds the rows of a load exactly."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import DataError
from connectors.sql.columns import check_columns, fits, folded

if TYPE_CHECKING:
    import polars as pl

# Returns the type that holds both, as `wider` does; a system may be narrower.
Widen = Callable[["pl.DataType", "pl.DataType"], "pl.DataType | None"]
# Digits that a decimal of Polars may have.
_DIGITS = 38


@dataclass(frozen=True)
class Growth:
    """Columns that a table lacks, and those of its own that need a wider type."""

    added: Mapping[str, "pl.DataType"]
    widened: Mapping[str, "pl.DataType"]

    def __bool__(self) -> bool:
        """Whether the table changes at all."""
        return bool(self.added or self.widened)


def grown(
    schema: Mapping[str, "pl.DataType"],
    held: Mapping[str, "pl.DataType"],
    *,
    is_case_sensitive: bool = True,
    table: str = "the table",
    widen: "Widen | None" = None,
) -> Growth:
    """Return what columns that hold `held` lack for rows of `schema`.

    Raises DataError where no type holds the old values and the new ones.
    """
    known = {folded(name, is_case_sensitive): name for name in held}
    added, widened = {}, {}
    for name, dtype in schema.items():
        own = known.get(folded(name, is_case_sensitive))
        if own is None:
            added[name] = dtype
        elif not fits(dtype, held[own]):
            found = (widen or wider)(held[own], dtype)
            if found is None:
                raise unfit(own, held[own], dtype, table)
            widened[own] = found
    return Growth(added, widened)


def check_rows(
    schema: Mapping[str, "pl.DataType"],
    held: Mapping[str, "pl.DataType"],
    *,
    evolve: bool,
    required: Collection[str] = (),
    is_case_sensitive: bool = True,
    table: str = "the table",
    widen: "Widen | None" = None,
) -> Growth:
    """Return what a table must gain for these rows: nothing, unless it may `evolve`.

    Raises ConfigError or DataError for rows that it cannot hold, not even then.
    """
    shown: Any = {"is_case_sensitive": is_case_sensitive, "table": table}
    growth = grown(schema, held, widen=widen, **shown) if evolve else Growth({}, {})
    later = {**held, **growth.widened, **growth.added}
    check_columns(schema, later, required=required, **shown)
    return growth


def unfit(name: str, held: object, given: object, table: str) -> DataError:
    """Return the error of a column that no type widens enough."""
    return DataError(
        f"Column {name!r} of {table} holds {held} and the rows bring {given}; no type holds both "
        "exactly. Load into another table, reload this one with write mode 'replace', cast the "
        "column in a step before, or make it text in the table and set `unheld_types` to 'text'"
    )


def wider(held: "pl.DataType", given: "pl.DataType") -> "pl.DataType | None":
    """Return the narrowest type that holds all values of both exactly, None where there is none."""
    import polars as pl

    if held == pl.Null():
        return given
    if held.is_integer() and given.is_integer():
        return _integer(held, given)
    if _counts(held) and _counts(given):
        return _decimal(held, given)
    floats = (pl.Float16(), pl.Float32(), pl.Float64())
    if held in floats and given in floats:
        return max(held, given, key=floats.index)
    if isinstance(given, pl.Datetime):
        return _moment(held, given)
    texts = (pl.String, pl.Categorical, pl.Enum)
    return pl.String() if isinstance(held, texts) and isinstance(given, texts) else None


def _integer(held: "pl.DataType", given: "pl.DataType") -> "pl.DataType | None":
    """Return the integer that holds both; a decimal where that would be wider than common."""
    import polars as pl

    if held.is_signed_integer() == given.is_signed_integer():
        return max(held, given, key=_bits)
    signed, unsigned = (held, given) if held.is_signed_integer() else (given, held)
    if _bits(signed) > _bits(unsigned):
        return signed
    wide: dict[int, pl.DataType] = {8: pl.Int16(), 16: pl.Int32(), 32: pl.Int64()}
    return {**wide, 64: pl.Decimal(20, 0)}.get(_bits(unsigned))


def _decimal(held: "pl.DataType", given: "pl.DataType") -> "pl.DataType | None":
    import polars as pl

    before = max(_digits(held)[0], _digits(given)[0])
    behind = max(_digits(held)[1], _digits(given)[1])
    return pl.Decimal(before + behind, behind) if before + behind <= _DIGITS else None


def _moment(held: "pl.DataType", given: "pl.Datetime") -> "pl.DataType | None":
    """Return the finer of two timestamps; nanoseconds end in 2262 and so do not hold the others."""
    import polars as pl

    if given.time_unit == "ns":
        return None
    if isinstance(held, pl.Date):
        return given if given.time_zone is None else None
    is_alike = isinstance(held, pl.Datetime) and (held.time_zone is None) == (
        given.time_zone is None
    )
    return pl.Datetime(given.time_unit, held.time_zone) if is_alike else None  # type: ignore[attr-defined]


def _counts(dtype: "pl.DataType") -> bool:
    import polars as pl

    return dtype.is_integer() or isinstance(dtype, pl.Decimal)


def _digits(dtype: "pl.DataType") -> tuple[int, int]:
    """Return how many digits stand before and behind the point."""
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return dtype.precision - dtype.scale, dtype.scale
    return len(str(2 ** (_bits(dtype) - dtype.is_signed_integer()))), 0


def _bits(dtype: "pl.DataType") -> int:
    return int(str(dtype).removeprefix("U").removeprefix("Int"))
