"""How databases write strings, comments and quoted names: where a `:name` is no parameter."""

import re
from dataclasses import dataclass, replace

_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_BLOCK = re.compile(r"/\*|\*/")


@dataclass(frozen=True)
class Dialect:
    """What one database reads as one piece, whatever stands in it."""

    quotes: str = "'\""
    # Quotes inside of which a backslash takes the next sign's meaning.
    escaping: str = ""
    has_escape_strings: bool = False  # E'it\'s'
    has_dollar_quotes: bool = False  # $tag$ … $tag$
    has_bracket_names: bool = False  # [a name]
    has_nested_comments: bool = False
    has_hash_comments: bool = False
    needs_space_after_dashes: bool = False

    def skipped(self, sql: str, at: int) -> int:
        """Return where the string, comment or quoted name ends that begins here, else `at`.

        What never ends goes to the end of the text.
        """
        sign = sql[at]
        if sign in self.quotes:
            return _quoted(sql, at, is_escaping=sign in self.escaping)
        if sign in "eE" and self.has_escape_strings and sql[at + 1 : at + 2] == "'":
            return at if follows_a_word(sql, at) else _quoted(sql, at + 1, is_escaping=True)
        if sign == "[" and self.has_bracket_names:
            return _behind(sql, "]", at + 1)
        if sign == "$" and self.has_dollar_quotes:
            tag = None if follows_a_word(sql, at) else _DOLLAR.match(sql, at)
            return at if tag is None else _behind(sql, tag[0], tag.end())
        return self._comment(sql, at)

    def _comment(self, sql: str, at: int) -> int:
        if sql.startswith("--", at):
            is_plain = self.needs_space_after_dashes and sql[at + 2 : at + 3].strip(" \t\r\n")
            return at if is_plain else _behind(sql, "\n", at)
        if sql[at] == "#" and self.has_hash_comments:
            return _behind(sql, "\n", at)
        if not sql.startswith("/*", at):
            return at
        return _nested(sql, at) if self.has_nested_comments else _behind(sql, "*/", at + 2)


POSTGRES = Dialect(has_escape_strings=True, has_dollar_quotes=True, has_nested_comments=True)
DUCKDB = POSTGRES
SQLITE = Dialect(quotes="'\"`", has_bracket_names=True)
_MYSQL = Dialect(
    quotes="'\"`", escaping="'\"", has_hash_comments=True, needs_space_after_dashes=True
)


def mysql(sql_mode: str = "") -> Dialect:
    """Return the dialect of a session by its `@@sql_mode`."""
    modes = set(sql_mode.upper().split(","))
    if "NO_BACKSLASH_ESCAPES" in modes:
        return replace(_MYSQL, escaping="")
    return replace(_MYSQL, escaping="'") if "ANSI_QUOTES" in modes else _MYSQL


def is_of_a_word(sign: str) -> bool:
    """Whether a sign may stand inside of a name or a number."""
    return sign.isalnum() or sign in "_$" or ord(sign) > 127


def follows_a_word(sql: str, at: int) -> bool:
    """Whether what begins here goes on with a name."""
    return at > 0 and is_of_a_word(sql[at - 1])


def _quoted(sql: str, at: int, *, is_escaping: bool) -> int:
    """Return where a quoted text ends; a doubled quote is one sign of it."""
    quote, place = sql[at], at + 1
    while place < len(sql):
        if is_escaping and sql[place] == "\\":
            place += 2
        elif sql[place] != quote:
            place += 1
        elif sql.startswith(quote, place + 1):
            place += 2
        else:
            return place + 1
    return len(sql)


def _behind(sql: str, sign: str, start: int) -> int:
    found = sql.find(sign, start)
    return len(sql) if found < 0 else found + len(sign)


def _nested(sql: str, at: int) -> int:
    depth = 0
    for mark in _BLOCK.finditer(sql, at):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)
