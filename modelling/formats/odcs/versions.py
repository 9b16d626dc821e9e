"""The releases of the standard: its own JSON Schemas, and their errors in words for people."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path as File
from typing import Any

import jsonschema_rs

from modelling.exchange.faults import MOST_FAULTS, Path

WRITTEN = "v3.1.0"
# What a contract may say it is, and the schema that judges it. Of 3.0 more is accepted: what only
# its own schema knows is set aside (see `set_aside`).
READ = {
    "v3.0.0": "v3.1.0",
    "v3.0.1": "v3.1.0",
    "v3.0.2": "v3.1.0",
    "v3.1.0": "v3.1.0",
    "v3.2.0": "v3.2.0",
}
OLD = "v3.0.2"
MOST_ROUNDS = 20
FOLDER = File(__file__).parent / "standard"
LONGEST = 200


@cache
def _validator(schema: str) -> jsonschema_rs.Draft201909Validator:
    return jsonschema_rs.Draft201909Validator(json.loads((FOLDER / f"{schema}.json").read_text()))


def is_valid(contract: Any, version: str) -> bool:
    """Whether a contract is what that release of the standard asks for."""
    return bool(_validator(READ[version]).is_valid(contract))


def mistakes(contract: Any) -> Iterator[tuple[Path, str]]:
    """Yield what the standard's own schema has against a contract, as path and message."""
    if not isinstance(contract, dict):
        yield (), "not a data contract: the file must hold keys such as apiVersion, kind and schema"
        return
    version = contract.get("apiVersion")
    if not isinstance(version, str) or version not in READ:
        yield ("apiVersion",), _about_version(version)
        return
    for error in islice(_validator(READ[version]).iter_errors(contract), MOST_FAULTS):
        yield tuple(error.instance_path), _words(error)


def set_aside(contract: Any) -> list[tuple[Path, Any]]:
    """Take out of a contract of 3.0 what 3.1 no longer allows; return it with its places."""
    is_old = isinstance(contract, dict) and contract.get("apiVersion") in ("v3.0.0", "v3.0.1", OLD)
    taken: list[tuple[Path, Any]] = []
    if not is_old or is_valid(contract, WRITTEN) or not _validator(OLD).is_valid(contract):
        return taken
    for _ in range(MOST_ROUNDS):
        found = list(islice(_validator(WRITTEN).iter_errors(contract), MOST_FAULTS))
        for error in reversed(found):
            kind: Any = error.kind
            names = kind.unexpected if hasattr(kind, "unexpected") else [None]
            for name in names:
                path = (*error.instance_path, *([] if name is None else [name]))
                taken += _taken_out(contract, path)
        if not found:
            break
    return taken


def _taken_out(contract: Any, path: Path) -> list[tuple[Path, Any]]:
    """Remove what is at a path, if it is still there."""
    holder = contract
    try:
        for step in path[:-1]:
            holder = holder[step]
        return [(path, holder.pop(path[-1]))] if path else []
    except (KeyError, IndexError, TypeError):
        return []


def _about_version(version: Any) -> str:
    known = ", ".join(READ)
    if version is None:
        return f"apiVersion is missing; write apiVersion: {WRITTEN} (known: {known})"
    if f"v{version}" in READ:
        return f"apiVersion is written with a v: v{version}"
    return f"apiVersion {_brief(version)} is not known; known: {known}"


def _words(error: jsonschema_rs.ValidationError) -> str:
    """Return an error of the schema as a sentence that says what to do."""
    kind: Any = error.kind
    if (
        kind.name == "type"
        and kind.types == ["string"]
        and not isinstance(error.instance, dict | list)
    ):
        return f'must be a text; put it in quotes: "{_as_text(error.instance)}"'
    if kind.name == "type":
        return f"must be of type {' or '.join(kind.types)}, not {_brief(error.instance)}"
    if kind.name == "required":
        return f"{kind.property} is missing"
    if kind.name in ("additionalProperties", "unevaluatedProperties"):
        names = ", ".join(sorted(str(name) for name in kind.unexpected))
        return (
            f"{names} is not known here; what the standard does not know goes to customProperties"
        )
    if kind.name in ("oneOf", "anyOf"):
        return _of_choices(error)
    return error.message[:LONGEST]


def _of_choices(error: jsonschema_rs.ValidationError) -> str:
    if error.instance_path and error.instance_path[-1] in ("to", "from"):
        return (
            f"{_brief(error.instance)} is no reference; write table.column, or "
            "schema/<id>/properties/<id> with the ids, or a list of them for a composite key"
        )
    return f"{_brief(error.instance)} has none of the forms that the standard allows here"


def _as_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) or value is None else str(value)


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
