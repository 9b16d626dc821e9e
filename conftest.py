"""What holds for every test."""

import pytest
from django.http import HttpRequest

from accounts import cache
from config.api import counting, requests

pytest_plugins = ["tests.servers.plugin"]


def pytest_collection_modifyitems(items):
    """Run what is quick first, so that most mistakes show within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(autouse=True)
def _no_users_of_other_tests():
    """Forget whom an earlier test knew; the built-in local user has the same uuid in all of them."""
    cache.forget_all()


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests(monkeypatch, request):
    """Count apart from other tests, which a Redis would remember for an hour."""
    monkeypatch.setattr(counting, "PREFIX", f"{counting.PREFIX}{request.node.nodeid}:")


@pytest.fixture(autouse=True)
def _no_requests_of_other_tests():
    """Forget where an earlier request came from, by which this test is not to be counted."""
    requests.begin(HttpRequest())
