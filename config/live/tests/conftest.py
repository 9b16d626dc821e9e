"""A table of events for every test, the hub in both its forms, and who watches."""

import pytest

from accounts import cache, services
from accounts.tests.tokens import token_of
from config.live import ringing
from config.live.tests import platform


@pytest.fixture(params=["tables", "redis"])
def redis_url(request, settings):
    """The hub in both its forms: it looks at the tables, or hears a bell."""
    url = request.getfixturevalue("live_redis_url") if request.param == "redis" else ""
    settings.REDIS_URL = url
    return url


@pytest.fixture
def live_redis_url(redis_server):
    return redis_server


@pytest.fixture(autouse=True)
def table(transactional_db, monkeypatch):
    cache.forget_all()
    monkeypatch.setattr(ringing, "_silent_until", 0.0)
    platform.queries.clear()
    platform.make_table()
    yield
    platform.drop_table()


@pytest.fixture
def token(table):
    return token_of(services.register(username="ada", password="mypassword"))
