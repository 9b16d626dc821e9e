"""What the rows of a load are cast to, so that a table holds them exactly."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import WriteMode
from connectors.lakes.types import Format, held_schema
from connectors.sql.columns import check_key, check_names
from connectors.sql.growing import Growth, Widen, check_rows

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Fit:
    """The types that rows are cast to, and how the table's columns grow for them."""

    wanted: Mapping[str, "pl.DataType"]
    growth: Growth


def fitting(
    schema: Mapping[str, "pl.DataType"],
    columns: Mapping[str, "pl.DataType"] | None,
    form: Format,
    options: Any,
    *,
    required: Collection[str],
    place: str,
    widen: "Widen | None" = None,
) -> Fit:
    """Return the types that the rows are cast to: those of the table, or those of a new one.

    Raises ConfigError or DataError for columns that it cannot hold.
    """
    check_names(schema, is_case_sensitive=False)
    if options.mode is WriteMode.UPSERT:
        check_key(options.key, schema)
    held = held_schema(schema, form)
    if columns is None:
        return Fit(held, Growth({}, {}))
    # An upsert leaves what it does not bring as it is.
    needed = () if options.mode is WriteMode.UPSERT else required
    growth = check_rows(
        _given(schema, held, columns, options),
        columns,
        evolve=options.evolve,
        required=needed,
        table=place,
        widen=widen,
    )
    if growth.added:
        check_names([*columns, *growth.added], is_case_sensitive=False)
    later = after(columns, growth)
    return Fit({name: later[name] for name in later if name in schema}, growth)


def after(columns: Mapping[str, "pl.DataType"], growth: Growth) -> dict[str, "pl.DataType"]:
    """Return a table's columns as they are when they have grown."""
    return {**columns, **growth.widened, **growth.added}


def as_grown(
    frame: "pl.LazyFrame", columns: Mapping[str, "pl.DataType"], growth: Growth
) -> "pl.LazyFrame":
    """Return old rows in a table's columns as they are when they have grown."""
    import polars as pl

    if not growth:
        return frame
    return frame.with_columns(
        *(pl.col(name).cast(dtype) for name, dtype in growth.widened.items()),
        *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in growth.added.items()),
    ).select(list(after(columns, growth)))


def _given(
    schema: Mapping[str, "pl.DataType"],
    held: Mapping[str, "pl.DataType"],
    columns: Mapping[str, "pl.DataType"],
    options: Any,
) -> dict[str, "pl.DataType"]:
    """Return what the rows bring, as far as its fit is concerned."""
    import polars as pl

    text = pl.String()
    is_told = options.evolve and options.unheld_types == "text"

    def given(name: str) -> pl.DataType:
        if schema[name] == pl.Null():
            return pl.Null()
        is_text = is_told and columns.get(name) == text and not held[name].is_nested()
        return text if is_text and held[name] != pl.Binary() else held[name]

    return {name: given(name) for name in schema}
