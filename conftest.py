"""What holds for every test: an environment of its own, and the servers that tests may ask for."""

import os
import tempfile

# Before Django reads its settings: nothing of this machine's own platform reaches a test. Each
# process of a parallel run has a folder of its own.
folder = tempfile.TemporaryDirectory(prefix="millrace-tests-", ignore_cleanup_errors=True)
for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "OBJECT_STORE_URL", "SECRET_KEY"):
    os.environ.pop(name, None)
for name in ("FERNET_KEYS", "FILE_ROOTS", "ALLOWED_NETWORKS", "OPEN_ACCESS", "PORT", "PORTS"):
    os.environ.pop(name, None)
os.environ |= {
    "ENV_FILE": os.devnull,
    "DATA_DIR": folder.name,
    "DEBUG": "0",
    "LOG_LEVEL": "WARNING",
}

pytest_plugins = ["tests.servers.plugin"]


def pytest_collection_modifyitems(items):
    """Run what is quick first, so that most mistakes show within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


def pytest_unconfigure(config):
    """Leave nothing behind."""
    folder.cleanup()
