"""Queries that are compiled once, and asked again and again for whoever asks.

To build the query of a list and to compile it, twice for the count, takes Django longer than the
database takes to answer. Who asks is the one thing in it that changes from request to request, so
it is built for a stand-in, whose place is filled when it runs (docs/decisions/0073).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, Func, IntegerField, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler

# So many lists, filters and kinds of askers are known at once.
MOST = 1024
Row = Sequence[Any]
# A module's function of who asks and of what narrows the list; it looks at nothing else.
Build = Callable[..., QuerySet[Any]]


class User(Protocol):
    """Who may ask."""

    pk: Any


class Asker(Expression):
    """Stands for a user in a query that is compiled for all of them.

    It knows only the facts that it was given. Anything else that a query wants to know of the
    user while it is built (a name, a key) would be compiled in, and is an AttributeError. It is
    equal to nobody, so rights compare in the query (`owner=user`) and never in Python.
    """

    def __init__(self, **facts: Any) -> None:
        super().__init__()
        self.__dict__.update(facts)

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return a place for the user's key, marked by this object."""
        return "%s", (self,)


@dataclass(frozen=True)
class Statement:
    """A SELECT with places for who asks."""

    sql: str
    """Empty where Django knows beforehand that no row fits."""
    params: tuple[Any, ...] = ()
    converters: tuple[tuple[int, Any, Any], ...] = ()
    """What Django does with a column's value: place, functions, expression."""

    @classmethod
    def of(cls, queryset: QuerySet[Any]) -> "Statement":
        """Compile a query of columns (`values_list`) for the database in use."""
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return cls("")
        known = compiler.get_converters([column for column, _, _ in compiler.select])
        return cls(sql, tuple(params), tuple((place, *pair) for place, pair in known.items()))

    def rows(self, user: User, *, window: str = "") -> Iterator[Row]:
        """Ask for one user; `window` is a LIMIT and OFFSET to put at the end."""
        if not self.sql:
            return iter(())
        params = [user.pk if isinstance(given, Asker) else given for given in self.params]
        with connection.cursor() as cursor:
            cursor.execute(f"{self.sql} {window}", params)
            found = cursor.fetchall()
        return self._converted(found) if self.converters else iter(found)

    def _converted(self, found: list[Row]) -> Iterator[Row]:
        for row in found:
            values = list(row)
            for place, functions, expression in self.converters:
                for function in functions:
                    values[place] = function(values[place], expression, connection)
            yield values


class Listing:
    """A list for one user, to be sliced and counted as a paginator does with a queryset.

    A page brings the number of all rows with it, so it takes one query, and one that is beyond
    the last row takes two.
    """

    def __init__(self, build: Build, paths: tuple[str, ...], user: Any, **narrowing: Any) -> None:
        """Take the columns to read, and the arguments of `build` beside the user, all hashable."""
        facts = (("is_active", user.is_active), ("is_staff", user.is_staff))
        known = _prepared(build, paths, facts, tuple(narrowing.items()), connection.vendor)
        self._page, self._count = known
        self._user = user
        self._total: int | None = None

    def __getitem__(self, part: slice) -> list[Row]:
        """Return the rows of a page; the number of all rows stands behind the columns of each."""
        window = connection.ops.limit_offset_sql(part.start or 0, part.stop)
        found = list(self._page.rows(self._user, window=window))
        self._total = found[0][-1] if found else None
        return found

    def count(self) -> int:
        """Return the number of all rows."""
        if self._total is None:
            self._total = next((total for (total,) in self._count.rows(self._user)), 0)
        return self._total


@lru_cache(MOST)
def _prepared(
    build: Build,
    paths: tuple[str, ...],
    facts: tuple[tuple[str, Any], ...],
    narrowing: tuple[tuple[str, Any], ...],
    vendor: str,  # noqa: ARG001 -- the databases' SQL differs
) -> tuple[Statement, Statement]:
    queryset = build(Asker(**dict(facts)), **dict(narrowing))
    ordered = queryset if queryset.query.order_by else queryset.order_by("-pk")
    number = Func(template="COUNT(*)", output_field=IntegerField())
    total = queryset.order_by().values_list(number)
    return Statement.of(ordered.values_list(*paths, Subquery(total))), Statement.of(total)
