"""What the tests of accounts share."""

import pytest

from accounts.tests.signing_in import FRONTEND, Browser
from tests.servers.github import CLIENT_ID, CLIENT_SECRET, running_github


@pytest.fixture(scope="session")
def _github_server():
    with running_github() as server:
        yield server


@pytest.fixture
def github(_github_server, settings):
    """A GitHub with one user, at which the platform is known."""
    fresh = type(_github_server)(_github_server.server, _github_server.prefix, _github_server.api)
    vars(_github_server).update(vars(fresh))
    settings.GITHUB_CLIENT_ID, settings.GITHUB_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.GITHUB_URL, settings.GITHUB_API_URL = fresh.url, fresh.api_url
    settings.REDIRECT_ALLOWLIST = ["https://app.example.org"]
    settings.FRONTEND_URL = FRONTEND
    return _github_server


@pytest.fixture
def browser():
    """A browser without any cookie."""
    return Browser()
