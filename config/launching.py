"""Starting a whole platform beside this process: for the demonstration, benchmarks and tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.05
WORKERS = ("runs", "quick")


class NotStartedError(Exception):
    """A platform ended or never became ready; the text ends with its log."""


@dataclass(frozen=True)
class Platform:
    """A running platform: where it answers, where it keeps its data, what it printed."""

    url: str
    data_dir: Path
    log_file: Path
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        """Return what all of its processes printed."""
        return self.log_file.read_text(errors="replace")

    def pids(self) -> dict[str, int]:
        """Return the process ids of web, runs, quick and clock, as they are now."""
        state: dict[str, dict[str, int]] = json.loads((self.data_dir / "dev.json").read_text())
        return state["children"]

    def worker_children(self, queue: str = "runs") -> list[int]:
        """Return the process ids of those that work on a queue's tasks (Linux only)."""
        parent = self.pids()[queue]
        # The kernel lists a child under the thread that forked it, which need not be the first one.
        listed = [path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children")]
        return [int(pid) for text in listed for pid in text.split()]

    def is_ready(self) -> bool:
        """Say whether the database, cache, broker and disk work, and the workers have begun."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                return answer.status == 200 and all(map(self.worker_children, WORKERS))
        except (OSError, KeyError):
            return False

    def wait_until_ready(self) -> None:
        """Return when it is ready; NotStartedError when it ended or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotStartedError(f"The platform did not start.\n{self.log()[-4000:]}")
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End every process of the platform."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # The kernel ends the children together with the supervisor.
            self.process.kill()
            self.process.wait()


@contextmanager
def running_platform(
    data_dir: Path, *, port: int | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Platform]:
    """Run the platform on a data folder and a free port, ready to be used, until the block ends.

    It runs as on one's own machine (DEBUG) unless the environment that is given says otherwise.
    """
    port = port or free_port()
    data_dir.mkdir(parents=True, exist_ok=True)
    log_file = data_dir / "platform.log"
    variables = {
        **os.environ,
        "DEBUG": "1",
        **(environment or {}),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(data_dir),
        "PORTS": str(port),
    }
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, MANAGE, "dev"], env=variables, stdout=log, stderr=log
        )
    platform = Platform(f"http://127.0.0.1:{port}", data_dir, log_file, process)
    try:
        platform.wait_until_ready()
        yield platform
    finally:
        platform.stop()


def free_port() -> int:
    """Return a local port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
