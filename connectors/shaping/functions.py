"""The functions of expressions: each is the same on every engine."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.columns import is_text
from connectors.errors import ConfigError
from connectors.shaping.values import Value, texted

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["FUNCTIONS", "Call", "Value", "known_functions"]

LONG = 2**31 - 1
UNITS = {
    "year": "1y",
    "quarter": "1q",
    "month": "1mo",
    "week": "1w",
    "day": "1d",
    "hour": "1h",
    "minute": "1m",
    "second": "1s",
}
PARTS = ("year", "month", "day", "hour", "minute", "second")
CLOCK = ("hour", "minute", "second")
DIRECTIVES = re.compile(r"%[^YmdHMSjy%]")


@dataclass(frozen=True)
class Call:
    """What a function makes of its name and its values, and how many (least, most) it takes.

    `copies` says how often a value stands in what is made of it.
    """

    made: Callable[..., "nw.Expr"]
    takes: tuple[int, int]
    copies: int = 1


def known_functions() -> str:
    """Return the names of all functions, as a message shows them."""
    return ", ".join(sorted(name for name in FUNCTIONS if name.isidentifier()))


def _text(name: str, value: Value) -> "nw.Expr":
    if not is_text(value.dtype):
        raise ConfigError(f"{name} needs a text, not {value.dtype}", field="expression")
    return texted(value)


def _fixed(name: str, value: Value, kind: type) -> Any:
    """Return a value that has to be written out, since it shapes the expression itself."""
    if not value.is_constant or type(value.literal) is not kind:
        wanted = {int: "a whole number", str: "a text"}[kind]
        raise ConfigError(f"{name} needs {wanted} that is written out", field="expression")
    return value.literal


def _size(name: str, value: Value) -> int:
    size: int = _fixed(name, value, int)
    if not 0 <= size <= 10_000:
        raise ConfigError(f"{name} takes from 0 to 10000, not {size}", field="expression")
    return size


def _cased(name: str, value: Value) -> "nw.Expr":
    text = _text(name, value)
    return text.str.to_uppercase() if name in ("upper", "ucase") else text.str.to_lowercase()


def _trimmed(name: str, value: Value, characters: Value | None = None) -> "nw.Expr":
    text = _text(name, value)
    taken = " " if characters is None else _fixed(name, characters, str)
    if name == "ltrim":
        return text.str.strip_chars_start(taken)
    return text.str.strip_chars_end(taken) if name == "rtrim" else text.str.strip_chars(taken)


def _length(name: str, value: Value) -> "nw.Expr":
    import narwhals as nw

    return _text(name, value).str.len_chars().cast(nw.Int64)


def _substring(name: str, value: Value, start: Value, count: Value | None = None) -> "nw.Expr":
    first = _size(name, start)
    if first < 1:
        raise ConfigError(f"{name} counts characters from 1 on", field="expression")
    # Without a length an engine would be asked for that of the text, which doubles the text.
    length = LONG if count is None else _size(name, count)
    return _text(name, value).str.slice(first - 1, length)


def _end(name: str, value: Value, count: Value) -> "nw.Expr":
    text, size = _text(name, value), _size(name, count)
    if size == 0:
        return text.str.slice(0, 0)
    return text.str.head(size) if name == "left" else text.str.tail(size)


def _replaced(name: str, value: Value, old: Value, new: Value) -> "nw.Expr":
    found = _fixed(name, old, str)
    if not found:
        raise ConfigError(f"{name} needs a text to look for", field="expression")
    return _text(name, value).str.replace_all(found, _fixed(name, new, str), literal=True)


def _concat(_: str, *values: Value) -> "nw.Expr":
    import narwhals as nw

    # Unlike ||, what is missing counts as an empty text.
    return nw.concat_str(*(texted(value).fill_null("") for value in values))


def _has(name: str, value: Value, part: Value) -> "nw.Expr":
    text, found = _text(name, value), re.escape(_fixed(name, part, str))
    before = "^" if name in ("starts_with", "prefix") else ""
    after = "$" if name in ("ends_with", "suffix") else ""
    return text.str.contains(before + found + after)


def _liked(sign: str, value: Value, pattern: Value) -> "nw.Expr":
    signs = {"%": "(?s:.*)", "_": "(?s:.)"}
    given = _fixed("like", pattern, str)
    made = "".join(signs.get(one) or re.escape(one) for one in given)
    found = _text("like", value).str.contains(f"{'(?i)' if '*' in sign else ''}^{made}$")
    return ~found if sign.startswith("!") else found


def _matched(name: str, value: Value, pattern: Value) -> "nw.Expr":
    given = _fixed(name, pattern, str)
    try:
        re.compile(given)
    except re.error as error:
        raise ConfigError(
            f"{given!r} is no regular expression: {error}", field="expression"
        ) from None
    return _text(name, value).str.contains(given)


def _padded(name: str, value: Value, size: Value, sign: Value | None = None) -> "nw.Expr":
    filled = " " if sign is None else _fixed(name, sign, str)
    if len(filled) != 1:
        raise ConfigError(f"{name} fills up with one character", field="expression")
    text, length = texted(value), _size(name, size)
    if name == "lpad":
        return text.str.pad_start(length, filled)
    return text.str.pad_end(length, filled)


def _split_part(name: str, value: Value, sign: Value, place: Value) -> "nw.Expr":
    import narwhals as nw

    delimiter, at = _fixed(name, sign, str), _size(name, place)
    if not delimiter or not 1 <= at <= 100:
        raise ConfigError(
            f"{name} needs a delimiter, and the number of a piece from 1 to 100", field="expression"
        )
    longer = nw.concat_str(_text(name, value), nw.lit(delimiter * at))
    return longer.str.split(delimiter).list.get(at - 1)


def _nullif(_: str, value: Value, other: Value) -> "nw.Expr":
    import narwhals as nw

    return nw.when(~(value.expr == other.expr) | other.expr.is_null()).then(value.expr)


def _number(name: str, value: Value) -> "nw.Expr":
    if not value.dtype.is_numeric():
        raise ConfigError(f"{name} needs a number, not {value.dtype}", field="expression")
    return value.expr


def _absolute(name: str, value: Value) -> "nw.Expr":
    return _number(name, value).abs()


def _float(name: str, value: Value) -> "nw.Expr":
    import narwhals as nw

    return _number(name, value).cast(nw.Float64)


def _rounded(name: str, value: Value, places: Value | None = None) -> "nw.Expr":
    """Return a number with fewer places, halves away from zero."""
    import narwhals as nw

    if value.dtype.is_integer():
        return value.expr
    if value.dtype.is_decimal():
        raise ConfigError(
            "round, floor and ceil take floats: CAST(… AS DOUBLE) first", field="expression"
        )
    number = _float(name, value)
    if name == "floor":
        return number.floor()
    if name in ("ceil", "ceiling"):
        return number.ceil()
    power = 10.0 ** (0 if places is None else min(_size(name, places), 15))
    size = (number.abs() * power + 0.5).floor() / power
    return nw.when(number < 0).then(size * -1.0).otherwise(size)


def _root(name: str, value: Value) -> "nw.Expr":
    import narwhals as nw

    number = _float(name, value)
    # Of what is below 0 there is none.
    return nw.when(number >= 0).then(number.sqrt())


def _moment(name: str, value: Value, *, has_clock: bool = False) -> "nw.Expr":
    import narwhals as nw

    kinds = (nw.Datetime,) if has_clock else (nw.Datetime, nw.Date)
    if not isinstance(value.dtype, kinds):
        wanted = "a time" if has_clock else "a date or a time"
        raise ConfigError(f"{name} needs {wanted}, not {value.dtype}", field="expression")
    return value.expr


def _part(name: str, value: Value) -> "nw.Expr":
    import narwhals as nw

    moment = _moment(name, value, has_clock=name in CLOCK)
    found: nw.Expr = getattr(moment.dt, name)()
    return found.cast(nw.Int64)


def _date_part(name: str, unit: Value, value: Value) -> "nw.Expr":
    wanted = _fixed(name, unit, str).lower()
    if wanted not in PARTS:
        raise ConfigError(f"{name} knows {', '.join(PARTS)}", field="expression")
    return _part(wanted, value)


def _truncated(name: str, unit: Value, value: Value) -> "nw.Expr":
    wanted = _fixed(name, unit, str).lower()
    if wanted not in UNITS:
        raise ConfigError(f"{name} knows {', '.join(UNITS)}", field="expression")
    moment = _moment(name, value, has_clock=wanted in CLOCK)
    return moment.dt.truncate(UNITS[wanted]).cast(value.dtype)


def _formatted(name: str, value: Value, form: Value) -> "nw.Expr":
    wanted = _fixed(name, form, str)
    if unknown := DIRECTIVES.search(wanted.replace("%%", "")):
        raise ConfigError(
            f"{name} knows %Y %m %d %H %M %S %j %y, not {unknown[0]}", field="expression"
        )
    return _moment(name, value).dt.to_string(wanted)


def _each(call: Call, *names: str) -> dict[str, Call]:
    return dict.fromkeys(names, call)


FUNCTIONS: dict[str, Call] = {
    **_each(Call(_cased, (1, 1)), "upper", "ucase", "lower", "lcase"),
    **_each(Call(_trimmed, (1, 2)), "trim", "ltrim", "rtrim"),
    **_each(Call(_length, (1, 1)), "length", "len", "char_length"),
    **_each(Call(_substring, (2, 3)), "substring", "substr"),
    **_each(Call(_end, (2, 2), copies=3), "left", "right"),
    **_each(Call(_replaced, (3, 3)), "replace"),
    **_each(Call(_concat, (1, 100), copies=2), "concat"),
    **_each(Call(_has, (2, 2)), "contains", "starts_with", "prefix", "ends_with", "suffix"),
    **_each(Call(_liked, (2, 2)), "~~", "!~~", "~~*", "!~~*"),
    **_each(Call(_matched, (2, 2)), "regexp_matches"),
    **_each(Call(_padded, (2, 3), copies=3), "lpad", "rpad"),
    **_each(Call(_split_part, (3, 3), copies=2), "split_part"),
    **_each(Call(_nullif, (2, 2), copies=3), "nullif"),
    **_each(Call(_absolute, (1, 1)), "abs"),
    **_each(Call(_rounded, (1, 2), copies=4), "round"),
    **_each(Call(_rounded, (1, 1)), "floor", "ceil", "ceiling"),
    **_each(Call(_root, (1, 1), copies=2), "sqrt"),
    **_each(Call(_part, (1, 1)), *PARTS),
    **_each(Call(_date_part, (2, 2)), "date_part"),
    **_each(Call(_truncated, (2, 2)), "date_trunc"),
    **_each(Call(_formatted, (2, 2)), "strftime"),
}
