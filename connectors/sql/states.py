"""The State of an incremental read, when a person writes one: judged before any load sees it."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from connectors.errors import ConfigError

# Bytes of one row's digest.
DIGEST = 8


def judge_state(cursor: str, state: Mapping[str, Any]) -> None:
    """Raise ConfigError where a state cannot be one of this cursor.

    `column` and `value` are enough: then the rows of that value are read again.
    """
    first = cursor.partition(":")[0]
    if state.get("column") not in (cursor, first):
        raise ConfigError(
            f"column must be {first!r}, the stream's cursor; reload the stream to change its cursor",
            field="state.column",
        )
    for name, is_right, what in _RULES:
        if name in state and not is_right(state[name]):
            raise ConfigError(f"{name} must be {what}", field=f"state.{name}")
    if "value" not in state:
        raise ConfigError(
            "value is missing: the last value read, as text; send null in place of the state to "
            "read from the beginning",
            field="state.value",
        )


def _is_packed(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(b64decode(value, validate=True)) % DIGEST == 0
    except binascii.Error:
        return False


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("value", lambda value: isinstance(value, str) and bool(value), "a text, such as '2026-01-31'"),
    ("columns", _is_names, "a list of names"),
    ("rows", lambda value: type(value) is int and value >= 0, "a number of rows"),
    ("digests", _is_packed, "digests as an earlier state had them, or left out"),
)
