"""Conditions in SQL with the values that are bound to them; None is the one that always holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Clause:
    """A condition; `values` stand for its question marks, in order."""

    sql: str
    values: tuple[Any, ...] = ()


def both(*clauses: Clause | None) -> Clause | None:
    """Return the condition that all of these hold."""
    return _joined(" AND ", [clause for clause in clauses if clause is not None])


def either(clauses: Iterable[Clause | None]) -> Clause | None:
    """Return the condition that one of these holds; None where one always does."""
    kept = list(clauses)
    found = [clause for clause in kept if clause is not None]
    return _joined(" OR ", found) if len(found) == len(kept) else None


def where(clause: Clause | None) -> tuple[str, list[Any]]:
    """Return what stands behind FROM, and the values for it."""
    return ("", []) if clause is None else (f" WHERE {clause.sql}", list(clause.values))


def _joined(word: str, clauses: list[Clause]) -> Clause | None:
    if len(clauses) < 2:
        return clauses[0] if clauses else None
    text = word.join(clause.sql for clause in clauses)
    return Clause(f"({text})", tuple(value for clause in clauses for value in clause.values))
