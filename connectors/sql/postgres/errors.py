"""What PostgreSQL, psycopg and DuckDB's scanner say, told in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.errors import ConfigError, DataError, MillraceError, TransientError

# By the first two characters of SQLSTATE; what is not here is about the rows.
_BY_CLASS: dict[str, type[MillraceError]] = {
    **dict.fromkeys(("08", "40", "53", "55", "57", "58", "XX"), TransientError),
    **dict.fromkeys(("0A", "0L", "25", "28", "2B", "3D", "3F", "42"), ConfigError),
}
# The session was ended, which is told with a class of its own.
_BY_STATE: dict[str, type[MillraceError]] = {"25P03": TransientError, "25P04": TransientError}

# How a failed connection is told, which has no SQLSTATE, and errors that pass through DuckDB.
_PHRASES: tuple[tuple[str, type[MillraceError], str], ...] = (
    (
        (
            "password authentication failed|no password supplied|role .* does not exist|"
            "authentication failed"
        ),
        ConfigError,
        "check username and password",
    ),
    ("database .* does not exist", ConfigError, "check the name of the database"),
    ("no pg_hba.conf entry", ConfigError, "the server does not let this user in from here"),
    (
        "does not support SSL|SSL error|certificate|SSL connection is required",
        ConfigError,
        "check ssl_mode and the certificates",
    ),
    ("invalid .*connection option|invalid sslmode|invalid port", ConfigError, ""),
    (
        "could not translate host name|failed to resolve host|Name or service not known",
        TransientError,
        "check host, and the name server of this machine",
    ),
    (
        (
            "Connection refused|timeout expired|No route to host|Network is unreachable|"
            "connection timeout|Is the server running"
        ),
        TransientError,
        "check host and port, and that the server runs",
    ),
    (
        (
            "too many (clients|connections)|remaining connection slots|is starting up|is shutting down|"
            "in recovery mode"
        ),
        TransientError,
        "the server has no room now",
    ),
    (
        (
            "terminating connection|server closed the connection|connection to server was lost|"
            "Connection reset|SSL SYSCALL|Broken pipe|connection not open|canceling statement|"
            "the connection is (closed|lost)|no connection to the server|deadlock detected|"
            "could not serialize|EOF detected|could not receive data"
        ),
        TransientError,
        "",
    ),
    ("No space left on device|Disk full", TransientError, "the server's disk is full"),
    ("permission denied|must be owner", ConfigError, "grant the user the right"),
    ("(relation|column|schema|function) .* does not exist|syntax error", ConfigError, ""),
    ("cannot execute .* in a read-only transaction", ConfigError, "a query may only read"),
)
_SPOILED = re.compile(r"millrace: (NaN|24:00) in (.*?):millrace", re.DOTALL)
_DIMENSIONS = "array with 1 dimensions"


@contextmanager
def told(*secrets: str) -> Iterator[None]:
    """Raise what psycopg, DuckDB and Arrow raise inside as errors of our tree, without secrets."""
    import duckdb
    import psycopg
    from pyarrow import ArrowException

    try:
        yield
    except psycopg.Error as error:
        raise _scrubbed(_from_psycopg(error), secrets) from None
    except (duckdb.Error, ArrowException, OSError) as error:
        # Arrow's reader tells errors of the scanner as its own, some of them as OSError.
        raise _scrubbed(_from_text(str(error)), secrets) from None


def spoiled_text(value: str, column: str) -> str:
    """Return the text by which a value (NaN, 24:00) is recognised in the server's error."""
    return f"millrace: {value} in {column}:millrace"


def unsaid(value: str, column: str) -> DataError:
    """Return the error about a value that has no counterpart outside of PostgreSQL."""
    name = '"' + column.replace('"', '""') + '"'
    return DataError(
        f"Column {column!r} holds {value}, which cannot be said elsewhere; read it as text with "
        f"a query (SELECT {name}::text …), or turn it into NULL there"
    )


def _from_psycopg(error: BaseException) -> MillraceError:
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:
        return _from_text(str(error))
    kind = _BY_STATE.get(state) or _BY_CLASS.get(state[:2], DataError)
    diagnosis = getattr(error, "diag", None)
    parts = [getattr(diagnosis, name, None) for name in ("message_primary", "message_detail")]
    said = ". ".join(part for part in parts if part) or str(error)
    hint = getattr(diagnosis, "message_hint", None)
    return kind(f"PostgreSQL: {said}" + (f" ({hint})" if hint else ""))


def _from_text(text: str) -> MillraceError:
    """Judge an error by its words: there is no code."""
    if found := _SPOILED.search(text):
        return unsaid(found[1], found[2])
    if _DIMENSIONS in text:
        return DataError(
            "A column holds arrays of several dimensions, which are not read as lists; read it as "
            "text with a query (SELECT the_column::text …)"
        )
    for pattern, kind, hint in _PHRASES:
        if re.search(pattern, text, re.IGNORECASE):
            return kind(f"PostgreSQL: {_essence(text)}" + (f" ({hint})" if hint else ""))
    kind = DataError if "ERROR:" in text else TransientError
    return kind(f"PostgreSQL: {_essence(text)}")


def _essence(text: str) -> str:
    """Return what the server said, without the driver's frame and the statement."""
    found = re.search(r"(?:ERROR|FATAL|PANIC):\s+([^\n]+)", text)
    return found[1].strip() if found else " ".join(text.split())[:300]


def _scrubbed(error: MillraceError, secrets: tuple[str, ...]) -> MillraceError:
    """Return the error without the secrets, also as connection strings write them."""
    text = error.message
    for secret in filter(None, secrets):
        escaped = secret.replace("\\", "\\\\").replace("'", "\\'")
        for spelling in {secret, escaped, secret.replace("'", "''"), repr(secret)[1:-1]}:
            text = text.replace(spelling, "********")
    return type(error)(text, field=error.field)
