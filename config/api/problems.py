"""One body for every error, in which each contract's client finds its keys."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CODES = {
    400: "validation_error",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "validation_error",
    429: "rate_limit_exceeded",
    500: "internal_error",
    503: "unavailable",
}
TEXTS = {
    400: "The request is not valid",
    401: "Authentication required",
    403: "You do not have permission to perform this action",
    404: "Resource not found",
    405: "This method is not allowed here; the Allow header names those that are",
    413: "The request is too large",
    500: "Internal server error",
    503: "This does not work at the moment; try again later",
}
# Words that a contract prints for its routes. They stand where the code says no more than the
# status; a message that the code gives on purpose (which job, which connector) is kept.
FAMILIES: list[tuple[re.Pattern[str], Mapping[int, str]]] = [
    (
        re.compile(r"/(login|signup|auth/check|sources|destinations|jobs)(/|$)"),
        {
            401: "Authentication required",
            403: "Insufficient permissions",
            404: "Resource not found",
            500: "Internal server error",
        },
    ),
    (
        re.compile(r"/api/v1/(workspaces|ws|auth/github)(/|$)"),
        {
            401: "Invalid or expired token",
            403: "You do not have permission to perform this action",
            500: "An internal error occurred",
        },
    ),
]


@dataclass(frozen=True)
class Fault:
    """One field that is wrong, by its path (`tasks.0.loader_config.path`), and why."""

    field: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong: an HTTP status, and as much more as is known."""

    status: int
    message: str = ""
    usual: str = ""
    """What stands for a missing message where the route's contract fixes no text."""
    code: str = ""
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


_registered: dict[type[Exception], tuple[int, str]] = {}


def register(kind: type[Exception], *, status: int, code: str = "") -> None:
    """Answer errors of this kind with a status; `message` and `field` are taken from the error.

    Apps call this in `AppConfig.ready()` for the errors that they raise without knowing the API.
    """
    _registered[kind] = (status, code)


def registered(error: Exception) -> Problem | None:
    """Return what an error of an app means to the caller; None if no app registered it."""
    for kind in type(error).__mro__:
        if kind in _registered:
            status, code = _registered[kind]
            message = str(getattr(error, "message", error))
            path = getattr(error, "field", None)
            faults = [Fault(path, message)] if path else []
            return Problem(status=status, code=code, message=message, faults=faults)
    return None


def envelope(problem: Problem, *, path: str) -> dict[str, Any]:
    """Return the body of an error on a route; texts that a contract fixes stand for missing ones."""
    code = problem.code or CODES.get(problem.status, "error")
    message = problem.message or _told(problem.faults) or _text(problem, path)
    body: dict[str, Any] = {
        "error": code.lower(),
        "message": message,
        "detail": message,
        "error_code": code.upper(),
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if problem.faults:
        faults = [{"field": fault.field, "reason": fault.reason} for fault in problem.faults]
        body |= {"details": faults[0], "errors": faults}
    return body | problem.extra


def _told(faults: Sequence[Fault]) -> str:
    sentences = [_sentence(fault) for fault in faults]
    return "; ".join([*(sentence.rstrip(".") for sentence in sentences[:-1]), *sentences[-1:]])


def _sentence(fault: Fault) -> str:
    """Return the reason, with the field in front unless it begins with it."""
    name = fault.field.rpartition(".")[2]
    if not fault.field or fault.reason.lower().startswith((fault.field.lower(), name.lower())):
        return fault.reason
    return f"{fault.field}: {fault.reason}"


def _text(problem: Problem, path: str) -> str:
    for pattern, texts in FAMILIES:
        if pattern.match(path) and problem.status in texts:
            return texts[problem.status]
    common = TEXTS.get(problem.status, f"The request failed with status {problem.status}")
    return problem.usual or common
