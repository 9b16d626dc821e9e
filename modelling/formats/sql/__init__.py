"""SQL definitions of tables, in and out, for seven databases."""

from collections.abc import Callable
from uuid import UUID, uuid4

from modelling.exchange.faults import Fault, FormatError, Parsed
from modelling.formats.sql.reading import read
from modelling.formats.sql.writing import script
from modelling.schema import Document

TITLE = "SQL"
SUFFIXES = (".sql", ".ddl")
MEDIA_TYPE = "application/sql"
DIALECTS = {
    "postgres": "PostgreSQL",
    "mysql": "MySQL and MariaDB",
    "sqlite": "SQLite",
    "tsql": "SQL Server",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "duckdb": "DuckDB",
}


def parse(text: str, *, dialect: str = "postgres", fresh: Callable[[], UUID] = uuid4) -> Parsed:
    """Return the tables that a text creates; notes tell which statements were left out."""
    return read(text, known(dialect), fresh)


def render(document: Document, *, dialect: str = "postgres") -> str:
    """Return statements that create all tables; what the database cannot say is a comment."""
    return script(document, known(dialect))


def known(dialect: str) -> str:
    """Return the dialect, or raise FormatError with the known ones."""
    if dialect not in DIALECTS:
        message = f"the dialect {dialect!r} is not known; known: {', '.join(DIALECTS)}"
        raise FormatError([Fault("dialect", 1, message)])
    return dialect
