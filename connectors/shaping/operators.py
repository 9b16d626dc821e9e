"""The operators of expressions: arithmetic that is exact or refused, and texts put together."""

from collections.abc import Callable
from operator import add, mul, sub
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError
from connectors.shaping.functions import FUNCTIONS, Call
from connectors.shaping.values import Value, texted

if TYPE_CHECKING:
    import narwhals as nw


def _demand_numbers(sign: str, *values: Value) -> None:
    for value in values:
        if not value.dtype.is_numeric():
            raise ConfigError(
                f"{sign} needs numbers, and one of its values is {value.dtype}", field="expression"
            )


def _arithmetic(sign: str, left: Value, right: Value | None = None) -> "nw.Expr":
    """Return + - or * of two numbers, or the negative of one."""
    import narwhals as nw

    if right is None:
        _demand_numbers(sign, left)
        return _arithmetic(sign, Value(nw.lit(0), nw.Int64(), 0), left)
    _demand_numbers(sign, left, right)
    made: Callable[[Any, Any], Any] = {"+": add, "-": sub, "*": mul}[sign]
    if left.dtype.is_float() or right.dtype.is_float():
        found: nw.Expr = made(left.expr.cast(nw.Float64), right.expr.cast(nw.Float64))
    elif left.dtype.is_decimal() or right.dtype.is_decimal():
        found = _decimals(sign, made, left, right)
    else:
        # Wide enough, then refused where 64 bits do not hold it: never a wrong number.
        wide = made(left.expr.cast(nw.Int128), right.expr.cast(nw.Int128))
        found = wide.cast(nw.Int64)
    return found


def _decimals(sign: str, made: Callable[[Any, Any], Any], left: Value, right: Value) -> "nw.Expr":
    import narwhals as nw

    scales = [getattr(one.dtype, "scale", 0) for one in (left, right)]
    places = sum(scales) if sign == "*" else max(scales)
    if places + scales[1] > 38:
        raise ConfigError(
            f"{sign} would need {places} digits after the point; make one of the values a float",
            field="expression",
        )
    exact = nw.Decimal(38, places)
    first = left.expr.cast(exact)
    second = right.expr.cast(nw.Decimal(38, scales[1]) if sign == "*" else exact)
    found: nw.Expr = made(first, second).cast(exact)
    return found


def _divided(sign: str, left: Value, right: Value) -> "nw.Expr":
    """Return a quotient as a float, and nothing where the divisor is 0."""
    import narwhals as nw

    _demand_numbers(sign, left, right)
    top, bottom = left.expr.cast(nw.Float64), right.expr.cast(nw.Float64)
    return nw.when(bottom != 0).then(top / bottom)


def _whole(sign: str, left: Value, right: Value) -> "nw.Expr":
    """Return the quotient (towards minus infinity) or the rest of whole numbers."""
    import narwhals as nw

    if not (left.dtype.is_integer() and right.dtype.is_integer()):
        raise ConfigError(f"{sign} needs whole numbers", field="expression")
    top, bottom = left.expr.cast(nw.Int64), right.expr.cast(nw.Int64)
    safe = nw.when(bottom != 0).then(bottom)
    return top // safe if sign == "//" else top % safe


def _joined(_: str, *values: Value) -> "nw.Expr":
    import narwhals as nw

    return nw.concat_str(*map(texted, values))


OPERATORS: dict[str, Call] = {
    "+": Call(_arithmetic, (2, 2)),
    "-": Call(_arithmetic, (1, 2)),
    "*": Call(_arithmetic, (2, 2)),
    "/": Call(_divided, (2, 2), copies=2),
    "//": Call(_whole, (2, 2), copies=8),
    "%": Call(_whole, (2, 2), copies=8),
    "||": Call(_joined, (2, 200), copies=2),
    **{sign: FUNCTIONS[sign] for sign in ("~~", "!~~", "~~*", "!~~*")},
}
