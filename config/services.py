"""How the platform talks to what it stands on: the embedded services and the real ones."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def sqlite_database(path: Path) -> dict[str, Any]:
    """Return the settings of the embedded database: one writer at a time, many readers."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # A transaction that will write takes its turn at once; one that begins by reading
            # would be refused in the middle when another writer came first.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # A file like the real one: an in-memory database has neither WAL nor several processes.
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


def postgres_database(database: dict[str, Any], *, pool: int) -> dict[str, Any]:
    """Return the settings of a PostgreSQL database, read from its URL.

    A pool of connections is for a process of many short threads; without one each thread keeps
    its own connection.
    """
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    options = database.get("OPTIONS", {})
    if pool:
        options = options | {"pool": {"min_size": 1, "max_size": pool}}
    return database | {
        "ENGINE": "config.postgres",
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0 if pool else 60,
        "OPTIONS": options,
    }


def broker_options(url: str, *, folder: Path) -> dict[str, Any]:
    """Return what the broker's transport needs, and make the folders of the embedded one."""
    if url.startswith(("redis://", "rediss://")):
        return {"socket_connect_timeout": 2, "global_keyprefix": "millrace:"}
    if not url.startswith("files://"):
        return {}
    for name in ("messages", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.05,
    }
