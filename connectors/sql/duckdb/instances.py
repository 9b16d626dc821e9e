"""Open DuckDB files: one instance per file and process, closed to the world outside of the file."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Access
from connectors.errors import ConfigError, DataError, MillraceError, TargetBusy, TransientError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# DuckDB works in less, but spills all the time.
LEAST_MEMORY = 128 << 20
_instances: dict[tuple[int, Path], "Instance"] = {}
_opening = threading.Lock()


@dataclass
class Instance:
    """A file that is open in this process; `committing` is held around a check and its commit."""

    path: Path
    connection: "DuckDBPyConnection"
    is_read_only: bool
    users: int = 0
    committing: threading.Lock = field(default_factory=threading.Lock)


class Opened:
    """One user's share of an instance: cursors of its own, and a close that ends them all."""

    def __init__(self, path: Path, access: Access, *, is_read_only: bool) -> None:
        """Open the file, or share it where this process has it open.

        Raises TargetBusy where another process holds it, ConfigError where it is no database.
        """
        key = (os.getpid(), path)
        with _opening:
            instance = _instances.get(key)
            if instance is None:
                instance = Instance(path, _open(path, access, is_read_only), is_read_only)
                _instances[key] = instance
            if instance.is_read_only and not is_read_only:
                raise TargetBusy(f"{path} is being read in this process; it is tried again")
            instance.users += 1
        self.instance = instance
        self._key = key
        self._cursors: list[DuckDBPyConnection] = []

    def cursor(self) -> "DuckDBPyConnection":
        """Return a connection of its own, with a transaction of its own."""
        with told(self.instance.path):
            cursor = self.instance.connection.cursor()
        self._cursors.append(cursor)
        return cursor

    def interrupt(self) -> None:
        """Make whatever runs on a cursor end soon."""
        for cursor in list(self._cursors):
            with suppress(Exception):
                cursor.interrupt()

    def close(self) -> None:
        """Roll back what is not committed, and close the file where nobody else uses it."""
        for cursor in self._cursors:
            cursor.close()
        self._cursors.clear()
        with _opening:
            self.instance.users -= 1
            if self.instance.users == 0:
                _instances.pop(self._key, None)
                self.instance.connection.close()


def _open(path: Path, access: Access, is_read_only: bool) -> "DuckDBPyConnection":  # noqa: FBT001
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        # Polars plans with the other half.
        "memory_limit": f"{max(access.memory // 2, LEAST_MEMORY) >> 20}MiB",
        "threads": min(os.cpu_count() or 1, 4),
        "temp_directory": str(access.scratch / "duckdb"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with told(path):
        connection = duckdb.connect(str(path), read_only=is_read_only, config=config)
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        # A query sees this file and nothing else: no other files, no network, no variables of ours.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise what DuckDB says as an error of ours."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise _translated(error, path) from error


def _translated(error: Exception, path: Path) -> MillraceError:
    """Say who must act."""
    import duckdb

    text = str(error).strip().splitlines()[0]
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[MillraceError]], ...] = (
        ((duckdb.ConstraintException, duckdb.ConversionException), DataError),
        ((duckdb.OutOfRangeException, duckdb.InvalidInputException), DataError),
        ((duckdb.TransactionException, duckdb.InterruptException), TransientError),
        ((duckdb.ConnectionException, duckdb.FatalException), TransientError),
        (duckdb.OutOfMemoryException, ConfigError),
    )
    if "constraint violation" in text:
        # At the end of a transaction DuckDB calls it an error of the transaction.
        return DataError(f"{path.name}: {text}")
    if isinstance(error, duckdb.IOException):
        return _from_io(text, path)
    kind = next((kind for found, kind in kinds if isinstance(error, found)), ConfigError)
    return kind(f"{path.name}: {text}")


def _from_io(text: str, path: Path) -> MillraceError:
    if "lock on file" in text:
        holder = text.partition("held in ")[2].partition(". See also")[0] or "another process"
        return TargetBusy(
            f"{path} is in use by {holder}; only one process at a time may write a DuckDB file. "
            "Close it there; the run is tried again"
        )
    if "No space left" in text:
        return TransientError(f"The disk is full ({path}): free some space; the run is tried again")
    if path.is_dir():
        return ConfigError(f"{path} is a folder; choose the path of a file", field="db_path")
    if "sqlite_scanner" in text:
        # DuckDB would read a SQLite file with an extension that must not be fetched.
        return ConfigError(f"{path} is a SQLite database; use type sqlite", field="db_path")
    if "not a valid DuckDB" in text:
        return ConfigError(f"{path} is not a DuckDB database; choose another path", field="db_path")
    return ConfigError(f"{path.name}: {text}")
