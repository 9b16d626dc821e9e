"""Whether the rows of a load fit the columns of the table that they go to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.errors import ConfigError

if TYPE_CHECKING:
    import polars as pl


def check_names(names: Iterable[str], *, is_case_sensitive: bool = True) -> None:
    """Refuse a load without columns, and names that the database cannot tell apart."""
    seen: dict[str, str] = {}
    for name in names:
        folded = name if is_case_sensitive else name.lower()
        if not name or "\0" in name:
            raise ConfigError(f"A column is named {name!r}; give it a name with a rename step")
        if folded in seen:
            raise ConfigError(
                f"The columns {seen[folded]!r} and {name!r} are one name here, where upper and "
                "lower case are the same; rename one of them"
            )
        seen[folded] = name
    if not seen:
        raise ConfigError("The rows have no columns; a table needs at least one")


def check_key(key: Sequence[str], schema: Mapping[str, "pl.DataType"]) -> None:
    """Refuse a key whose columns do not arrive."""
    missing = [name for name in key if name not in schema]
    if missing:
        raise ConfigError(
            f"The key column {missing[0]!r} is not among the columns: {', '.join(schema)}",
            field="key",
        )


def check_columns(
    schema: Mapping[str, "pl.DataType"],
    target_columns: Mapping[str, "pl.DataType"],
    *,
    required: Collection[str] = (),
    is_case_sensitive: bool = True,
    table: str = "the table",
) -> None:
    """Refuse rows of `schema` that a table with `target_columns` cannot hold exactly.

    `required` are columns of the table that must be given: NOT NULL, and without a default.
    """
    held = {folded(name, is_case_sensitive): dtype for name, dtype in target_columns.items()}
    given = {folded(name, is_case_sensitive) for name in schema}
    missing = [name for name in schema if folded(name, is_case_sensitive) not in held]
    if missing:
        raise ConfigError(
            f"{table} has no column {missing[0]!r}; it has: {', '.join(target_columns)}. "
            "Add the column, let columns grow (`evolve`), drop it from the rows, or replace the table"
        )
    for name, dtype in schema.items():
        own = held[folded(name, is_case_sensitive)]
        if not fits(dtype, own):
            raise ConfigError(
                f"Column {name!r} of {table} holds {own} and the rows bring {dtype}; "
                "cast the column in a step before the load, or replace the table"
            )
    wanted = [name for name in required if folded(name, is_case_sensitive) not in given]
    if wanted:
        raise ConfigError(
            f"{table} needs a value in column {wanted[0]!r}, which the rows do not bring; give it a "
            "default, let it be NULL, or bring the column"
        )


def folded(name: str, is_case_sensitive: bool) -> str:  # noqa: FBT001 - a rule, not a switch
    """Return the name as a system compares it."""
    return name if is_case_sensitive else name.lower()


def fits(given: "pl.DataType", held: "pl.DataType") -> bool:
    """Whether a column of type `held` holds every value of type `given` exactly."""
    import polars as pl

    if given in (held, pl.Null()):
        return True
    if given.is_integer():
        return _integer_fits(given, held)
    if isinstance(given, pl.Decimal) and isinstance(held, pl.Decimal):
        whole, room = given.precision - given.scale, held.precision - held.scale
        return held.scale >= given.scale and room >= whole
    if isinstance(given, pl.Datetime) and isinstance(held, pl.Datetime):
        units = ("ms", "us", "ns")
        is_finer = units.index(held.time_unit) >= units.index(given.time_unit)
        # A zone only says how an instant is shown; with and without one are different things.
        return is_finer and (given.time_zone is None) == (held.time_zone is None)
    texts = (pl.String, pl.Categorical, pl.Enum)
    floats = (pl.Float16, pl.Float32, pl.Float64)
    is_wider = given in floats and held in floats and floats.index(given) <= floats.index(held)
    return is_wider or (given in texts and held == pl.String)


def _integer_fits(given: "pl.DataType", held: "pl.DataType") -> bool:
    """Whether a type holds both ends of an integer type."""
    import polars as pl

    low, high = ends_of(given)
    if isinstance(held, pl.Decimal):
        return len(str(high)) <= held.precision - held.scale
    if not held.is_integer():
        return False
    floor, roof = ends_of(held)
    return floor <= low and high <= roof


def ends_of(dtype: "pl.DataType") -> tuple[int, int]:
    """Return the lowest and the highest number of an integer type."""
    bits = int(str(dtype).removeprefix("U").removeprefix("Int"))
    return (
        (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if dtype.is_signed_integer() else (0, 2**bits - 1)
    )


def cursors_of(schema: Mapping[str, "pl.DataType"]) -> tuple[str, ...]:
    """Return the columns that may serve as a cursor: whole numbers, dates and timestamps."""
    import polars as pl

    return tuple(
        name
        for name, dtype in schema.items()
        if dtype.is_integer() or isinstance(dtype, (pl.Date, pl.Datetime))
    )
