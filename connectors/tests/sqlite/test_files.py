"""The file as a whole: missing, of another kind, checked, large."""

import polars as pl
import pytest

from connectors.errors import ConfigError
from connectors.library.sqlite import Sqlite
from connectors.tests.loads import System
from connectors.tests.sqlite.database import PEOPLE


def test_memory_databases_and_files_of_other_kinds_are_refused(system, tmp_path):
    for path in (":memory:", "file::memory:?cache=shared"):
        with pytest.raises(ConfigError, match="ends with the run"):
            System(Sqlite, system.access, path=path).read(table="t")
    with pytest.raises(ConfigError, match="no SQLite file"):
        system.read(table="t")
    (tmp_path / "a.sqlite3").write_text("this is a text, and no database of any kind at all" * 99)
    with pytest.raises(ConfigError, match="choose a SQLite 3 file"):
        system.read(table="t")


def test_a_check_says_what_is_there(system):
    with system.opened() as connector:
        assert "first load" in connector.check().checks[-1].message
    assert not (system.access.base / "a.sqlite3").exists()
    system.load(PEOPLE, table="t")
    with system.opened() as connector:
        report = connector.check()
    assert report.passed
    assert "1 tables" in report.checks[-1].message


@pytest.mark.slow
def test_a_million_rows_pass(system):
    numbers = pl.LazyFrame({"id": pl.int_range(1_000_000, eager=True)})
    rows = numbers.with_columns(text=pl.format("row number {}", "id"), half=pl.col("id") / 2)
    assert system.load(rows, table="t").rows == 1_000_000
    assert system.read(table="t").sum().row(0)[0] == 499_999_500_000
