"""The file as a whole: missing, of another kind, checked, large."""

import sqlite3

import duckdb
import polars as pl
import pytest

from connectors.errors import ConfigError
from connectors.library.duckdb import Duckdb
from connectors.tests.duckdb.database import PEOPLE
from connectors.tests.loads import System, access_to


def test_memory_databases_and_missing_files_are_refused(system, tmp_path):
    with pytest.raises(ConfigError, match="ends with the run"):
        System(Duckdb, system.access, path=":memory:").read(table="t")
    with pytest.raises(ConfigError, match="no DuckDB file"):
        system.read(table="t")
    (tmp_path / "a.duckdb").write_text("this is a text, and no database of any kind at all" * 99)
    with pytest.raises(ConfigError, match="not a DuckDB database"):
        system.read(table="t")
    with pytest.raises(ConfigError, match="outside of the folders"):
        System(Duckdb, system.access, path="../b.duckdb").read(table="t")


def test_a_folder_and_a_sqlite_file_are_called_what_they_are(system, tmp_path):
    (tmp_path / "folder.duckdb").mkdir()
    folder = System(Duckdb, system.access, path="folder.duckdb")
    with sqlite3.connect(tmp_path / "a.duckdb") as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    with pytest.raises(ConfigError, match="is a folder"):
        folder.load(PEOPLE, table="t")
    for attempt in (system.read, lambda table: system.load(PEOPLE, table=table)):
        with pytest.raises(ConfigError, match="is a SQLite database; use type sqlite"):
            attempt(table="t")


def test_a_check_says_what_is_there(system):
    with system.opened() as connector:
        assert "first load" in connector.check().checks[-1].message
    assert not (system.access.base / "a.duckdb").exists()
    system.load(PEOPLE, table="t")
    with system.opened() as connector:
        report = connector.check()
    assert report.passed
    assert "1 tables" in report.checks[-1].message
    assert report.details["version"] == duckdb.__version__


@pytest.mark.slow
def test_a_million_rows_pass_in_little_memory(tmp_path):
    system = System(Duckdb, access_to(tmp_path, memory=256 << 20), db_path="a.duckdb")
    numbers = pl.LazyFrame({"id": pl.int_range(1_000_000, eager=True)})
    rows = numbers.with_columns(text=pl.format("row number {}", "id"), half=pl.col("id") / 2)
    assert system.load(rows, table="t").rows == 1_000_000
    assert system.read(table="t").sum().row(0)[0] == 499_999_500_000
