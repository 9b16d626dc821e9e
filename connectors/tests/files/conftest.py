"""Files below a folder of their own."""

import pytest

from connectors.library.csv import Csv
from connectors.library.json import Json
from connectors.library.parquet import Parquet
from connectors.tests.loads import System, access_to


@pytest.fixture
def files(tmp_path):
    """The folder that connectors may use."""
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def csv(files):
    """Make a system of CSV files at a path."""
    return lambda path, **settings: System(Csv, access_to(files), path=path, **settings)


@pytest.fixture
def json(files):
    """Make a system of JSON files at a path."""
    return lambda path, **settings: System(Json, access_to(files), path=path, **settings)


@pytest.fixture
def parquet(files):
    """Make a system of Parquet files at a path."""
    return lambda path, **settings: System(Parquet, access_to(files), path=path, **settings)
