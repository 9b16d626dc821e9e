"""A SQLite file in a folder of its own."""

import pytest

from connectors.library.sqlite import Sqlite
from connectors.tests.loads import System, access_to


@pytest.fixture
def system(tmp_path):
    """A SQLite file that is not there yet."""
    return System(Sqlite, access_to(tmp_path), path="a.sqlite3")
