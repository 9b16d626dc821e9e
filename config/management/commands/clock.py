"""The clock: what is due, lost workers, bells that nobody heard, old rows; once a second."""

import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import parts, schedule


class Command(BaseCommand):
    """Ticks until a signal comes; several clocks at once are safe."""

    help = "Start what is due, take back what lost workers had, and ring again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick every CLOCK_SECONDS."""
        done = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: done.set())
        schedules = [schedule, *parts.modules("schedule")]
        due = time.monotonic()
        while not done.wait(max(0.0, due - time.monotonic())):
            # A tick that took long is not made up for by a row of quick ones.
            due = max(due + settings.CLOCK_SECONDS, time.monotonic())
            for module in schedules:
                module.tick()
