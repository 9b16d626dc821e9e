"""What a plain word of YAML means: the core schema of YAML 1.2, in which `no` and dates are texts."""

import math
import re
from functools import lru_cache

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUTHS = dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
MOST_DIGITS = 100

Scalar = str | int | float | bool | None


@lru_cache(maxsize=20_000)
def meaning(word: str) -> Scalar:
    """Return the value of a plain word; ValueError where JSON has no such number."""
    if word in NULLS:
        return None
    if word in TRUTHS:
        return TRUTHS[word]
    if word[0] in "+-.0123456789":
        return _number(word)
    return word


def _number(word: str) -> Scalar:
    if WHOLE.fullmatch(word):
        if len(word) > MOST_DIGITS:
            raise ValueError(f"is a number of more than {MOST_DIGITS} digits; put it in quotes")
        return int(word, 0) if word[:2] in ("0x", "0o") else int(word)
    if ENDLESS.fullmatch(word):
        raise ValueError("is infinity or NaN, which no JSON can say; put it in quotes")
    if REAL.fullmatch(word):
        value = float(word)
        if not math.isfinite(value):
            raise ValueError("is a number beyond what can be kept; put it in quotes")
        return value
    return word
