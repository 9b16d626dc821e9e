"""Columns of an Iceberg table that grow in the snapshot that brings the rows, as the format allows."""

from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError, TransientError

OLD = pl.DataFrame({"id": [1, 2], "n": [1, None]}, schema={"id": pl.Int64, "n": pl.Int32})
NEW = pl.DataFrame({"id": [3], "n": [2**40], "city": ["Bonn"]})
GROWN = {"id": [1, 2, 3], "n": [1, None, 2**40], "city": [None, None, "Bonn"]}


def opened(lake, then):
    with lake.opened() as connector:
        return then(connector.tables.demand(("default", "t")))


def test_pyiceberg_sees_the_grown_table_and_old_files_stay(lake):
    lake.load(OLD, table="t")
    before = opened(
        lake, lambda table: [file["file_path"] for file in table.inspect.files().to_pylist()]
    )
    lake.load(NEW, table="t", mode="append", evolve=True)
    found = opened(lake, lambda table: table.scan().to_arrow())
    assert pl.DataFrame(pl.from_arrow(found)).sort("id").to_dict(as_series=False) == GROWN
    after = opened(
        lake, lambda table: [file["file_path"] for file in table.inspect.files().to_pylist()]
    )
    assert set(before) < set(after)


def test_columns_and_rows_come_in_one_snapshot(lake):
    lake.load(OLD, table="t")
    lake.load(NEW, table="t", mode="append", evolve=True)
    assert opened(lake, lambda table: len(table.snapshots())) == 2
    assert lake.read(table="t").sort("id").to_dict(as_series=False) == GROWN


@pytest.mark.parametrize(
    ("old", "new"),
    [(1, Decimal("1.5")), (Decimal("1.5"), Decimal("1.55"))],
)
def test_what_the_format_cannot_widen_is_refused_by_name(lake, old, new):
    lake.load(pl.DataFrame({"v": [old]}), table="t")
    with pytest.raises(DataError, match=r"'v' of .* holds .* and the rows bring Decimal"):
        lake.load(pl.DataFrame({"v": [new]}), table="t", mode="append", evolve=True)
    assert lake.read(table="t")["v"].to_list() == [old]


def test_columns_that_were_changed_meanwhile_end_the_attempt(lake):
    lake.load(OLD, table="t")

    def rename():
        def change(table):
            with table.update_schema() as update:
                update.rename_column("n", "m")

        opened(lake, change)

    with pytest.raises(TransientError, match="changed meanwhile"):
        lake.load(NEW, table="t", mode="append", evolve=True, before_commit=rename)
    assert opened(lake, lambda table: table.schema().column_names) == ["id", "m"]


def test_names_that_differ_in_case_only_are_refused(lake):
    lake.load(OLD, table="t")
    with pytest.raises(ConfigError, match="'id' and 'ID' are one name"):
        lake.load(OLD.rename({"id": "ID"}), table="t", mode="append", evolve=True)
