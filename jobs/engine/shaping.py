"""Rows in the shape of the last load: what a policy does that lets no column change."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, DataError
from connectors.sql.columns import fits

if TYPE_CHECKING:
    import polars as pl

    Schema = Mapping[str, pl.DataType]

CURE = "Set schema_policy to evolve, or leave the column out with selected_columns"


def shaped(
    frame: "pl.LazyFrame", found: "Schema", known: "Schema", *, is_filled: bool
) -> "pl.LazyFrame":
    """Return the known columns of a frame, in their order and with their types.

    Columns that are gone are null where `is_filled`, and missing otherwise. A value that the known
    type does not hold exactly is a DataError that names its column.
    """
    import polars as pl

    wanted = {name: dtype for name, dtype in known.items() if name in found}
    cast = {name: dtype for name, dtype in wanted.items() if found[name] != dtype}
    _refuse_strange(found, cast)
    kept = {name: cast.get(name, found[name]) for name in wanted}
    frame = frame.select(list(kept))
    if cast:

        def change(batch: pl.DataFrame) -> pl.DataFrame:
            return batch.with_columns(
                _cast(batch.get_column(name), dtype) for name, dtype in cast.items()
            )

        frame = frame.map_batches(change, schema=pl.Schema(kept), streamable=True)
    if not is_filled:
        return frame
    return frame.select(
        pl.col(name) if name in kept else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in known.items()
    )


def _refuse_strange(found: "Schema", cast: "Schema") -> None:
    for name, dtype in cast.items():
        if not (fits(found[name], dtype) or _is_kin(found[name], dtype)):
            raise ConfigError(
                f"Column {name!r} was {dtype} at the last load and is {found[name]}, which cannot "
                f"be cast back. {CURE}"
            )


def _is_kin(one: "pl.DataType", other: "pl.DataType") -> bool:
    """Whether two types say the same sort of thing, so that a cast can be exact at all."""
    import polars as pl

    if pl.Datetime in (type(one), type(other)):
        # With and without a zone are different things: an instant, and what a clock shows.
        zones = [getattr(dtype, "time_zone", None) is None for dtype in (one, other)]
        if zones[0] != zones[1]:
            return False
    kinds = {_sort(one), _sort(other)}
    return None not in kinds and (len(kinds) == 1 or "text" in kinds)


def _sort(dtype: "pl.DataType") -> str | None:
    import polars as pl

    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum)):
        return "text"
    return "moment" if isinstance(dtype, (pl.Date, pl.Datetime)) else None


def _cast(column: "pl.Series", dtype: "pl.DataType") -> "pl.Series":
    """Return the column in another type; DataError where a value would not be the same."""
    from polars.exceptions import PolarsError

    if fits(column.dtype, dtype):
        return column.cast(dtype)
    try:
        cast = column.cast(dtype)
        is_same = cast.cast(column.dtype).eq_missing(column).all()
    except PolarsError:
        is_same = False
    if not is_same:
        raise DataError(
            f"Column {column.name!r} was {dtype} at the last load and brings {column.dtype} now, "
            f"with values that the type before does not hold exactly. {CURE}"
        )
    return cast
