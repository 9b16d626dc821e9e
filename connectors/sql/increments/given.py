"""Values of cursors out of a state, which a person may have written: read exactly or refused."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.increments.values import decode, encode

if TYPE_CHECKING:
    import polars as pl

# Polars also takes spaces, exponents and fractions, which it cuts off.
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def read_value(text: str, dtype: "pl.DataType", column: str, field: str = "state") -> "pl.Series":
    """Return the value that a state says, as a series of one; ConfigError if the type lacks it."""
    from polars.exceptions import PolarsError

    is_number = dtype.is_numeric()
    try:
        found = decode(text, dtype) if not is_number or _NUMBER.fullmatch(text) else None
    except PolarsError:
        found = None
    is_exact = found is not None and not (is_number and Decimal(encode(found)) != Decimal(text))
    if found is None or found.null_count() or not is_exact:
        raise ConfigError(
            f"{text!r} is no value of the cursor column {column!r}, which is {dtype}: give "
            f"{_form(dtype)}",
            field=field,
        )
    return found


def _form(dtype: "pl.DataType") -> str:
    import polars as pl

    if isinstance(dtype, pl.Date):
        return "a date such as 2026-01-31"
    if isinstance(dtype, pl.Datetime):
        return "a time such as 2026-01-31 12:30:00" + ("+00:00" if dtype.time_zone else "")
    if isinstance(dtype, pl.Decimal):
        return f"a number with up to {dtype.scale} decimals"
    return "a whole number such as 42, no greater than the type"
