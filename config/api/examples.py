"""What the contracts print: the example bodies of their endpoints, read from `docs/contracts`.

The OpenAPI document and the tests of the contracts take their examples from here and nowhere else.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "contracts"
# Two contracts print their paths below their base URL.
PREFIXES = {
    "olake": "",
    "orc-rust-ator": "",
    "data-modelling": "",
    "karyaksham": "/api/v1",
    "etl-builder": "/api/v1",
}
# And for the word "string" where not every text would do.
TEXTS = {"email": "user@example.com", "password": "securepassword123"}
Side = Literal["request", "response"]
Key = tuple[str, Side]

FENCE = re.compile(r"\s*```(\w*)\s*$")
# Olake and orc name the path and then, on a line of its own, the method.
PATH = re.compile(r"[*-] \*\*(?:Endpoint|URL):?\*\*:? `(/[^`]*)`")
METHOD = re.compile(r"[*-] \*\*Method:?\*\*:? `?([A-Z]+)`?")
# The others print both in a heading; ETL Builder's log-in stands in an `http` block alone.
BOTH = re.compile(r"(?:#+ (?:Endpoint: )?)?`?(GET|POST|PUT|PATCH|DELETE) (/[^`\s]*)`?$")
STATUS = re.compile(r"#+ `?(\d{3}) ")
LABEL = re.compile(r"(?:[*-]\s+)?\*\*(Request|Response)")
# A text is kept whole; a comment goes; of alternatives the first stays; a bare word is a type.
TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")(?:\s*\|\s*(?:"[^"]*"|null))*'
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<word>\b[a-z_]+\b)",
    re.DOTALL,
)
# What stands for a type that is printed in place of a value.
VALUES: dict[str, Any] = {
    "integer": 1,
    "boolean": True,
    "object": {},
    "null": None,
    "timestamp": "2026-01-20T10:30:00Z",
    "uuid": "c1f7a2b9-e3d4-4f5c-8a1b-0e9d8f7c6b5a",
}


def example(contract: str, endpoint: str, side: Side) -> Any:
    """Return the body that a contract prints, word for word; KeyError if it prints none.

    `contract` is a file's name without its ending, `endpoint` is as the contract writes it, such as
    "POST /auth/register" or "PUT /sources/:id", or the status of an error, such as "404". Of
    pseudo-JSON the first alternative is taken and a type without quotes gets them.
    """
    return parsed(printed(contract)[(_full(contract, endpoint), side)])


def filled(body: Any, *, name: str = "") -> Any:
    """Return a body in which values stand where the contract prints their types."""
    if isinstance(body, dict):
        # What a contract calls a type is a value, such as that of a JSON Schema it prints.
        return {
            key: value if key == "type" else filled(value, name=key) for key, value in body.items()
        }
    if isinstance(body, list):
        return [filled(value) for value in body]
    if body == "string":
        return TEXTS.get(name, body)
    return VALUES.get(body, body) if isinstance(body, str) else body


@cache
def printed(contract: str) -> dict[Key, str]:
    """Return the first body of each side of each endpoint (`POST /jobs/{}`), as it is printed."""
    found: dict[Key, str] = {}
    for endpoint, side, text in _blocks(contract):
        found.setdefault((endpoint, side), text)
    return found


def anonymous(path: str) -> str:
    """Return a path whose parameters have no names, so that two documents can be compared."""
    return re.sub(r"\{[^}]*\}|:\w+", "{}", path)


def parsed(text: str) -> Any:
    """Return the value of a printed body: JSON, JSON with types for values, or a form's fields."""
    if not text.lstrip().startswith(("{", "[")):
        return dict(parse_qsl(text.strip(), strict_parsing=True))
    return json.loads(TOKEN.sub(_plain, text))


def _plain(token: re.Match[str]) -> str:
    if token["text"]:
        return token["text"]
    if token["comment"]:
        return ""
    word = token["word"]
    return word if word in ("true", "false", "null") else f'"{word}"'


def _full(contract: str, endpoint: str) -> str:
    """Return the endpoint with its whole path and no names of parameters."""
    method, _, path = endpoint.partition(" ")
    if not path:
        return endpoint
    prefix = "" if path.startswith("/api/") else PREFIXES[contract]
    return f"{method} {prefix}{anonymous(path)}"


def _blocks(contract: str) -> Iterator[tuple[str, Side, str]]:
    """Yield each fenced body with the endpoint and the side that it is printed for."""
    place = _Place()
    lines = iter((FOLDER / f"{contract}.md").read_text(encoding="utf-8").splitlines())
    for line in lines:
        fence = FENCE.match(line)
        if fence is None:
            place.read(line.strip())
            continue
        text = "\n".join(_until_fence(lines))
        if fence[1] == "http":
            first, _, text = text.partition("\n")
            place.read(first)
            text = text.partition("\n\n")[2]
        if place.endpoint and place.side and text and fence[1] in ("json", "http", ""):
            yield _full(contract, place.endpoint), place.side, text


class _Place:
    """Where in a contract the reader is: at which endpoint, and on which side of it."""

    endpoint = ""
    path = ""
    side: Side | None = None

    def read(self, line: str) -> None:
        if both := BOTH.match(line):
            self._begin(f"{both[1]} {both[2]}", side="request")
        elif status := STATUS.match(line):
            self._begin(status[1], side="response")
        elif path := PATH.match(line):
            self.path = path[1]
        elif self.path and (method := METHOD.match(line)):
            self._begin(f"{method[1]} {self.path}", side=None)
        elif label := LABEL.match(line):
            self.side = "request" if label[1] == "Request" else "response"
        elif line.startswith("#"):
            self._begin("", side=None)

    def _begin(self, endpoint: str, *, side: Side | None) -> None:
        self.endpoint, self.path, self.side = endpoint, "", side


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if FENCE.match(line):
            return
        yield line
