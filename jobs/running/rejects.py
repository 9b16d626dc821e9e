"""Rows that the source of a file job left out: one file beside the result."""

import shutil
from pathlib import Path

from connectors.base import Access
from jobs.models import FileJob, Run
from jobs.running import objects


def store(run: Run, access: Access) -> None:
    """Store what a source put into its folder for rejected rows, if it did, as one CSV file."""
    assert access.rejects is not None
    pages = sorted(access.rejects.glob("*.csv"))
    if not pages:
        return
    key = FileJob.objects.get(run=run).rejected_key
    objects.put(key, _joined(pages, access.scratch / "rejected.csv"), access)


def _joined(pages: list[Path], target: Path) -> Path:
    """Write pages with a header each as one file with one header."""
    with target.open("wb") as whole:
        for place, page in enumerate(pages):
            with page.open("rb") as part:
                if place:
                    part.readline()
                shutil.copyfileobj(part, whole)
    return target
