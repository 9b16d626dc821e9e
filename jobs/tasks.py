"""What a worker is asked to do; the message carries an id, the row says the rest."""

import logging
import os
import signal
from collections.abc import Iterable

from celery import shared_task
from kombu.exceptions import OperationalError

from jobs import running

log = logging.getLogger(__name__)


@shared_task(name="jobs.run_part")
def run_part(part_id: int) -> None:
    """Work on a part if it is still free, and ring for those that may follow it."""
    ring(running.run_part(part_id, end_process=_end_process))


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
