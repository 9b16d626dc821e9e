"""A POST that is sent twice and done once: what `Idempotency-Key` means.

One transaction holds the key, the work and the stored answer, so after a crash either all of it is
there or none. Who sends the same key meanwhile waits at the key's row until that transaction ends.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.errors import Conflict, Unprocessable
from config.api.renderers import dump
from config.api.schema.answers import errors
from config.models import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST = 255
KEPT_FOR = timedelta(hours=24)
# A second request waits so long for the first one; SQLite waits as long as for any other writer.
WAIT_SECONDS = 10
# lock_not_available of PostgreSQL, and SQLite's names of the same.
LOCKED = {"55P03", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT"}

Method = Callable[..., Any]


class Busy(Conflict):
    """The first request with this key is still at work."""

    default_code = "conflict"
    wait = 1


def idempotent(method: Method) -> Method:
    """Let a view's method do its work once for each Idempotency-Key of a user.

    A repeat within 24 hours gets the stored answer; only answers below 400 are stored. The work is
    done in one transaction, so whatever tells others of it has to wait for the commit.
    """

    @wraps(method)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        # Without a user there is nobody whose key it could be.
        if key is None or not request.user.is_authenticated:
            return method(view, request, *args, **kwargs)
        if not (1 <= len(key) <= LONGEST and key.isascii() and key.isprintable()):
            raise ValidationError(
                {HEADER: f"{HEADER} must be 1 to {LONGEST} printable ASCII characters"}
            )
        return _once(request, key, partial(method, view, request, *args, **kwargs))

    return extend_schema(parameters=[PARAMETER, TOLD])(errors(400, 409, 422)(answer))


def prune(now: datetime) -> None:
    """Delete the keys that are older than a day."""
    KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).delete()


def _once(request: Request, key: str, work: Callable[[], Response]) -> Response | HttpResponse:
    fingerprint = _fingerprint(request)
    is_working = False
    try:
        with transaction.atomic():
            kept, is_new = _claim(request.user.pk, key, fingerprint)
            if not is_new:
                return _replay(kept, fingerprint)
            is_working = True
            response = work()
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _keep(kept, response)
            return response
    except OperationalError as error:
        if is_working or not _is_wait(error):
            raise
        raise Busy(f"A request with this {HEADER} is still being answered; repeat it") from error


def _claim(user_id: int, key: str, fingerprint: str) -> tuple[KeptAnswer, bool]:
    """Return the key's row, and whether it is new; waits while another transaction makes it."""
    is_postgres = connection.vendor == "postgresql"
    if is_postgres:
        _execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
    keys = KeptAnswer.objects.filter(user_id=user_id, key=key)
    keys.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    claimed = keys.get_or_create(
        user_id=user_id, key=key, defaults={"fingerprint": fingerprint, "status": 0}
    )
    if is_postgres:
        _execute("SET LOCAL lock_timeout TO DEFAULT")
    return claimed


def _replay(kept: KeptAnswer, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise Unprocessable(
            f"This {HEADER} was sent with another request; a new request needs a new key",
            code="idempotency_key_reused",
        )
    headers = {**kept.headers, "Content-Type": "application/json", REPLAYED: "true"}
    return HttpResponse(kept.body, status=kept.status, headers=headers)


def _keep(kept: KeptAnswer, response: Response) -> None:
    kept.status = response.status_code
    kept.headers = dict(response.headers)
    kept.body = dump(response.data).decode()
    kept.save(update_fields=["status", "headers", "body"])


def _fingerprint(request: Request) -> str:
    """Return what tells this request from others: its method, path, query and body."""
    # Read before the parsers, which then read the same bytes from memory.
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()


def _is_wait(error: OperationalError) -> bool:
    """Whether the other request took too long, as PostgreSQL or SQLite says it."""
    cause = error.__cause__
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return code in LOCKED


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description=(
        "Any text that names this request, such as a UUID. The same request with the same key is "
        "done once: within 24 hours a repeat gets the stored answer. With another request it is 422."
    ),
)
TOLD = OpenApiParameter(
    REPLAYED,
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=True,
    description="Sent where the answer is the stored one of an earlier request.",
)
