"""Where a query names parameters, and where a colon is something else.

A colon is no parameter's in a cast (`x::date`), an assignment (`:=`), right behind a name, a number
or a closing bracket (`t.a:b`, `f():b`), in a subscript (`a[1:n]`, and so `a[:n]` too; `a[(:n)]` is
how to say it there), and behind the key of a struct (`{'a': 1}`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sql.parameters.dialects import Dialect, is_of_a_word

_NAME = re.compile(r":([^\W\d]\w*)")
_WORD = re.compile(r"[^\W\d]\w*$")
_PAIRS = {")": "(", "]": "[", "}": "{"}
# Behind these words a bracket opens a list and no subscript.
_BEFORE_LISTS = frozenset(
    {
        *("ALL", "AND", "ANY", "ARRAY", "AS", "BETWEEN", "BY", "CASE", "DISTINCT", "ELSE", "FROM"),
        *("HAVING", "IN", "LIKE", "LIMIT", "NOT", "ON", "OR", "RETURN", "SELECT", "SOME", "THEN"),
        *("UNION", "VALUES", "WHEN", "WHERE"),
    }
)


@dataclass(frozen=True)
class Name:
    """One place of a parameter: `sql[start:end]` is its colon and name."""

    name: str
    start: int
    end: int


@dataclass
class _Bracket:
    """An open bracket, and whether the colon of a struct's key has been passed in it."""

    sign: str
    is_subscript: bool = False
    has_key: bool = False


def names_in(sql: str, dialect: Dialect) -> Iterator[Name]:
    """Yield the places of parameters, in order."""
    open_: list[_Bracket] = [_Bracket("")]
    at, last = 0, 0  # `last` is where what is no space and no comment ended
    while at < len(sql):
        end = dialect.skipped(sql, at)
        if end > at:
            last = last if sql[at] in "-/#" else end
            at = end
            continue
        found = _NAME.match(sql, at) if sql[at] == ":" and _is_free(sql, at, open_[-1]) else None
        if found:
            yield Name(found[1], found.start(), found.end())
        else:
            _follow(sql, at, last, open_)
        at = found.end() if found else at + 1
        # The second colon of a cast is none of its own.
        at += sql.startswith("::", at - 1) and not found
        last = at if not sql[at - 1].isspace() else last


def without_end(sql: str, dialect: Dialect) -> str:
    """Return a query without the semicolons, comments and spaces behind its last word."""
    at, last = 0, 0
    while at < len(sql):
        end = dialect.skipped(sql, at)
        is_word = sql[at] not in "-/#" if end > at else not (sql[at].isspace() or sql[at] == ";")
        at = max(end, at + 1)
        last = at if is_word else last
    return sql[:last]


def _is_free(sql: str, at: int, bracket: _Bracket) -> bool:
    """Whether the colon may begin a parameter, as far as what stands before it goes."""
    before = sql[at - 1] if at else " "
    if before in ":)]}'\"`" or is_of_a_word(before):
        return False
    return not bracket.is_subscript and (bracket.sign != "{" or bracket.has_key)


def _follow(sql: str, at: int, last: int, open_: list[_Bracket]) -> None:
    """Keep count of brackets, and of the keys in structs."""
    sign, inner = sql[at], open_[-1]
    if sign in "([{":
        open_.append(_Bracket(sign, is_subscript=sign == "[" and _is_subscript(sql, last)))
    elif sign in _PAIRS:
        if inner.sign == _PAIRS[sign]:
            open_.pop()
    elif sign == ",":
        inner.has_key = False
    elif sign == ":":
        inner.has_key = True


def _is_subscript(sql: str, last: int) -> bool:
    """Whether the bracket behind the place `last` picks from a value."""
    before = sql[last - 1 : last]
    if before in (")", "]", "}", "'", '"'):
        return True
    if not before or not is_of_a_word(before):
        return False
    word = _WORD.search(sql, max(0, last - 64), last)
    return word is None or word[0].upper() not in _BEFORE_LISTS
