"""A query with its values in place of the names, in the words of one database."""

from collections.abc import Callable, Mapping

from connectors.errors import ConfigError
from connectors.sql.parameters.dialects import Dialect
from connectors.sql.parameters.finding import names_in
from connectors.sql.parameters.values import Scalar, Value


def bound(
    sql: str, values: Mapping[str, Value], dialect: Dialect, said: Callable[[Scalar], str]
) -> str:
    """Return the query in which `said` stands for each value; a list becomes several.

    Raises ConfigError for a name that has no value.
    """
    pieces, at = [], 0
    for place in names_in(sql, dialect):
        if place.name not in values:
            known = ", ".join(f":{name}" for name in values) or "none"
            raise ConfigError(
                f"The query names :{place.name}, which has no value; there are: {known}",
                field="query",
            )
        value = values[place.name]
        listed = value if isinstance(value, tuple) else (value,)
        pieces += [sql[at : place.start], ", ".join(said(item) for item in listed)]
        at = place.end
    return "".join([*pieces, sql[at:]])


class Numbered:
    """Values that are handed to the database apart from the query, by their numbers."""

    def __init__(self, template: str) -> None:
        """Keep what stands for a value in the query; `{}` in it is the value's number."""
        self._template = template
        self.values: list[Scalar] = []

    def __call__(self, value: Scalar) -> str:
        """Take a value and return what stands for it."""
        self.values.append(value)
        return self._template.format(len(self.values) - 1)
