"""Foreign errors in our words: who must act, and what would help."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, DataError, MillraceError, TransientError
from jobs.plan import Extract

if TYPE_CHECKING:
    import duckdb

# A file stands where a folder should be or the other way round, a name is too long, …: waiting
# does not help.
MISPLACED = frozenset(
    {errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EROFS, errno.EXDEV}
)
NO_SPACE = "No space left on device"

# Where a connector says what is not there, by the field of its options or settings.
TABLES = ("table", "path", "db_path")
# A path may also be refused; that is another matter.
ABSENT = "There is no"


@contextmanager
def missing(step: Extract, *, is_known: bool) -> Iterator[None]:
    """Say of what is missing at a source whether it was there before, and what to do.

    `is_known` says that the stream was loaded at least once.
    """
    try:
        yield
    except ConfigError as error:
        name = step.name.removeprefix("Extract ") or "The stream"
        if is_known and error.field in TABLES and error.message.startswith(ABSENT):
            text = (
                f"{name} does not exist any more: {error.message}. What was loaded of it stays at "
                "the destination; take the stream out of the job, or bring it back"
            )
        elif error.field == "cursor":
            text = (
                f"The cursor column of {name} cannot be used: {error.message}. Choose another "
                "cursor_field, or full_refresh"
            )
        elif error.field == "state":
            text = (
                f"{name} cannot go on from its state: {error.message}. Set another state (PUT "
                "/jobs/:id/streams/state), or let it begin anew (POST /jobs/:id/streams/reset)"
            )
        elif error.field == "columns" and step.options.get("columns"):
            text = (
                f"A chosen column of {name} does not exist: {error.message}. Take it out of "
                "selected_columns"
            )
        else:
            raise
        raise ConfigError(text, field=error.field) from error


def translate(error: BaseException) -> BaseException:
    """Return the error of our tree that says the same, or the error itself where it is our bug."""
    if isinstance(error, MillraceError):
        return error
    if isinstance(error, OSError):
        return _from_os(error)
    if isinstance(error, MemoryError):
        return ConfigError("The part needs more memory than it may use; raise the memory budget")
    return _from_polars(error)


def from_duckdb(error: "duckdb.Error") -> BaseException:
    """Return what a step on DuckDB ran into in our words, or the error itself if it is our bug."""
    import duckdb

    text = (str(error).strip().splitlines() or [""])[0]
    if NO_SPACE in text or "max_temp_directory_size" in str(error):
        return TransientError(
            "The disk is full: a step that needs all rows keeps them in the scratch folder below "
            "DATA_DIR; free some space there; the run is tried again"
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return ConfigError(f"A step needs more memory than it may use; raise RUN_MEMORY_MB: {text}")
    kinds: tuple[tuple[tuple[type[Exception], ...], type[MillraceError]], ...] = (
        ((duckdb.InterruptException,), TransientError),
        ((duckdb.ConversionException, duckdb.OutOfRangeException), DataError),
        ((duckdb.InvalidInputException, duckdb.ConstraintException), DataError),
        ((duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException), ConfigError),
        ((duckdb.PermissionException, duckdb.SyntaxException), ConfigError),
    )
    found = next((kind for classes, kind in kinds if isinstance(error, classes)), None)
    return found(f"The step cannot be done: {text}") if found else error


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
