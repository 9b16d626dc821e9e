"""What this installation lets connectors touch, from the settings."""

import ipaddress
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from connectors.base import Access


def installation(scratch: Path | None = None) -> Access:
    """Return what connectors may touch; without a `scratch` folder it is for judging, not working."""
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    return Access(
        base=settings.FILES_DIR,
        roots=tuple(settings.FILE_ROOTS),
        scratch=scratch or settings.DATA_DIR / "scratch" / "none",
        networks=tuple(ipaddress.ip_network(text) for text in settings.ALLOWED_NETWORKS),
        memory=settings.RUN_MEMORY_MB << 20,
    )


@contextmanager
def for_inquiry() -> Iterator[Access]:
    """Yield what connectors may touch while they answer a question, with a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="millrace-inquiry-") as folder:
        yield installation(Path(folder))
