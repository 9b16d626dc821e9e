"""What the rows of a load are cast to, so that a table holds them exactly."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from connectors.base import WriteMode
from connectors.lakes.types import Format, held_schema
from connectors.sql.columns import check_columns, check_key, check_names

if TYPE_CHECKING:
    import polars as pl


def fitting(
    schema: Mapping[str, "pl.DataType"],
    columns: Mapping[str, "pl.DataType"] | None,
    form: Format,
    options: Any,
    *,
    required: Collection[str],
    place: str,
) -> dict[str, "pl.DataType"]:
    """Return the types that the rows are cast to: those of the table, or those of a new one.

    Raises ConfigError or DataError for columns that it cannot hold.
    """
    import polars as pl

    check_names(schema, is_case_sensitive=False)
    if options.mode is WriteMode.UPSERT:
        check_key(options.key, schema)
    held = held_schema(schema, form)
    if columns is None:
        return held
    given = {name: pl.Null() if schema[name] == pl.Null() else held[name] for name in schema}
    # An upsert leaves what it does not bring as it is.
    needed = () if options.mode is WriteMode.UPSERT else required
    check_columns(given, columns, required=needed, table=place)
    return {name: columns[name] for name in columns if name in schema}
