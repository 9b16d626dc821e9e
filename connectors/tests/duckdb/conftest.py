"""A DuckDB file in a folder of its own."""

import pytest

from connectors.library.duckdb import Duckdb
from connectors.tests.loads import System, access_to


@pytest.fixture
def system(tmp_path):
    """A DuckDB file that is not there yet."""
    return System(Duckdb, access_to(tmp_path), db_path="a.duckdb")
