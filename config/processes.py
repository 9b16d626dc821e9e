"""Child processes that never outlive their parent."""

import ctypes
import os
import signal
import sys

PARENT_VARIABLE = "PARENT_PID"
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def obey_parent_variable() -> None:
    """End with the parent that the environment names, or now if that has gone already."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent is None:
        return
    end_with_parent()
    # A parent that died before the call above can no longer send its signal.
    if os.getppid() != int(parent):
        sys.exit(f"The process {parent} that started this one has gone.")
