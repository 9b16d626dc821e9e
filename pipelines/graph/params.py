"""Params: what a pipeline declares, what it is given, and the values that follow.

`params` beside `nodes` declares them, as a list of `{name, type, default, required}` or as an object
of these by name. A param that only has a default is declared by it.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.sql.parameters import Value, decoded
from pipelines.graph.findings import Code, Finding

BUILT_IN = {"run_id": "string", "scheduled_at": "datetime", "last_success_at": "datetime"}


def _list(given: Any) -> Value:
    if not isinstance(given, list | tuple):
        raise TypeError("it must be a list")
    return decoded(given)


def _string(given: Any) -> Value:
    if not isinstance(given, str):
        raise TypeError("it must be text")
    return decoded(given)


def _integer(given: Any) -> Value:
    if isinstance(given, str) and given.strip().lstrip("+-").isdecimal():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError("it must be a whole number")
    return decoded(given)


def _number(given: Any) -> Value:
    if isinstance(given, str):
        return decoded({"type": "number", "value": given})
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError("it must be a number")
    return decoded(given)


def _boolean(given: Any) -> Value:
    if isinstance(given, str) and given.lower() in ("true", "false"):
        return given.lower() == "true"
    if not isinstance(given, bool):
        raise TypeError("it must be true or false")
    return given


def _moment(kind: str, example: str) -> Callable[[Any], Value]:
    def read(given: Any) -> Value:
        if isinstance(given, dt.date):
            return given
        try:
            return decoded({"type": kind, "value": given})
        except ValueError:
            raise ValueError(f"it must be a {kind} such as {example}") from None

    return read


_READERS: dict[str, Callable[[Any], Value]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _moment("date", "2026-01-31"),
    "datetime": _moment("datetime", "2026-01-31T12:30:00Z"),
    "list": _list,
}
# Stands in where a graph is judged before it is given its values.
_SAMPLES: dict[str, Value] = {
    "string": "sample",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "date": dt.date(2026, 1, 31),
    "datetime": dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC),
    "list": ("sample",),
}


@dataclass
class Params:
    """The values by name; `known` are also those names that have none yet, with their types."""

    values: dict[str, Value] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def samples(self) -> dict[str, Value]:
        """Return a value for every known name, one made up where there is none."""
        made_up = {name: _SAMPLES[kind] for name, kind in self.known.items()}
        return made_up | self.values


def settle(declared: object, *layers: Mapping[str, Any], built_in: Mapping[str, Any]) -> Params:
    """Return the params of a pipeline; a later layer (defaults, schedule, run) goes before.

    A value of a name that nobody declared has the type that it has in JSON.
    """
    params = Params(known=dict(BUILT_IN))
    defaults = _declare(params, declared)
    given = {name: value for layer in (defaults, *layers) for name, value in layer.items()}
    for name, value in given.items():
        if name in BUILT_IN:
            text = f"Param {name!r} is set by the platform; give yours another name"
            params.findings.append(Finding(Code.BAD_PARAM, text, path=f"params.{name}"))
        elif value is not None:
            _read(params, name, value)
    for name, value in built_in.items():
        _read(params, name, value)
    for name in sorted(params.required - params.values.keys()):
        text = f"Param {name!r} is required; give it a value"
        params.findings.append(Finding(Code.MISSING_PARAM, text, path=f"params.{name}"))
    return params


def _declare(params: Params, declared: object) -> dict[str, Any]:
    """Take note of the declarations; return their defaults."""
    if isinstance(declared, Mapping):
        said: list[Any] = [
            {"name": name, **(one if isinstance(one, Mapping) else {"default": one})}
            for name, one in declared.items()
        ]
    else:
        said = list(declared) if isinstance(declared, list | tuple) else []
    defaults: dict[str, Any] = {}
    for at, one in enumerate(said):
        name = one.get("name") if isinstance(one, Mapping) else None
        if not isinstance(name, str) or not name.isidentifier():
            text = "A param needs a `name` of letters, digits and _"
            params.findings.append(Finding(Code.BAD_PARAM, text, path=f"params.{at}"))
            continue
        kind = one.get("type") or "string"
        if kind not in _READERS:
            text = f"Param {name!r} has no type {kind!r}; known: {', '.join(_READERS)}"
            params.findings.append(Finding(Code.BAD_PARAM, text, path=f"params.{name}"))
            continue
        if "type" in one or one.get("default") is None:
            params.known[name] = kind
        defaults[name] = one.get("default")
        if one.get("required"):
            params.required.add(name)
    return defaults


def _read(params: Params, name: str, value: Any) -> None:
    try:
        reader = _READERS.get(params.known.get(name, ""), decoded)
        params.values[name] = reader(value)
        params.known.setdefault(name, "string")
    except (ValueError, TypeError) as error:
        text = f"Param {name!r} cannot be {value!r}: {error}"
        params.findings.append(Finding(Code.BAD_PARAM, text, path=f"params.{name}"))
        params.known.setdefault(name, "string")


def plain(value: Value) -> Any:
    """Return a value as a setting has it: times and exact numbers are text."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
