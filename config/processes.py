"""Child processes: they never outlive their parent, and tell where they stand."""

import ctypes
import faulthandler
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


def tell_where_it_stands() -> None:
    """Print the stacks of all threads when SIGUSR2 comes, whatever the process is doing."""
    # SIGUSR1 is the pool's own. Not sys.stderr, which Celery may replace by one that is no file.
    faulthandler.register(signal.SIGUSR2, file=sys.__stderr__)


def obey_parent_variable() -> None:
    """End with the parent that the environment names, if it names one."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent is not None:
        end_with_parent(int(parent))
