"""What a quick worker is asked to do; the message carries an id, the row says the rest."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from connectors import access, catalog, registry, sealing
from connectors.base import CheckReport, Connector, Source
from connectors.configuration import validate
from connectors.errors import ConfigError, MillraceError, TransientError
from connectors.models import Inquiry, Question

log = logging.getLogger(__name__)


def patience(question: Question) -> float:
    """Return how many seconds an answer may take once it is worked on."""
    seconds = {
        # A test must be quick to be believed; a catalog may have a thousand tables.
        Question.CHECK: settings.CHECK_SECONDS,
        Question.DISCOVER: settings.DISCOVER_SECONDS,
    }
    return seconds[question]


def ring(inquiry_id: int) -> None:
    """Tell a quick worker of a question; TransientError where the broker does not answer."""
    tell_quick_worker(answer, inquiry_id)


def tell_quick_worker(task: Any, inquiry_id: int) -> None:
    """Send a quick worker a task about a question; TransientError as above."""
    try:
        task.apply_async(args=[inquiry_id], queue="quick")
    except (OperationalError, OSError) as error:
        raise TransientError("The broker of the workers does not answer; try again") from error


@shared_task(name="connectors.answer", ignore_result=True)
def answer(inquiry_id: int) -> None:
    """Answer a question that nobody answered yet."""
    inquiry = Inquiry.objects.filter(pk=inquiry_id, answer__isnull=True).first()
    if inquiry is not None:
        said = _answered(inquiry)
        Inquiry.objects.filter(pk=inquiry_id).update(answer=said, settings={})


def _answered(inquiry: Inquiry) -> dict[str, Any]:
    plugin = registry.connector(inquiry.connector)

    def work() -> dict[str, Any]:
        opened = validate(plugin.Settings, sealing.unseal(inquiry.settings))
        with access.for_inquiry() as allowed:
            return _asked(plugin(opened, allowed), Question(inquiry.question))

    return answered(inquiry, work)


def answered(inquiry: Inquiry, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what `work` found, or `{"error": …}`: whoever waits is answered in any case."""
    try:
        return work()
    except MillraceError as error:
        kind = "transient" if isinstance(error, TransientError) else "config"
        return {"error": {"kind": kind, "message": error.message, "field": error.field}}
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException:
        # A driver that panics raises what is no Exception.
        log.exception("A %s of %s failed", inquiry.question, inquiry.connector)
        return {"error": {"kind": "internal", "message": "", "field": None}}


def _asked(connector: Connector, question: Question) -> dict[str, Any]:
    """Ask, and end the call when its time is over."""
    seconds = patience(question)
    alarm = threading.Timer(seconds, connector.interrupt)
    alarm.start()
    try:
        if question is Question.CHECK:
            return {"report": _told(connector.check())}
        if not isinstance(connector, Source):
            raise ConfigError(f"{connector.label} cannot be read")  # noqa: TRY301 -- one place closes
        return {"catalog": catalog.catalog(connector.discover())}
    except Exception as error:
        if connector.stopping.is_set():
            raise TransientError(
                f"No answer within {seconds:.0f} seconds; check host, port and firewall"
            ) from error
        raise
    finally:
        alarm.cancel()
        connector.close()


def _told(report: CheckReport) -> dict[str, Any]:
    checks = [
        {"name": check.name, "ok": check.passed, "detail": check.message, "hint": check.hint}
        for check in report.checks
    ]
    return {"passed": report.passed, "checks": checks, "details": dict(report.details)}
