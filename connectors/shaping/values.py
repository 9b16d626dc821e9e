"""Values in expressions: constants, and conversions that are exact and the same on every engine."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.columns import is_plain, is_text
from connectors.errors import ConfigError

if TYPE_CHECKING:
    import narwhals as nw

Node = dict[str, Any]
NOTHING = object()


@dataclass(frozen=True)
class Value:
    """An expression, its type, and what it is where it is a constant."""

    expr: "nw.Expr"
    dtype: Any
    literal: Any = NOTHING

    @property
    def is_constant(self) -> bool:
        """Whether the value is the same in each row."""
        return self.literal is not NOTHING


def is_constant(node: Node) -> bool:
    """Whether a node is a literal: 1, -1, 'x', true, null, DATE '2026-01-31'."""
    if node["class"] == "CAST":
        is_literal = bool(node["child"]["class"] == "CONSTANT")
        return is_literal and node["cast_type"]["id"] in ("DATE", "TIMESTAMP", "BOOLEAN")
    return bool(node["class"] == "CONSTANT")


def constant(node: Node) -> Value:
    """Return a literal as a value."""
    inner = node["child"] if node["class"] == "CAST" else node
    given = _literal(inner["value"])
    if node["class"] == "CAST":
        given = _read(node["cast_type"]["id"], str(given))
    return of(given)


def of(given: Any) -> Value:
    """Return a Python value as a constant."""
    import narwhals as nw

    if isinstance(given, Decimal):
        places = max(0, -int(given.as_tuple().exponent))
        dtype: Any = nw.Decimal(38, places)
        return Value(nw.lit(given, dtype), dtype, given)
    types: dict[type, Any] = {
        bool: nw.Boolean(),
        int: nw.Int64(),
        float: nw.Float64(),
        datetime: nw.Datetime("us"),
        date: nw.Date(),
    }
    if isinstance(given, int) and not -(2**63) <= given < 2**63:
        raise ConfigError(f"{given} is no number of 64 bits", field="expression")
    dtype = types.get(type(given), nw.String())
    return Value(nw.lit(given, dtype), dtype, given)


def _literal(value: Node) -> Any:
    if value["is_null"]:
        return None
    given, kind = value["value"], value["type"]
    if kind["id"] == "DECIMAL":
        whole = _hugeint(given) if isinstance(given, dict) else int(given)
        return Decimal(whole).scaleb(-kind["type_info"]["scale"])
    return _hugeint(given) if isinstance(given, dict) else given


def _hugeint(given: dict[str, int]) -> int:
    return (int(given["upper"]) << 64) + int(given["lower"])


def _read(kind: str, text: str) -> Any:
    try:
        if kind == "DATE":
            return date.fromisoformat(text)
        if kind == "TIMESTAMP":
            return datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no {kind.lower()}: {error}", field="expression") from None
    return {"t": True, "true": True, "f": False, "false": False}[text.lower()]


def widest(numbers: list[Any]) -> Any:
    """Return the type of numbers that holds values of all of these types."""
    import narwhals as nw

    if all(dtype == numbers[0] for dtype in numbers):
        return numbers[0]
    if any(dtype.is_float() for dtype in numbers):
        return nw.Float64()
    if any(dtype.is_decimal() for dtype in numbers):
        return nw.Decimal(38, max(getattr(dtype, "scale", 0) for dtype in numbers))
    is_wide = any(dtype in (nw.UInt64, nw.Int128, nw.UInt128) for dtype in numbers)
    return nw.Int128() if is_wide else nw.Int64()


def converted(value: Value, wanted: Node) -> "nw.Expr":
    """Return a value cast to another type, where that never fails on a row and never differs."""
    import narwhals as nw

    kind = wanted["id"]
    if kind == "VARCHAR":
        return texted(value)
    if kind in ("DOUBLE", "FLOAT") and value.dtype.is_numeric():
        return value.expr.cast(nw.Float64)
    if kind == "DECIMAL" and (value.dtype.is_integer() or value.dtype.is_decimal()):
        return _decimal(value, wanted["type_info"])
    if kind in ("BIGINT", "INTEGER") and value.dtype.is_integer():
        return value.expr.cast(nw.Int64)
    if kind == "DATE" and isinstance(value.dtype, nw.Date | nw.Datetime):
        return value.expr.cast(nw.Date)
    raise ConfigError(
        f"{value.dtype} as {kind.lower()} may fail for some rows; the steps cast and parse_date "
        "say for which",
        field="expression",
    )


def _decimal(value: Value, info: Node) -> "nw.Expr":
    import narwhals as nw

    scale = int(info.get("scale", 0))
    if value.dtype.is_decimal() and value.dtype.scale > scale:
        raise ConfigError(
            f"decimal with {scale} digits would cut off some of {value.dtype}", field="expression"
        )
    return value.expr.cast(nw.Decimal(38, scale))


def texted(value: Value) -> "nw.Expr":
    """Return a value as text; ConfigError for types whose text differs between engines."""
    import narwhals as nw

    if is_text(value.dtype):
        return value.expr.cast(nw.String)
    if value.dtype.is_float() or isinstance(value.dtype, nw.Datetime) or not is_plain(value.dtype):
        raise ConfigError(
            f"{value.dtype} has no text that is the same everywhere: use strftime for times, and "
            "the step cast for numbers",
            field="expression",
        )
    return value.expr.cast(nw.String)
