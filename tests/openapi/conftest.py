"""The platform as these tests meet it: closed, and with a GitHub that is set up and never asked."""

import pytest


@pytest.fixture(autouse=True)
def _closed_platform_with_github(settings):
    settings.OPEN_ACCESS = False
    settings.GITHUB_CLIENT_ID, settings.GITHUB_CLIENT_SECRET = "client", "secret"
    # Nothing listens there.
    settings.GITHUB_URL = settings.GITHUB_API_URL = "http://127.0.0.1:1"
