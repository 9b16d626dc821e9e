"""SQLite files: opened so that a query can change and reach nothing, and what they hold."""

import datetime as dt
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from connectors.base import RunKey
from connectors.errors import ConfigError, DataError, MillraceError, TransientError
from connectors.sql.markers import PREFIX
from connectors.sql.names import TableName, quoted
from connectors.sql.options import TableReadOptions
from connectors.sql.parameters import SQLITE, Numbered, Scalar
from connectors.sql.pushing import moment_text

# How long a lock of somebody else is waited for.
PATIENCE = 4.0
MAIN = "main"
QUERY = f"{PREFIX}_query"
VALUES = f"{PREFIX}_values"
_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}


def open_to_read(path: Path, options: TableReadOptions | None = None) -> sqlite3.Connection:
    """Open a file that is there, so that nothing can be written; a query becomes the view QUERY.

    Where it may be written it is opened so, because a file that a crash left needs a rollback.
    """
    connection = _connect(path, "rw" if os.access(path, os.W_OK) else "ro")
    try:
        if options is not None and options.query is not None:
            _hold(connection, options)
        with told(path):
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _hold(connection: sqlite3.Connection, options: TableReadOptions) -> None:
    """Make the query a view; nothing but one SELECT can be one, and nothing stands behind it.

    A view takes no values, so they lie in a table beside it.
    """
    values = Numbered(f"(SELECT value FROM temp.{VALUES} WHERE number = {{}})")
    query = options.bound(SQLITE, values)
    try:
        if values.values:
            connection.execute(f"CREATE TEMP TABLE {VALUES} (number INTEGER PRIMARY KEY, value)")
            connection.executemany(
                f"INSERT INTO {VALUES} VALUES (?, ?)",
                [(number, _held(value)) for number, value in enumerate(values.values)],
            )
        connection.execute(f"CREATE TEMP VIEW {QUERY} AS {query}")
        connection.execute(f"SELECT * FROM {QUERY} LIMIT 0")
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ConfigError(
            f"`query` must be one SELECT statement (WITH and VALUES may open it) that works: {error}",
            field="query",
        ) from error


def _held(value: Scalar) -> str | int | float | None:
    """Return a value as SQLite has it: times are text there, as its own functions write them."""
    if isinstance(value, dt.datetime):
        return moment_text(value).removesuffix(".000000")
    if isinstance(value, dt.date):
        return moment_text(value)
    return float(value) if isinstance(value, Decimal) else value


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a file, and make it where there is none."""
    return _connect(path, "rwc")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    with told(path):
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        # Views of a file that we did not write may only call what does no harm.
        connection.execute("PRAGMA trusted_schema = OFF")
        # It is the first look into the file, and says whether it is a database.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def close_doors(connection: sqlite3.Connection) -> None:
    """Let whatever is asked from now on read this file, and do nothing else."""

    def judge(action: int, *names: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION and "load_extension" in names:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY

    connection.set_authorizer(judge)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise what SQLite says as an error of ours."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _translated(error, path) from error


_PHRASES: tuple[tuple[str, type[MillraceError], str], ...] = (
    (
        "locked|busy",
        TransientError,
        "another connection holds the file; close it there, or wait: the run is tried again",
    ),
    ("interrupted", TransientError, "the work was interrupted"),
    ("disk I/O", TransientError, "the disk does not answer; the run is tried again"),
    ("not a database|file is encrypted|malformed", ConfigError, "choose a SQLite 3 file"),
    ("unable to open|readonly|read-only", ConfigError, "see the path and the rights on it"),
    (
        "constraint failed|datatype mismatch|too big",
        DataError,
        "the rows break a rule of the table",
    ),
    ("Could not decode", DataError, "the text is not UTF-8; read it with CAST(… AS BLOB)"),
    ("not authorized|prohibited", ConfigError, "a query may read this file and do nothing else"),
)


def _translated(error: Exception, path: Path) -> MillraceError:
    """Say who must act."""
    text = str(error)
    if "disk is full" in text:
        return TransientError(f"The disk is full ({path}): free some space; the run is tried again")
    for pattern, kind, hint in _PHRASES:
        if re.search(pattern, text, re.IGNORECASE):
            return kind(f"{path.name}: {text}; {hint}")
    return ConfigError(f"{path.name}: {text}")


def placed(name: TableName) -> str:
    """Return the name of a table in the one schema that a file has."""
    if name.schema is not None and name.schema.lower() != MAIN:
        raise ConfigError(
            f"A SQLite file has the schema {MAIN!r} only, not {name.schema!r}; a name with a dot "
            'in it is quoted: "a.b"',
            field="table",
        )
    return name.table


def kind_of(connection: sqlite3.Connection, table: str) -> str | None:
    """Return "table" or "view", None where there is neither."""
    found = connection.execute(
        "SELECT type FROM main.sqlite_master WHERE type IN ('table', 'view') "
        "AND name = ? COLLATE NOCASE",
        (table,),
    ).fetchone()
    return found[0] if found else None


def listed(connection: sqlite3.Connection) -> list[str]:
    """Return the names of all tables and views but SQLite's own."""
    rows = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type IN ('table', 'view') "
        r"AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name"
    )
    return [row[0] for row in rows]


def info(connection: sqlite3.Connection, table: str, schema: str = MAIN) -> list[dict[str, Any]]:
    """Return the columns of a table or view: name, type, notnull, dflt_value, pk, hidden."""
    cursor = connection.execute(f"PRAGMA {schema}.table_xinfo({quoted(table)})")
    keys = [column[0] for column in cursor.description]
    rows = [dict(zip(keys, row, strict=True)) for row in cursor]
    return [row for row in rows if row["hidden"] != 1]


def gathering(scratch: Path, place: str, run: RunKey) -> Path:
    """Return where this attempt gathers, after removing what earlier attempts at the place left."""
    start = f"sqlite-{blake2b(place.encode(), digest_size=8).hexdigest()}-"
    for left in scratch.glob(f"{start}*.db"):
        fence = left.stem.rpartition("_")[2]
        if fence.isdigit() and int(fence) <= run.fence:
            remove(left)
    return scratch / f"{start}{run.short}.db"


def remove(path: Path) -> None:
    """Remove a database that rows were gathered in."""
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
