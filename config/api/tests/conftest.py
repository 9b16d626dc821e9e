"""What the tests of the limits share."""

import pytest

from config.api import counting


@pytest.fixture(params=["table", "redis"])
def counters(request, settings, monkeypatch, transactional_db):
    """Both ways to count: by rows of the database, and in Redis."""
    is_redis = request.param == "redis"
    settings.REDIS_URL = request.getfixturevalue("redis_url") if is_redis else ""
    monkeypatch.setattr(counting, "_resting_until", 0.0)
    return request.param
