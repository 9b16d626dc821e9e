"""Run a Celery worker for one queue, with the flags that the platform relies on."""

import os
import warnings
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from celery.platforms import SecurityWarning
from django.conf import settings
from django.core.management.base import BaseCommand

from config.celery import app

# Imported once in the parent, so that a fresh child starts in milliseconds. The parent never runs
# a query: the threads of a query do not survive a fork, and the children would hang.
LIBRARIES = ("polars", "narwhals", "pyarrow.parquet", "duckdb")


class Command(BaseCommand):
    """Runs the children that take work from a queue."""

    help = "Run a worker: `runs` moves data, `quick` answers checks, previews and discovery."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the queue and the number of processes."""
        parser.add_argument("--queue", choices=["runs", "quick"], default="runs")
        parser.add_argument("--processes", type=int, help="how many children work at once")

    def handle(self, *args: Any, queue: str, processes: int | None, **options: Any) -> None:
        """Load what the children need, step behind the web process, and work until a signal."""
        default = settings.WORKER_PROCESSES if queue == "runs" else settings.QUICK_PROCESSES
        os.nice(settings.WORKER_NICENESS)
        # It is about pickled messages; ours are JSON and name a row, whoever runs the worker.
        warnings.simplefilter("ignore", SecurityWarning)
        for library in LIBRARIES:
            import_module(library)
        app.worker_main(flags(queue, processes or default))


def flags(queue: str, processes: int) -> list[str]:
    """Return the command line of a prefork worker for this queue."""
    return [
        "--quiet",
        "worker",
        f"--queues={queue}",
        f"--hostname={queue}@%h",
        "--pool=prefork",
        f"--concurrency={processes}",
        f"--max-tasks-per-child={settings.TASKS_PER_CHILD}",
        f"--max-memory-per-child={settings.CHILD_MEMORY_MB * 1024}",
        # The workers do not talk to one another; the leases in the database are their agreement.
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
