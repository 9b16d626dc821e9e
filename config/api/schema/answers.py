"""Which errors an operation may answer, told by what it takes, and what they look like."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

Declared = TypeVar("Declared", bound=Callable[..., Any])
# Where a view or one of its methods keeps what it answers beside what the rules know.
ATTRIBUTE = "schema_errors"

MEANINGS = {
    400: "What was sent is not valid; `errors` names the fields.",
    401: "No valid token or API key was sent.",
    403: "The caller may not do this.",
    404: "There is no such thing, or the caller may not know of it.",
    409: "This does not go with what is there.",
    413: "The body is larger than this server reads.",
    415: "The body is of a type that this route does not read.",
    422: "The body is well-formed, but its values are wrong.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    502: "Another server, which this one had to ask, did not answer as it should.",
    503: "This does not work at the moment.",
}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The id of the request: the one that was sent, or a new one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
    },
    "X-Total-Count": {
        "description": "How many rows there are, those of other pages included.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "How to say who one is.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "How many seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-RateLimit-Limit": {
        "description": "How many requests a caller has in a minute.",
        "required": False,
        "schema": {"type": "integer", "minimum": 1},
    },
    "X-RateLimit-Remaining": {
        "description": "How many of them are left.",
        "required": False,
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-RateLimit-Reset": {
        "description": "When they are whole again, in Unix seconds.",
        "required": False,
        "schema": {"type": "integer", "minimum": 0},
    },
}
ALWAYS = ("X-Request-ID",)
# Not there where RATE_LIMIT is 0, and on the log-ins, whose limit is another.
RATE = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
OF_STATUS = {401: ("WWW-Authenticate",), 429: ("Retry-After", *RATE)}

FAULT = {
    "type": "object",
    "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
    "required": ["field", "reason"],
}
ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Every error of every route; `details` and `errors` only with fields at fault.",
    "properties": {
        "error": {"type": "string", "description": "The code in lower case."},
        "message": {"type": "string", "description": "One text for a person."},
        "detail": {"type": "string", "description": "The same as message."},
        "error_code": {"type": "string", "description": "The code in capitals."},
        "timestamp": {"type": "string", "format": "date-time"},
        "details": FAULT,
        "errors": {"type": "array", "items": FAULT},
        "element_id": {"type": "string", "description": "Only with conflicts."},
        "request_id": {"type": "string", "description": "Only with internal errors."},
    },
    "required": ["error", "message", "detail", "error_code", "timestamp"],
    "example": {
        "error": "validation_error",
        "message": "Name is required",
        "detail": "Name is required",
        "error_code": "VALIDATION_ERROR",
        "timestamp": "2026-01-20T10:30:00Z",
        "details": {"field": "name", "reason": "Name is required"},
        "errors": [{"field": "name", "reason": "Name is required"}],
    },
}


def errors(*statuses: int) -> Callable[[Declared], Declared]:
    """Say of a view, or of one of its methods, what it answers beside what the rules know."""

    def declare(declared: Declared) -> Declared:
        setattr(declared, ATTRIBUTE, (*getattr(declared, ATTRIBUTE, ()), *statuses))
        return declared

    return declare


def expected(operation: Mapping[str, Any], *, added: Iterable[int]) -> list[int]:
    """Return the errors that an operation may answer, in order.

    405 and 500 go without saying: a method that is not listed, and a fault of ours.
    """
    found = set(added)
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    if "requestBody" in operation:
        found |= {400, 413, 415}
    if places & {"query", "path"}:
        found.add(400)
    if "path" in places:
        found.add(404)
    if operation.get("security"):
        # An API key may lack the scope, a member of a project the right.
        found |= {401, 403}
    return sorted(found)


def reference(status: int) -> dict[str, Any]:
    """Return a reference to the one response that every operation has for this error."""
    return {"$ref": f"#/components/responses/Error{status}"}


def responses() -> dict[str, Any]:
    """Return what `reference` refers to."""
    return {f"Error{status}": _response(status) for status in MEANINGS}


def headers(status: int, *more: str) -> dict[str, Any]:
    """Return references to the headers that a response of this status has, and more of them."""
    names = (*ALWAYS, *OF_STATUS.get(status, ()), *more)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _response(status: int) -> dict[str, Any]:
    return {
        "description": MEANINGS[status],
        "headers": headers(status),
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
