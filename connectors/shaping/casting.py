"""Columns in other types, as Polars expressions that are null where a value does not fit.

Nothing is rounded or cut: 1.5 is no integer, and a number with three places no decimal of two.
"""

from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError
from connectors.files.types import conversion
from connectors.literals import FALSE, TRUE
from connectors.texts import can_be_text, text_of

if TYPE_CHECKING:
    import polars as pl


def recast(name: str, given: "pl.DataType", wanted: "pl.DataType") -> "pl.Expr":
    """Return a column of one type in another; ConfigError where that has no meaning."""
    import polars as pl

    cell = pl.col(name)
    if given == wanted:
        return cell
    if isinstance(wanted, pl.String) and can_be_text(given):
        return text_of(cell, given)
    if isinstance(given, pl.Categorical | pl.Enum):
        given, cell = pl.String(), cell.cast(pl.String)
    made = _made(cell, given, wanted)
    if made is None:
        raise ConfigError(
            f"Column {name!r} is {given}, which has no meaning as {wanted}", field="types"
        )
    return made


def _made(cell: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType") -> "pl.Expr | None":
    import polars as pl

    if isinstance(given, pl.String):
        return _from_text(cell.str.strip_chars(), wanted)
    if given.is_numeric():
        return _from_number(cell, given, wanted)
    if isinstance(given, pl.Boolean) and wanted.is_numeric():
        return cell.cast(pl.Int8).cast(wanted)
    if isinstance(given, pl.Date | pl.Datetime):
        return _from_time(cell, given, wanted)
    return None


def _from_text(text: "pl.Expr", wanted: "pl.DataType") -> "pl.Expr | None":
    import polars as pl

    if own := conversion(wanted):
        return own(text)
    if wanted.is_integer():
        return pl.when(text.str.contains(r"^[+-]?\d+$")).then(
            text.str.strip_prefix("+").cast(wanted, strict=False)
        )
    if wanted.is_float():
        return text.cast(wanted, strict=False)
    if isinstance(wanted, pl.Boolean):
        lower = text.str.to_lowercase()
        return pl.when(lower.is_in([*TRUE, *FALSE])).then(lower.is_in([*TRUE]))
    return None


def _from_number(
    number: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType"
) -> "pl.Expr | None":
    import polars as pl

    if isinstance(wanted, pl.Decimal):
        own = conversion(wanted)
        assert own is not None
        return own(number.cast(pl.String))
    if wanted.is_integer():
        if given.is_integer():
            return number.cast(wanted, strict=False)
        # Through a decimal's text nothing is lost that a float of 64 bits would lose.
        is_whole = number == number.cast(pl.Int128, strict=False).cast(given, strict=False)
        return pl.when(is_whole).then(number).cast(wanted, strict=False)
    if wanted.is_float():
        return number.cast(wanted, strict=False)
    if isinstance(wanted, pl.Boolean):
        return pl.when((number == 0) | (number == 1)).then(number == 1)
    return None


def _from_time(moment: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType") -> "pl.Expr | None":
    import polars as pl

    if isinstance(wanted, pl.Date):
        return moment.dt.date()
    if isinstance(wanted, pl.Time) and isinstance(given, pl.Datetime):
        return moment.dt.time()
    if not isinstance(wanted, pl.Datetime):
        return None
    zone: Any = given.time_zone if isinstance(given, pl.Datetime) else None
    naive = moment.cast(pl.Datetime(wanted.time_unit, zone))
    # A time without a zone is UTC.
    there = naive.dt
    aware = there.replace_time_zone("UTC") if zone is None else there.convert_time_zone("UTC")
    if wanted.time_zone is None:
        return aware.dt.replace_time_zone(None)
    return aware.dt.convert_time_zone(wanted.time_zone)
