"""Keeps one server alive for the process that needs it, and not a moment longer.

Run as a program: it leaves its caller at once, prints its own process id, starts the command, and
ends it and removes its folder when the owner has gone or when it is told to by SIGTERM. So nothing
is left behind, even by a test run that was killed. A command that ends by itself leaves its folder,
with its log and a file `ended` in it, until then.
"""

import argparse
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

GRACE_SECONDS = 10
# Where the kernel cannot tell of the end of a process (not Linux), it is looked for so often.
LOOK_SECONDS = 0.5


def main() -> None:
    """Read the command line, step out of the caller's way, and keep the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--user")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--signal", default="SIGTERM")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if pid := os.fork():
        sys.stdout.write(str(pid))
        return
    os.setsid()
    log = os.open(arguments.folder / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    null = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, null), (1, log), (2, log)):
        os.dup2(source, target)
    keep(arguments)


def keep(arguments: argparse.Namespace) -> None:
    """Run the command until there is a reason to end it."""
    told, telling = os.pipe()
    os.set_blocking(telling, False)
    signal.set_wakeup_fd(telling)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    server = subprocess.Popen(arguments.command, user=arguments.user, start_new_session=True)
    wait(server, arguments, told)
    if server.poll() is None:
        server.send_signal(signal.Signals[arguments.signal])
        try:
            server.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    shutil.rmtree(arguments.folder, ignore_errors=True)


def wait(server: subprocess.Popen, arguments: argparse.Namespace, told: int) -> None:
    """Wait until the owner ends or a signal comes."""
    while not has_ended(arguments.owner, but=told):
        if select.select([told], [], [], 0)[0] and signal.SIGTERM in os.read(told, 100):
            return
        if server.poll() is not None:
            (arguments.folder / "ended").write_text(str(server.returncode))


def has_ended(pid: int, *, but: int | None = None, seconds: float | None = None) -> bool:
    """Wait for the end of a process, whose parent may be slow to see it; True when it has ended.

    False after so many seconds, or as soon as there is something to read from `but`.
    """
    others = [] if but is None else [but]
    try:
        if not hasattr(os, "pidfd_open"):
            os.kill(pid, 0)
            select.select(others, [], [], LOOK_SECONDS)
            return False
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ready, _, _ = select.select([process, *others], [], [], seconds)
    os.close(process)
    return process in ready


if __name__ == "__main__":
    main()
