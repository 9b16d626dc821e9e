"""Child processes that never outlive their parent."""

import ctypes
import os
import signal
import sys

PARENT_VARIABLE = "PARENT_PID"
# The exit code of a process that somebody must mend before it can run (EX_CONFIG of sysexits.h):
# to start it again would only say the same again.
BEYOND_RESTART = 78
PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """End this process when the one that started it ends, or now if that has gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # A parent that died before the call above can no longer send its signal.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def obey_parent_variable() -> None:
    """End with the parent that the environment names, if it names one."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent is not None:
        end_with_parent(int(parent))
