"""A text of SQL as parsed statements with their lines; only those that define tables are parsed."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import Dialect, exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from modelling.exchange.faults import Fault, FormatError
from modelling.schema import storable

# It warns in the log of what it cannot parse; the notes and errors of a text say so too.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

MOST_BYTES = 4 * 1024 * 1024
DEEPEST = 40
# Words of SQL Server that say nothing about a model: storage of keys, and the end of a batch.
BATCH = re.compile(r"(?im)^[ \t]*GO[ \t]*;?[ \t]*$")
STORAGE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\b(?:NON)?CLUSTERED\b", re.IGNORECASE)
LINE = re.compile(r"[Ll]ine (\d+)")
OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.LT})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.GT})


@dataclass(frozen=True)
class Statement:
    """One statement: what it is, parsed if it can be about tables, and the line where it begins."""

    line: int
    words: str
    tree: exp.Expression | None


def statements(text: str, dialect: str) -> Iterator[Statement]:
    """Yield the statements of a text; FormatError where one that defines a table is broken."""
    if len(text) > MOST_BYTES:
        message = f"larger than {MOST_BYTES // 1024 // 1024} MB; split it"
        raise FormatError([Fault("", 1, message)])
    try:
        storable(text)
    except ValueError as error:
        raise FormatError([Fault("", 1, f"the text {error}")]) from None
    if dialect == "tsql":
        text = STORAGE.sub(_without_storage, BATCH.sub(";", text))
    speaks = Dialect.get_or_raise(dialect)
    try:
        tokens = speaks.tokenize(text)
    except SqlglotError as error:
        raise FormatError([Fault("", _line(error, text), "a quotation does not end")]) from None
    for chunk in _chunks(tokens):
        yield _statement(speaks, chunk, text)


def _without_storage(found: re.Match[str]) -> str:
    return found[0] if found[0][0] in "'-" else " " * len(found[0])


def _chunks(tokens: list[Token]) -> Iterator[list[Token]]:
    chunk: list[Token] = []
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            if chunk:
                yield chunk
            chunk = []
        else:
            chunk.append(token)
    if chunk:
        yield chunk


def _statement(speaks: Any, chunk: list[Token], text: str) -> Statement:
    line = chunk[0].line
    words = " ".join(token.text.upper() for token in chunk[:6])
    about = words.split(" ")
    if about[0] not in ("CREATE", "ALTER", "COMMENT"):
        return Statement(line, words, None)
    if _depth(chunk) > DEEPEST:
        raise FormatError([Fault("", line, f"nested deeper than {DEEPEST} parentheses")])
    is_needed = "TABLE" in about
    try:
        tree = speaks.parser().parse(chunk, text)[0]
    except (ParseError, RecursionError) as error:
        if not is_needed:
            return Statement(line, words, None)
        raise FormatError([_fault(error, line)]) from None
    except (SqlglotError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        # A parser that trips over a text says nothing about where.
        if not is_needed:
            return Statement(line, words, None)
        raise FormatError([Fault("", line, "this statement cannot be read")]) from None
    if isinstance(tree, exp.Command) and about[0] == "CREATE" and is_needed:
        raise FormatError([Fault("", line, "this CREATE TABLE cannot be read")])
    return Statement(line, words, None if isinstance(tree, exp.Command) else tree)


def _depth(chunk: list[Token]) -> int:
    deepest = depth = 0
    for token in chunk:
        depth += (token.token_type in OPENING) - (token.token_type in CLOSING)
        deepest = max(deepest, depth)
    return deepest


def _fault(error: Exception, line: int) -> Fault:
    told = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    near = str(told.get("highlight") or "").strip()
    message = str(told.get("description") or "this statement cannot be read")
    where = f"{message.rstrip('.')}{f', near {near[:40]}' if near else ''}"
    return Fault("", max(1, int(told.get("line") or line)), where)


def _line(error: Exception, text: str) -> int:
    found = LINE.search(str(error))
    return min(int(found[1]), text.count("\n") + 1) if found else text.count("\n") + 1
