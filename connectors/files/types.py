"""Types that a person names for columns of text, and conversions that never change a value.

A conversion is checked: what does not fit the type exactly is an error, not a null and not a
rounded number.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, AliasChoices, Field

from connectors.errors import ConfigError

if TYPE_CHECKING:
    import polars as pl

KNOWN = (
    "text, boolean, int8 … int64, uint8 … uint64, integer, float32, float, decimal(18, 2), date, "
    "time, datetime, datetime[ns], datetime[us, Europe/Berlin]"
)
PLAIN = {
    "text": "String",
    "string": "String",
    "boolean": "Boolean",
    "bool": "Boolean",
    "integer": "Int64",
    "bigint": "Int64",
    "int": "Int64",
    "float": "Float64",
    "double": "Float64",
    "date": "Date",
    "time": "Time",
    "datetime": "Datetime",
    "timestamp": "Datetime",
}
NUMBERED = re.compile(r"(u?int)(8|16|32|64)|float(32|64)")
DECIMAL = re.compile(r"(?:decimal|numeric)\((\d+)(?:,(\d+))?\)")
STAMP = re.compile(r"(?:datetime|timestamp)\[(ms|us|ns)(?:,([A-Za-z0-9_+/-]+))?\]")
FRACTION_DIGITS = {"ms": 3, "us": 6, "ns": 9}


# How a column of text becomes another type; the result is null where a value does not fit.
Conversion = Callable[["pl.Expr"], "pl.Expr"]


def parse_types(types: Mapping[str, str]) -> dict[str, "pl.DataType"]:
    """Return the Polars type of each named column; raise ConfigError for an unknown type."""
    return {column: parse_type(name, column) for column, name in types.items()}


def _require_known(types: dict[str, str]) -> dict[str, str]:
    parse_types(types)
    return types


# What a person says of the columns of a text format, judged when it is saved.
TypesByName = Annotated[
    dict[str, str],
    Field(
        title="Types",
        description="Types of columns by name, as text, integer, decimal(18, 2), datetime[ns].",
        validation_alias=AliasChoices("types", "schema", "dtypes"),
    ),
    AfterValidator(_require_known),
]


def parse_type(name: str, column: str) -> "pl.DataType":
    """Return the Polars type that a name means."""
    import polars as pl

    lower = re.sub(r"\s+", "", name).lower()
    if lower in PLAIN:
        return _named(PLAIN[lower])
    if NUMBERED.fullmatch(lower):
        return _named(lower.replace("u", "U").replace("int", "Int").replace("f", "F"))
    if match := DECIMAL.fullmatch(lower):
        precision, scale = int(match[1]), int(match[2] or 0)
        if 0 < precision <= 38 and scale <= precision:
            return pl.Decimal(precision, scale)
    if match := STAMP.fullmatch(re.sub(r"\s+", "", name)):
        return pl.Datetime(match[1], match[2])  # type: ignore[arg-type]
    raise ConfigError(f"types.{column}: unknown type {name!r}; known: {KNOWN}", field="types")


def name_of(dtype: object) -> str:
    """Return a type in the words in which a person names it; Polars' own short words too."""
    text = str(dtype)
    if short := re.fullmatch(r"([iuf])(\d+)", text):
        return {"i": "int", "u": "uint", "f": "float"}[short[1]] + short[2]
    numbers = [piece for piece in re.findall(r"=([^,)]+)", text) if piece != "None"]
    shown = ", ".join(numbers).replace("'", "")
    kind = text.partition("(")[0].lower()
    brackets = "()" if kind == "decimal" else "[]"
    return f"{kind}{brackets[0]}{shown}{brackets[1]}" if shown else kind


def conversion(dtype: "pl.DataType") -> Conversion | None:
    """Return how text becomes `dtype`, or None where Polars' own CSV reader does it exactly."""
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        scale = dtype.scale
        return lambda text: _decimal(text, dtype, scale)
    if isinstance(dtype, pl.Datetime):
        unit, zone = dtype.time_unit, dtype.time_zone
        return lambda text: _zoned(text, unit, zone) if zone else _naive(text, unit)
    if dtype == pl.Date:
        return lambda text: text.str.to_date("%Y-%m-%d", strict=False)
    if dtype == pl.Time:
        return lambda text: pl.coalesce(
            text.str.to_time("%H:%M:%S%.f", strict=False),
            text.str.to_time("%H:%M", strict=False),
        )
    return None


def _named(name: str) -> "pl.DataType":
    import polars as pl

    kind: type[pl.DataType] = getattr(pl, name)
    return pl.Datetime("us") if kind is pl.Datetime else kind()


def _decimal(text: "pl.Expr", dtype: "pl.DataType", scale: int) -> "pl.Expr":
    import polars as pl

    # Polars cuts off digits beyond the scale, so only what fits is handed to it.
    fits = text.str.contains(rf"^[+-]?(\d+(\.\d{{0,{scale}}}0*)?|\.\d{{1,{max(scale, 1)}}}0*)$")
    return pl.when(fits).then(text).cast(dtype, strict=False)


def _fine(text: "pl.Expr", unit: str) -> "pl.Expr":
    """Keep what has no digits that the unit would cut off."""
    import polars as pl

    digits = FRACTION_DIGITS[unit]
    return pl.when(~text.str.contains(rf"\.\d{{{digits}}}0*[1-9]")).then(text)


def _naive(text: "pl.Expr", unit: str) -> "pl.Expr":
    import polars as pl

    fine = _fine(text, unit)
    shapes = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
    return pl.coalesce(
        fine.str.to_datetime(shape, time_unit=unit, strict=False)  # type: ignore[arg-type]
        for shape in shapes
    )


def _zoned(text: "pl.Expr", unit: str, zone: str) -> "pl.Expr":
    import polars as pl

    fine = _fine(text, unit)
    shapes = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z")
    moments = [
        fine.str.to_datetime(shape, time_unit=unit, time_zone="UTC", strict=False)  # type: ignore[arg-type]
        for shape in shapes
    ]
    return pl.coalesce(moments).dt.convert_time_zone(zone)
