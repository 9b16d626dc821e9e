"""What the clients of these tests may reach, and how patient they are."""

from pathlib import Path

from connectors.base import Access
from connectors.http import Retries, parse_networks

LOOPBACK = parse_networks(["127.0.0.0/8", "::1/128"])
QUICK = Retries(attempts=3, shortest=0.001, longest=0.5)


def access(folder: Path, *, networks=LOOPBACK) -> Access:
    """Allow one folder and some networks."""
    return Access(base=folder, roots=(folder,), scratch=folder, networks=networks)
