"""From any exception to the one error body: what DRF calls when a view raises."""

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.api import problems, requests
from config.api.problems import Fault, Problem, envelope

log = logging.getLogger(__name__)

# Where DRF's usual words say no more than the status does.
SPARE = {401, 403, 404}
FULL = "The disk of the platform's database is full: nothing can be stored until there is space"
# DRF's codes of a field that is not there or empty.
REQUIRED = {"required", "null", "blank"}


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Answer any exception of a view; what nobody foresaw is logged and not told."""
    request = context["request"]
    problem = problem_of(error) or _internal(error, method=request.method, path=request.path)
    set_rollback()
    return Response(
        envelope(problem, path=request.path), status=problem.status, headers=dict(problem.headers)
    )


def problem_of(error: Exception) -> Problem | None:
    """Return what an exception means to the caller; None if it is a fault of ours."""
    for kind in type(error).__mro__:
        if kind in READERS:
            return READERS[kind](error)
    return problems.registered(error)


def _internal(error: Exception, *, method: str, path: str) -> Problem:
    log.error("Unforeseen error in %s %s", method, path, exc_info=error)
    return Problem(status=500, extra={"request_id": requests.current_id()})


def _of_api(error: exceptions.APIException) -> Problem:
    """Return one of DRF's own errors as a problem; its usual words give way to the contract's."""
    if isinstance(error.detail, (dict, list)):
        return _invalid(list(_faults(error.detail)), status=error.status_code)
    said = str(error.detail)
    code = error.get_codes()
    element = getattr(error, "element_id", None)
    is_usual = error.status_code in SPARE and said == str(type(error).default_detail)
    is_ours = not type(error).__module__.startswith("rest_framework.")
    return Problem(
        status=error.status_code,
        message="" if is_usual else said,
        usual=said if is_ours else "",
        code=code if isinstance(code, str) and code != type(error).default_code else "",
        headers=_headers(error),
        extra={**({"element_id": element} if element else {}), **getattr(error, "more", {})},
    )


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return headers


def _faults(detail: Any, path: str = "") -> Iterator[Fault]:
    """Yield the fields at fault from DRF's nested answer, by their path."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name in ("non_field_errors", "__all__") else str(name)
            yield from _faults(inner, ".".join(filter(None, (path, step))))
    elif isinstance(detail, (list, tuple)):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, (dict, list))
            yield from _faults(
                inner, ".".join(filter(None, (path, str(place)))) if nested else path
            )
    else:
        yield Fault(path, _reason(path, str(detail), getattr(detail, "code", "")))


def _reason(path: str, said: str, code: str | None) -> str:
    name = path.rpartition(".")[2]
    # The place in a list says nothing without the list.
    name = path if name.isdecimal() else name
    return f"{name} is required" if name and code in REQUIRED else said


def _of_django_validation(error: DjangoValidationError) -> Problem:
    if not hasattr(error, "error_dict"):
        return _invalid([Fault("", message) for message in error.messages])
    return _invalid(list(_faults(error.message_dict)))


def _invalid(faults: Sequence[Fault], *, status: int = 400) -> Problem:
    """Return what is wrong; a fault of the whole body goes into the message, not to the fields."""
    fields = [fault for fault in faults if fault.field]
    whole = "; ".join(fault.reason for fault in faults if not fault.field)
    return Problem(status=status, message=whole, faults=fields)


def _of_database(error: OperationalError) -> Problem | None:
    """Return a full disk, which a person must see to; other faults of the database stay ours."""
    # SQLite and PostgreSQL have these words for it.
    if not any(word in str(error) for word in ("disk is full", "No space left")):
        return None
    return Problem(status=503, message=FULL)


def _always(status: int) -> Callable[[Any], Problem]:
    return lambda _: Problem(status=status)


READERS: dict[type[Exception], Callable[[Any], Problem | None]] = {
    exceptions.APIException: _of_api,
    DjangoValidationError: _of_django_validation,
    # Django's words for these name models and settings, which are nobody's business.
    Http404: _always(404),
    PermissionDenied: _always(403),
    RequestDataTooBig: _always(413),
    SuspiciousOperation: _always(400),
    UnreadablePostError: _always(400),
    OperationalError: _of_database,
}
