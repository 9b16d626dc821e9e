"""Foreign errors in our words: who must act, and what would help."""

import errno
from collections.abc import Callable

from connectors.errors import ConfigError, DataError, MillraceError, TransientError

# A file stands where a folder should be or the other way round, a name is too long, …: waiting
# does not help.
MISPLACED = frozenset(
    {errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EROFS, errno.EXDEV}
)
NO_SPACE = "No space left on device"


def translate(error: BaseException) -> BaseException:
    """Return the error of our tree that says the same, or the error itself where it is our bug."""
    if isinstance(error, MillraceError):
        return error
    if isinstance(error, OSError):
        return _from_os(error)
    if isinstance(error, MemoryError):
        return ConfigError("The part needs more memory than it may use; raise the memory budget")
    return _from_polars(error)


def _from_os(error: OSError) -> BaseException:
    path = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or NO_SPACE in str(error):
        return TransientError(f"The disk is full{path}: free some space; the run is tried again")
    if isinstance(error, FileNotFoundError):
        return ConfigError(f"There is no such file or folder{path}: {error}")
    if error.errno in MISPLACED:
        return ConfigError(f"This path cannot be used{path}: {error.strerror}; choose another")
    if isinstance(error, PermissionError):
        return ConfigError(f"Millrace may not read or write here{path}: {error}")
    return TransientError(f"The system answered: {error}")


def _from_polars(error: BaseException) -> BaseException:
    """Name what Polars found wrong; its errors speak of the rows, except for missing columns."""
    from polars import exceptions

    kinds: tuple[tuple[type[BaseException], Callable[[str], MillraceError]], ...] = (
        (exceptions.ColumnNotFoundError, lambda text: ConfigError(f"No such column: {text}")),
        (exceptions.PolarsError, lambda text: DataError(f"The rows cannot be processed: {text}")),
    )
    text = str(error).strip()
    if NO_SPACE in text:
        return _from_os(OSError(errno.ENOSPC, NO_SPACE))
    return next((make(text) for kind, make in kinds if isinstance(error, kind)), error)
