"""Folders for temporary files, one for each attempt; nothing in them outlives it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from jobs.models import Part, PartStatus


def _folder() -> Path:
    path: Path = settings.DATA_DIR / "scratch"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def scratch_of(part: Part) -> Iterator[Path]:
    """Make the folder of an attempt, named after its lease, and remove it at the end."""
    path = _folder() / str(part.lease_token)
    path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def clean() -> int:
    """Remove what dead attempts left behind on this machine; returns how many folders."""
    # First the folders, then the leases: a folder that is there has had its lease before.
    found = list(_folder().iterdir())
    leases = Part.objects.filter(status=PartStatus.RUNNING).values_list("lease_token", flat=True)
    held = {str(token) for token in leases}
    dead = [path for path in found if path.name not in held]
    for path in dead:
        shutil.rmtree(path, ignore_errors=True)
    return len(dead)
