"""The rows of one data file of an Iceberg table."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from connectors.base import lazy_frame
from connectors.lakes.iceberg.columns import polars_schema
from connectors.lakes.iceberg.storage import Storage

if TYPE_CHECKING:
    import polars as pl
    from pyiceberg.table import FileScanTask, Table


def old_rows(table: "Table", task: "FileScanTask", storage: Storage) -> "pl.LazyFrame":
    """Return the rows of a data file with the columns that the table has now.

    A file with exactly these columns and no deleted rows streams; others are read whole.
    """
    import polars as pl

    for file in (task.file, *task.delete_files):
        storage.demand_open(file.file_path)
    if not task.delete_files and _is_current(table, task):
        return pl.scan_parquet(
            task.file.file_path.removeprefix("file://"),
            glob=False,
            hive_partitioning=False,
            storage_options=storage.options(table.location()),
        )
    schema = polars_schema(table.schema())

    def batches(columns: list[str]) -> Iterator[pl.DataFrame]:
        wanted: Any = {name: schema[name] for name in columns}
        for batch in _scan(table, columns).to_record_batches([task]):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame.select(columns).cast(wanted)

    return lazy_frame(schema, batches)


def _scan(table: "Table", columns: list[str]) -> Any:
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.io.pyarrow import ArrowScan

    projected = table.schema().select(*columns)
    return ArrowScan(table.metadata, table.io, projected, AlwaysTrue())


def _is_current(table: "Table", task: "FileScanTask") -> bool:
    """Whether a file tells the very columns of the table: their identities, names and types."""
    import pyarrow.parquet as pq
    from pyiceberg.io.pyarrow import pyarrow_to_schema

    with table.io.new_input(task.file.file_path).open() as stream:
        found = pq.read_schema(stream)
    try:
        told = pyarrow_to_schema(found)
    except ValueError:
        return False
    return [(f.field_id, f.name, f.field_type) for f in told.fields] == [
        (f.field_id, f.name, f.field_type) for f in table.schema().fields
    ]
