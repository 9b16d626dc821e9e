"""Both databases under the same tests, and rows to begin with."""

import environ
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from accounts.services import register
from config import services
from jobs import lifecycle
from jobs.models import Trigger
from jobs.plan import Extract, Load, Part, Plan
from jobs.tests.api import Api
from jobs.tests.rows import make_table
from tests.servers import postgres


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request, django_db_setup, django_db_blocker):
    """The embedded database in a file, then a real PostgreSQL server, in place of the default."""
    if request.param == "sqlite":
        yield request.param
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        usual = connections["default"]
        usual.close()
        ours = services.postgres_database(environ.Env.db_url_config(url), pool=0)
        databases = connections.configure_settings({"default": ours})
        connections.settings["default"] = databases["default"]
        del connections["default"]
        with django_db_blocker.unblock():
            call_command("migrate", verbosity=0)
        yield request.param
        connections["default"].close()
        connections.settings["default"] = usual.settings_dict
        connections["default"] = usual


@pytest.fixture
def database(server, transactional_db):
    """An empty database that every thread may use; commits are real."""
    return server


@pytest.fixture
def project(database):
    """A project of somebody."""
    return register(username="ada", password="correct horse").owned_projects.get()


def plan_of(*, parts: int = 1, is_ordered: bool = True) -> Plan:
    """Return a plan of so many parts; its connectors are never opened."""
    return Plan(
        parts=tuple(
            Part(
                id=f"part{number}",
                name=f"Task {number}",
                steps=(
                    Extract(id=f"{number}:extract", connector="csv", origin="task:x"),
                    Load(
                        id=f"{number}:load",
                        connector="duckdb",
                        origin="task:x",
                        stream=f"job/{number}",
                        input=f"{number}:extract",
                    ),
                ),
            )
            for number in range(1, parts + 1)
        ),
        is_ordered=is_ordered,
    )


@pytest.fixture
def open_run(project):
    """Open a run of any shape; returns it and the ids of the parts that are queued."""

    def opener(*, parts=1, is_ordered=True, max_attempts=3, **more):
        return lifecycle.open_run(
            project=project,
            plan=plan_of(parts=parts, is_ordered=is_ordered),
            job=None,
            trigger=Trigger.MANUAL,
            by=project.owner,
            max_attempts=max_attempts,
            **more,
        )

    return opener


@pytest.fixture
def files():
    """The folder that connectors may touch, without databases from another test."""
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    for path in settings.FILES_DIR.glob("*.duckdb*"):
        path.unlink()
    return settings.FILES_DIR


@pytest.fixture
def input_file(files):
    """The folder with in.duckdb, whose table `numbers` has ten rows."""
    make_table(files / "in.duckdb", "numbers", "SELECT range AS n FROM range(10)")
    return files


@pytest.fixture
def ada(db):
    """The API for a registered user."""
    return Api("ada")


@pytest.fixture
def numbers(files):
    """A DuckDB file with the numbers from 0 to 999."""
    make_table(files / "in.duckdb", "numbers", "SELECT range AS n FROM range(1000)")
    return files / "in.duckdb"
