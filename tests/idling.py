"""Waiting until the threads of this process have nothing left to do (Linux only)."""

import threading
import time
from pathlib import Path


def wait_until_idle() -> None:
    """Return when every other thread of this process has waited for something for a while."""
    looks = 0
    while looks < 10:
        time.sleep(0.05)
        looks = 0 if any(is_busy(path) for path in Path("/proc/self/task").iterdir()) else looks + 1


def is_busy(thread: Path) -> bool:
    """Whether a thread runs, would if there were a core for it, or waits for a disk."""
    if int(thread.name) == threading.get_native_id():
        return False
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0] in "RD"
    except (FileNotFoundError, ProcessLookupError):
        return False
