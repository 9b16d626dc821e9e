"""A SQLite source, and destinations that can be looked at."""

import pytest

from connectors import access, registry
from connectors.tests.postgres.conftest import settings_of
from jobs.tests.api import Api
from jobs.tests.drift.changing import FIRST, remake


@pytest.fixture
def ada(transactional_db):
    """The API for a registered user of Olake's door."""
    return Api("ada", door="olake")


@pytest.fixture
def shop(files):
    """A SQLite database with one table."""
    path = files / "shop.sqlite"
    path.unlink(missing_ok=True)
    remake(path, *FIRST)
    return path


@pytest.fixture
def make_ends(ada, shop, files, tmp_path_factory, request):
    """Make the source, and a destination of a kind; gives both and what the destination holds."""

    def make(kind):
        settings = {
            "duckdb": lambda: {"db_path": "copy.duckdb"},
            "parquet": lambda: {"path": f"copy-{tmp_path_factory.mktemp('p').name}"},
            "postgres": lambda: settings_of(request.getfixturevalue("postgres_url")),
        }[kind]()
        source = {"name": "shop", "source_type": "sqlite", "config": {"path": "shop.sqlite"}}
        copy = {"name": "copy", "dest_type": kind, "config": settings}
        ends = {
            "source_id": ada("post", "/sources", source).json()["source_id"],
            "dest_id": ada("post", "/destinations", copy).json()["dest_id"],
        }

        def held():
            """Return the rows of the copy as dictionaries, in the order of their ids."""
            plugin = registry.source(kind)
            opened = plugin(plugin.Settings(**settings), access.installation())
            try:
                frame = opened.scan(plugin.ReadOptions(table="things")).frame
                return frame.sort("id").collect().to_dicts()
            finally:
                opened.close()

        return ends, held

    return make


@pytest.fixture
def ends_of(make_ends, request):
    """The ends with a destination of the kind that the test is told."""
    return make_ends(request.param)
