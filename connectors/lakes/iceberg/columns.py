"""Columns of Iceberg tables: types, identities, and how a data file spells them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.lakes.types import Format
from connectors.sql.growing import Growth, wider

if TYPE_CHECKING:
    import polars as pl
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import Transaction
    from pyiceberg.table.metadata import TableMetadata

    from connectors.files.streams import File

ICEBERG = Format("Iceberg", has_small_integers=False, has_times=True)


def iceberg_schema(schema: Mapping[str, "pl.DataType"]) -> "Schema":
    """Return a new table's schema; the types are those that Iceberg holds."""
    from pyiceberg.io.pyarrow import _ConvertToIcebergWithoutIDs, visit_pyarrow
    from pyiceberg.schema import assign_fresh_schema_ids

    found: Any = visit_pyarrow(_arrow(schema), _ConvertToIcebergWithoutIDs(format_version=2))
    return assign_fresh_schema_ids(found)


def polars_schema(schema: "Schema") -> dict[str, "pl.DataType"]:
    """Return the types in which a table's columns are read."""
    import polars as pl
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    empty = pl.from_arrow(schema_to_pyarrow(schema, include_field_ids=False).empty_table())
    assert isinstance(empty, pl.DataFrame)
    return dict(empty.schema)


def arrow_schema(schema: "Schema", names: Sequence[str]) -> Any:
    """Return how a data file with these columns spells them, identities included."""
    import pyarrow as pa
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    whole = schema_to_pyarrow(schema)
    return pa.schema([whole.field(name) for name in names])


def replace_columns(transaction: "Transaction", schema: Mapping[str, "pl.DataType"]) -> None:
    """Give a table these columns in the place of its own; equal ones stay who they are."""
    current = transaction.table_metadata.schema()
    if polars_schema(current) == dict(schema) and not current.identifier_field_ids:
        return
    with transaction.update_schema(allow_incompatible_changes=True) as update:
        update.set_identifier_fields()
        for field in current.fields:
            update.delete_column((field.name,))
    with transaction.update_schema(allow_incompatible_changes=True) as update:
        update.union_by_name(_arrow(schema))


def widened(held: "pl.DataType", given: "pl.DataType") -> "pl.DataType | None":
    """Return the type that holds both, where Iceberg lets a column become it; None elsewhere.

    Data files stay as they are, so it lets whole numbers, floats and the digits before a point grow.
    """
    import polars as pl

    found = wider(held, given)
    is_number = isinstance(found, (pl.Int64, pl.Float64)) and not isinstance(held, pl.Decimal)
    is_longer = isinstance(found, pl.Decimal) and isinstance(held, pl.Decimal)
    if is_longer and found.scale == held.scale:  # type: ignore[attr-defined, union-attr]
        return found
    return found if is_number else None


def grow_columns(transaction: "Transaction", growth: Growth) -> None:
    """Let columns join and widen; all columns that were there stay who they are."""
    if not growth:
        return
    added, wider_ones = iceberg_schema(growth.added or {}), iceberg_schema(growth.widened or {})
    with transaction.update_schema() as update:
        for field in added.fields:
            update.add_column((field.name,), field.field_type)
        for field in wider_ones.fields:
            update.update_column((field.name,), field_type=field.field_type)


def data_file(file: "File", path: str, metadata: "TableMetadata") -> "DataFile":
    """Return what a manifest says of a data file: rows, sizes, bounds."""
    from pyiceberg.io.pyarrow import (
        compute_statistics_plan,
        data_file_statistics_from_parquet_metadata,
        parquet_path_to_id_mapping,
    )
    from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
    from pyiceberg.typedef import Record

    from connectors.lakes.footers import footer

    schema = metadata.schema()
    statistics = data_file_statistics_from_parquet_metadata(
        parquet_metadata=footer(file),
        stats_columns=compute_statistics_plan(schema, metadata.properties),
        parquet_column_mapping=parquet_path_to_id_mapping(schema),
    )
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        file_size_in_bytes=file.size,
        sort_order_id=None,
        spec_id=metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def _arrow(schema: Mapping[str, "pl.DataType"]) -> Any:
    """Return the Arrow schema; its times are microseconds, as Iceberg's are."""
    import polars as pl
    import pyarrow as pa

    fields = pl.DataFrame(schema=dict(schema)).to_arrow().schema
    return pa.schema(
        [
            pa.field(field.name, pa.time64("us") if pa.types.is_time(field.type) else field.type)
            for field in fields
        ]
    )
