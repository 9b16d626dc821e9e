"""What a worker is asked to do; the message carries an id, the row says the rest."""

import logging
import os
import signal
from collections.abc import Iterable
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from connectors import access
from connectors import tasks as connectors
from connectors.errors import ConfigError
from connectors.models import Inquiry
from jobs import running
from jobs.models import FileJob

log = logging.getLogger(__name__)


@shared_task(name="jobs.run_part")
def run_part(part_id: int) -> None:
    """Work on a part if it is still free, and ring for those that may follow it."""
    ring(running.run_part(part_id, end_process=_end_process))


@shared_task(name="jobs.preview", ignore_result=True)
def preview(inquiry_id: int) -> None:
    """Answer what steps make of a file, if nobody did yet."""
    inquiry = Inquiry.objects.filter(pk=inquiry_id, answer__isnull=True).first()
    if inquiry is None:
        return
    asked = inquiry.settings

    def work() -> dict[str, Any]:
        job = FileJob.objects.alive().filter(uuid=asked["file_job"]).first()
        if job is None:
            raise ConfigError("The file job was deleted")
        with access.for_inquiry() as allowed:
            return {"preview": running.preview(job, asked, allowed)}

    answer = connectors.answered(inquiry, work)
    Inquiry.objects.filter(pk=inquiry_id).update(answer=answer, settings={})


def ring_preview(inquiry_id: int) -> None:
    """Tell a quick worker of a preview that somebody waits for."""
    connectors.tell_quick_worker(preview, inquiry_id)


def ring(part_ids: Iterable[int]) -> None:
    """Tell the workers that there is work; when the broker is away, the clock rings later."""
    for part_id in part_ids:
        try:
            run_part.delay(part_id)
        except (OperationalError, OSError):
            log.warning("The broker does not answer; the clock will ring for part %s", part_id)


def _end_process() -> None:
    """End this child of the worker at once; its parent starts another."""
    os.kill(os.getpid(), signal.SIGKILL)
