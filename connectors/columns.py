"""The columns that a person names: whether they are there, are of the right type, or are free."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.errors import ConfigError, UnknownColumn

# A wide table has more columns than anybody reads.
_SHOWN = 100


def known(schema: Iterable[str]) -> str:
    """Return the names of the columns there are, as a message shows them."""
    names = list(schema)
    more = f", … ({len(names) - _SHOWN} more)" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def demand(names: Iterable[str], schema: Iterable[str], field: str = "columns") -> None:
    """Raise UnknownColumn for the first of these columns that is not there; it names what is."""
    there = list(schema)
    for name in names:
        if name not in there:
            raise UnknownColumn(
                f"There is no column {name!r}; there are: {known(there)}", field=field
            )


def demand_free(names: Iterable[str], schema: Iterable[str], field: str = "name") -> None:
    """Raise ConfigError for a new column whose name is taken, by itself or but for its case.

    Names are exact, but DuckDB knows no two that differ in case only.
    """
    taken = {name.casefold(): name for name in schema}
    for name in names:
        if name.casefold() in taken:
            raise ConfigError(
                f"There is a column {taken[name.casefold()]!r} already; give {name!r} another name",
                field=field,
            )
        taken[name.casefold()] = name


def demand_type(
    names: Iterable[str],
    schema: Mapping[str, Any],
    fits: Callable[[Any], bool],
    wanted: str,
    field: str = "columns",
) -> None:
    """Raise ConfigError for a column that is not there, or whose type is not what is `wanted`."""
    chosen = list(names)
    demand(chosen, schema, field)
    for name in chosen:
        if not fits(schema[name]):
            raise ConfigError(
                f"Column {name!r} is {schema[name]}, and this needs {wanted}; see the step cast",
                field=field,
            )


# By the name of the class, so that no engine has to be loaded to know them.
def is_text(dtype: Any) -> bool:
    """Whether a column's values are texts."""
    return type(dtype).__name__ in ("String", "Categorical", "Enum")


def is_plain(dtype: Any) -> bool:
    """Whether values are single ones that have a text: no lists, structs or bytes."""
    return type(dtype).__name__ not in (
        *("List", "Array", "Struct", "Map", "Binary", "Object", "Unknown"),
    )


def is_number(dtype: Any) -> bool:
    """Whether values can be summed."""
    return bool(dtype.is_numeric())
