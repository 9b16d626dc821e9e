"""The environment of the tests: nothing of this machine's own platform reaches them."""

import atexit
import os
import sys
import tempfile

from tests.servers import postgres, redis, sharing
from tests.servers.processes import ServerMissingError

# Tests run on the embedded default; `services` runs the same tests on PostgreSQL and Redis.
BACKEND = "MILLRACE_TEST_BACKEND"
KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "CI", "VIRTUAL_ENV")
KEPT_PREFIXES = (
    "PYTHON",
    "PYTEST",
    "MILLRACE_",
    "COVERAGE",
    "XDG_",
    "COLUMNS",
    "TERM",
    "HYPOTHESIS",
)


def prepare() -> None:
    """Set the variables that the platform's settings are read from, for this process alone."""
    sharing.begin()
    for name in set(os.environ) - set(KEPT):
        if not name.startswith(KEPT_PREFIXES):
            del os.environ[name]
    folder = tempfile.TemporaryDirectory(prefix="millrace-tests-", ignore_cleanup_errors=True)
    os.environ |= {
        # For the processes that share a run: they would take what the platform itself falls back to.
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": folder.name,
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "console",
    }
    atexit.register(folder.cleanup)
    atexit.register(sharing.end)
    if os.environ.get(BACKEND) == "services":
        use_services()


def use_services() -> None:
    """Run the tests on PostgreSQL and Redis; without them fail in CI, and say so loudly elsewhere."""
    try:
        os.environ["DATABASE_URL"] = sharing.given_or_shared("postgres", postgres.start)
        os.environ["REDIS_URL"] = sharing.given_or_shared("redis", redis.start)
    except ServerMissingError as error:
        sys.stderr.write(f"NOT TESTED on real services: {error}\n")
        raise SystemExit(1 if sharing.is_ci() else 0) from error
