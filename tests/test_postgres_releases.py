"""The connector on newer PostgreSQL releases than the one that the system installs."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.servers import postgres, sharing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parent.parent


@pytest.fixture(params=postgres.RELEASES)
def server(request):
    """The release, and the URL of the first database of a server of that release."""
    with postgres.private_postgres(release=request.param) as url:
        yield request.param, url


def test_the_connector_and_its_contracts_hold_on_the_newer_releases(server):
    release, url = server
    with psycopg.connect(url) as database:
        assert database.info.server_version // 10_000 == release
    told = _pytest(
        url, "connectors/tests/postgres", "tests/contract", "-k", "postgres", "-m", "not slow"
    )
    assert told.returncode == 0, told.stdout[-4_000:]


def _pytest(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a process of their own that is given this server."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", *arguments]
    ours = {name: value for name, value in os.environ.items() if name not in _SHARED}
    environment = {**ours, sharing.GIVEN["postgres"]: url}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


# The inner run keeps servers of its own.
_SHARED = {sharing.FOLDER, sharing.OWNER, "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"}
