"""The State of an incremental read, when a person writes one: judged before any load sees it."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from connectors.errors import ConfigError
from connectors.sql.increments.given import read_value
from connectors.sql.increments.values import can_be_cursor
from connectors.typenames import parsed

# Bytes of one row's digest.
DIGEST = 8


def judge_state(cursor: str, second: str | None, state: Mapping[str, Any]) -> None:
    """Raise ConfigError where a state cannot be one of this cursor, and of its second one.

    `column` and `value` (of each) are enough: then the rows of that value are read again.
    """
    _judge(cursor, state, "state")
    if second is not None:
        _judge(second, _part(state, "second"), "state.second")
    elif "second" in state:
        raise ConfigError(
            "second is of a second cursor, which the stream does not have; leave it out",
            field="state.second",
        )
    if "nulls" in state:
        _follow_rules(_part(state, "nulls"), "state.nulls")


def judge_values(state: Mapping[str, Any], types: Mapping[str, str]) -> None:
    """Raise ConfigError for a cursor's value that the type of its column lacks.

    `types` has the exact text of each type by its column, as far as they are known.
    """
    for part, place in ((state, "state"), (state.get("second") or {}, "state.second")):
        text = types.get(part.get("column", ""))
        try:
            dtype = parsed(text) if text else None
        except ValueError:
            # A catalog that a person wrote: the run will tell.
            continue
        for name in ("value", "from"):
            if dtype is not None and can_be_cursor(dtype) and part.get(name) is not None:
                read_value(part[name], dtype, part["column"], f"{place}.{name}")


def complete_state(state: Mapping[str, Any], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a person's state with what the last commit knows of rows without a cursor value.

    Where nothing is known of them all of them come: a row too many can be seen, a lost one cannot.
    """
    last = known or {}
    if "nulls" in state:
        return dict(state)
    if "nulls" not in last or _along({"columns": last.get("columns"), **state}) != _along(last):
        return {**state, "nulls": {}}
    taken = {name: last[name] for name in ("columns", "types", "nulls") if name in last}
    return {**taken, **state}


def _along(state: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Return what the digests of a state depend on: its cursors, and what tells rows apart."""
    return state.get("column"), (state.get("second") or {}).get("column"), state.get("columns")


def _judge(column: str, state: Mapping[str, Any], place: str) -> None:
    if state.get("column") != column:
        raise ConfigError(
            f"column must be {column!r}, the stream's cursor; reload the stream to change its "
            "cursor",
            field=f"{place}.column",
        )
    _follow_rules(state, place)
    if "value" not in state:
        raise ConfigError(
            "value is missing: the last value read, as text; send null in place of the state to "
            "read from the beginning",
            field=f"{place}.value",
        )


def _follow_rules(state: Mapping[str, Any], place: str) -> None:
    for name, is_right, what in _RULES:
        if name in state and not is_right(state[name]):
            raise ConfigError(f"{name} must be {what}", field=f"{place}.{name}")


def _part(state: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = state.get(name)
    if not isinstance(part, Mapping):
        raise ConfigError(
            f"{name} must be an object, as an earlier state had it", field=f"state.{name}"
        )
    return part


def _is_packed(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(b64decode(value, validate=True)) % DIGEST == 0
    except binascii.Error:
        return False


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("value", lambda value: value is None or _is_text(value), "a text, such as '2026-01-31'"),
    ("from", _is_text, "a text: from which value on all rows are known"),
    ("columns", _is_names, "a list of names"),
    ("rows", lambda value: type(value) is int and value >= 0, "a number of rows"),
    ("digests", _is_packed, "digests as an earlier state had them, or left out"),
)
