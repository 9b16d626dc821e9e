"""How much memory this process took at most."""

import contextlib
import resource
from pathlib import Path

CLEAR = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")
# What the kernel takes for "forget the highest resident size so far".
FORGET_PEAK = "5"


def reset_peak() -> None:
    """Begin to measure anew, where the kernel can."""
    with contextlib.suppress(OSError):
        CLEAR.write_text(FORGET_PEAK)


def peak() -> int:
    """Return the highest resident size since `reset_peak` in bytes; since the start without /proc."""
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
