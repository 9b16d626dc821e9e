"""Writing YAML that every reader takes alike: block style, quotes wherever a word could be another."""

import json
import re
from functools import lru_cache
from typing import Any

PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./(),+-]|(?<=[^ ]) (?=[^ #]))*")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Words that YAML 1.1 or 1.2 takes for something else than a text.
RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
# What a YAML file may not show as it is; JSON's escapes say it.
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
LONGEST_KEY = 120


@lru_cache(maxsize=50_000)
def quoted(text: str) -> str:
    """Return a text as a YAML scalar on one line, in quotes where it needs them."""
    if len(text) <= 200 and (
        (PLAIN.fullmatch(text) and text.lower() not in RESERVED) or UUID.fullmatch(text)
    ):
        return text
    escaped = json.dumps(text, ensure_ascii=False)
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)


def scalar(value: Any) -> str:
    """Return a JSON scalar, or what is empty, as YAML."""
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _real(value)
    return "[]" if isinstance(value, list | tuple) else "{}" if value == {} else str(value)


def _real(value: float) -> str:
    """Return a float that YAML 1.1 takes for a float too: it wants a point and a signed exponent."""
    text = repr(value)
    if "e" in text and "." not in text:
        return text.replace("e", ".0e")
    return text


def dumped(value: dict[str, Any]) -> str:
    """Return a mapping as a YAML document that ends with a line break."""
    out: list[str] = []
    _mapping(value, "", out)
    return "\n".join(out) + "\n" if out else "{}\n"


def _mapping(value: dict[str, Any], indent: str, out: list[str], first: str | None = None) -> None:
    """Add the lines of a mapping; `first` stands before the first one instead of the indent."""
    lead = indent if first is None else first
    for key, inner in value.items():
        name = quoted(key)
        if len(name) > LONGEST_KEY:
            out.append(f"{lead}? {name}")
            lead, name = indent, ""
        if isinstance(inner, dict) and inner:
            out.append(f"{lead}{name}:")
            _mapping(inner, indent + "  ", out)
        elif isinstance(inner, list | tuple) and inner:
            out.append(f"{lead}{name}:")
            _sequence(inner, indent + "  ", out)
        else:
            out.append(f"{lead}{name}: {scalar(inner)}")
        lead = indent


def _sequence(
    value: list[Any] | tuple[Any, ...], indent: str, out: list[str], first: str | None = None
) -> None:
    """Add the lines of a list; `first` stands before the first one instead of the indent."""
    lead = indent if first is None else first
    for inner in value:
        if isinstance(inner, dict) and inner:
            _mapping(inner, indent + "  ", out, first=f"{lead}- ")
        elif isinstance(inner, list | tuple) and inner:
            _sequence(inner, indent + "  ", out, first=f"{lead}- ")
        else:
            out.append(f"{lead}- {scalar(inner)}")
        lead = indent
