"""One server of a kind for all processes of a test run, however many there are.

The process that began the run owns the servers; whichever of its processes needs one first starts
it, and the others read in a folder that they share where it answers.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.servers.processes import Kept, ServerMissingError

FOLDER, OWNER = "MILLRACE_TEST_FOLDER", "MILLRACE_TEST_OWNER"


def begin() -> None:
    """Make this process the owner, unless it is one of the processes of an owner."""
    if OWNER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="millrace-servers-")
        os.environ[OWNER] = str(os.getpid())


def end() -> None:
    """End every server, if this process is the owner."""
    if os.environ.get(OWNER) != str(os.getpid()):
        return
    folder = Path(os.environ.pop(FOLDER))
    del os.environ[OWNER]
    for file in folder.glob("*.json"):
        known = json.loads(file.read_text())
        Kept(known["pid"], Path(known["folder"])).end()
    shutil.rmtree(folder)


def shared(name: str, start: Callable[[int], tuple[str, Kept]]) -> str:
    """Return the URL of the run's server of this name, which is started if nobody did yet."""
    file = Path(os.environ[FOLDER]) / f"{name}.json"
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            url, server = start(int(os.environ[OWNER]))
            known = {"url": url, "pid": server.pid, "folder": str(server.folder)}
            file.write_text(json.dumps(known))
        return json.loads(file.read_text())["url"]


# Where a service is that somebody gives the tests, and how many may share it.
GIVEN = {
    "postgres": "MILLRACE_TEST_DATABASE_URL",
    "mysql": "MILLRACE_TEST_MYSQL_URL",
    "redis": "MILLRACE_TEST_REDIS_URL",
    "s3": "MILLRACE_TEST_S3_URL",
    "sftp": "MILLRACE_TEST_SFTP_URL",
}
# What is emptied before a test cannot be shared by processes that run side by side.
UNSHARED = {"redis"}


def given_or_shared(kind: str, start: Callable[[int], tuple[str, Kept]]) -> str:
    """Return the URL of a service: the one that was given, or a private server's.

    ServerMissingError names what is not installed and which variable would do instead.
    """
    if url := os.environ.get(GIVEN[kind]):
        return url
    name = f"{kind}-{os.getpid()}" if kind in UNSHARED else kind
    try:
        return shared(name, start)
    except ServerMissingError as error:
        raise ServerMissingError(f"{error} {GIVEN[kind]} would do instead.") from error


def is_ci() -> bool:
    """Whether everything must be tested."""
    return os.environ.get("CI", "").lower() in {"1", "true"}
