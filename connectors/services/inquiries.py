"""Questions about a system that somebody waits for: can it be reached, what can be read."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from django.conf import settings as installed
from django.db import connection, transaction
from django.utils import timezone

from connectors import sealing, tasks
from connectors.base import Connector
from connectors.configuration import Role
from connectors.errors import ConfigError, TransientError
from connectors.models import Inquiry, Question

# How long the first look waits, and how long the last ones do.
FIRST, LAST = 0.01, 0.1
KEPT = timedelta(hours=1)


class UnansweredError(TransientError):
    """No worker answered in time."""


def check(plugin: type[Connector], settings: Mapping[str, Any], role: Role) -> dict[str, Any]:
    """Return `{passed, checks, details}` for settings whose secrets lie open.

    What the connector cannot even try (a bad host, a closed network) is a check that failed.
    """
    began = monotonic()
    try:
        report: dict[str, Any] = _ask(Question.CHECK, plugin, settings, role)["report"]
    except UnansweredError:
        raise
    except (ConfigError, TransientError) as error:
        failed = {"name": "connection", "ok": False, "detail": error.message, "hint": ""}
        report = {"passed": False, "checks": [failed], "details": {}}
    return {**report, "duration_ms": round((monotonic() - began) * 1000)}


def discover(plugin: type[Connector], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the catalog, `{streams, selected_streams}`; ConfigError and TransientError say why not."""
    found: dict[str, Any] = _ask(Question.DISCOVER, plugin, settings, "source")["catalog"]
    return found


def prune(now: Any = None) -> None:
    """Delete the questions that nobody waits for any more."""
    before = (now or timezone.now()) - KEPT
    Inquiry.objects.filter(created_at__lt=before).delete()


def _ask(
    question: Question, plugin: type[Connector], settings: Mapping[str, Any], role: Role
) -> dict[str, Any]:
    sealed = sealing.seal({"type": plugin.name, **settings}, role)
    sealed.pop("type")
    inquiry = Inquiry(question=question, connector=plugin.name, settings=sealed)
    # A worker that is busy with others' questions takes a while to come to this one.
    seconds = tasks.patience(question) + installed.ANSWER_PATIENCE_SECONDS
    return ask(inquiry, ring=tasks.ring, seconds=seconds)


def ask(inquiry: Inquiry, *, ring: Callable[[int], None], seconds: float) -> dict[str, Any]:
    """Return a worker's answer to a new question; `ring` tells a worker of it by its number.

    Raises what the worker met, and UnansweredError when nobody answers in so many seconds.
    """
    inquiry.save(force_insert=True)
    transaction.on_commit(lambda: ring(inquiry.pk))
    answer = _await(inquiry, seconds=seconds)
    Inquiry.objects.filter(pk=inquiry.pk).delete()
    if error := answer.get("error"):
        _raise(**error)
    return answer


def _await(inquiry: Inquiry, *, seconds: float) -> dict[str, Any]:
    end, pause = monotonic() + seconds, FIRST
    while monotonic() < end:
        answer = Inquiry.objects.filter(pk=inquiry.pk).values_list("answer", flat=True).get()
        if answer is not None:
            found: dict[str, Any] = answer
            return found
        if not connection.in_atomic_block:
            # A pool's connections are for those who work, not for those who wait.
            connection.close()
        sleep(pause)
        pause = min(pause * 1.5, LAST)
    raise UnansweredError(
        f"No worker answered within {seconds:.0f} seconds; is one running "
        "(manage.py worker --queue=quick)?"
    )


def _raise(*, kind: str, message: str, field: str | None) -> None:
    if kind == "internal":
        raise RuntimeError("A worker could not answer; its log says why")
    error = TransientError if kind == "transient" else ConfigError
    raise error(message, field=field)
