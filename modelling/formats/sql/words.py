"""Names, types, texts and expressions of a model in the words of one database."""

import re
from functools import lru_cache
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

MOST = 2_000
SERIALS = {"SERIAL": "INT", "BIGSERIAL": "BIGINT", "SMALLSERIAL": "SMALLINT"}
FALLBACK = {"bigquery": "STRING", "tsql": "NVARCHAR(255)"}
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ]*(\(\s*\d+(\s*,\s*\d+)?\s*\))?")
BROKEN = (SqlglotError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError)
CONSTANT = (exp.Literal, exp.Null, exp.Boolean, exp.CurrentTimestamp, exp.CurrentDate)


def quoted(name: str, dialect: str) -> str:
    """Return a name in quotes."""
    return exp.to_identifier(name, quoted=True).sql(dialect=dialect)


def literal(text: str, dialect: str) -> str:
    """Return a text in quotes."""
    return exp.Literal.string(text).sql(dialect=dialect)


def is_serial(data_type: str) -> bool:
    """Whether a type counts by itself."""
    return data_type.strip().upper() in SERIALS


def _sayable(said: str, dialect: str) -> tuple[str, str | None]:
    """Return a type, or what is taken where the database's grammar has no place for it."""
    if dialect == "sqlite" and not PLAIN.fullmatch(said):
        return "TEXT", f"SQLite cannot say {said[:60]}; TEXT is taken"
    return said, None


@lru_cache(maxsize=10_000)
def type_in(data_type: str, origin: str, dialect: str) -> tuple[str, str | None]:
    """Return a type in a dialect, and a note if it is not certain that it is one."""
    if not data_type.strip():
        instead = "" if dialect == "sqlite" else FALLBACK.get(dialect, "TEXT")
        return instead, f"no type is said; {instead or 'none'} is taken"
    if is_serial(data_type) and dialect != "postgres":
        data_type = SERIALS[data_type.strip().upper()]
    for known in dict.fromkeys((origin, dialect, "", "postgres", "mysql", "tsql", "duckdb")):
        try:
            built = exp.DataType.build(data_type[:MOST], dialect=known or None)
            if built.this != exp.DataType.Type.USERDEFINED:
                return _sayable(built.sql(dialect=dialect), dialect)
        except BROKEN:
            continue
    instead = FALLBACK.get(dialect, "TEXT")
    return instead, f"the type {data_type[:60]!r} is not known; {instead} is taken"


def expression_in(text: str, origin: str, dialect: str) -> exp.Expression | None:
    """Return an expression, or None if the text is none: nothing else may slip into a script."""
    if len(text) > MOST:
        return None
    for known in dict.fromkeys((origin, dialect, "")):
        try:
            found: Any = parse_one(f"SELECT {text}", dialect=known or None)
        except BROKEN:
            continue
        inner = found.expressions if isinstance(found, exp.Select) else []
        others = [key for key, value in found.args.items() if value and key != "expressions"]
        if len(inner) == 1 and not others and not isinstance(inner[0], exp.Alias):
            return inner[0] if isinstance(inner[0], exp.Expression) else None
    return None


def check_in(text: str, origin: str, dialect: str) -> str | None:
    """Return a condition in a dialect, or None if it is none."""
    found = expression_in(text, origin, dialect)
    if found is None or found.find(exp.Select):
        return None
    return said_in(found, dialect)


def said_in(found: exp.Expression, dialect: str) -> str | None:
    """Return an expression in a dialect, or None if it is too deep or has no words there."""
    try:
        return found.sql(dialect=dialect, identify=True)
    except BROKEN:
        return None


def default_in(text: str, origin: str, dialect: str) -> str:
    """Return a default: an expression if the text is one, and else the text as a value."""
    found = expression_in(text, origin, dialect)
    is_value = found is not None and not found.find(exp.Select, exp.Column, exp.Star)
    said = said_in(found, dialect) if found is not None and is_value else None
    if found is None or said is None:
        return literal(text, dialect)
    inner = found.this if isinstance(found, exp.Neg) else found
    is_plain = isinstance(inner, CONSTANT)
    return f"({said})" if dialect in ("mysql", "sqlite") and not is_plain else said
