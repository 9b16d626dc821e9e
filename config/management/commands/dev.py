"""Run the whole platform on this machine: web, workers and clock with one log and one Ctrl-C."""

import asyncio
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config.processes import BEYOND_RESTART
from config.supervising import Child, Supervisor

MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))
# Requests have a thread each; without a pool each would open a connection of its own.
WEB_POOL = "8"


class Command(BaseCommand):
    """Migrates, then keeps every process of the platform alive."""

    help = "Migrate, then run web, workers and clock until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the database and run until a signal comes."""
        with only_one(settings.DATA_DIR / "dev.lock"):
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            call_command("ensure_admin")
            connections.close_all()
            hopeless = asyncio.run(run(settings.DATA_DIR / "dev.json"))
        if hopeless:
            raise CommandError(
                f"The platform ended, because {hopeless} cannot run; it says why above.",
                returncode=BEYOND_RESTART,
            )


async def run(state: Path) -> str | None:
    """Keep the platform's processes alive until a signal comes; returns who cannot run at all."""
    return await Supervisor(children(), state=state).run()


def children() -> list[Child]:
    """Return the processes that make up the platform."""
    return [
        Child("web", (*MANAGE, "web"), {"DATABASE_POOL": WEB_POOL}),
        Child("runs", (*MANAGE, "worker", "--queue=runs")),
        Child("quick", (*MANAGE, "worker", "--queue=quick")),
        Child("clock", (*MANAGE, "clock")),
    ]


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a lock on the data folder; CommandError if another platform runs on it."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                f"A platform runs on {settings.DATA_DIR} already. Stop it, or set another DATA_DIR."
            ) from error
        yield
