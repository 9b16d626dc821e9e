"""What holds for every test."""

import pytest

pytest_plugins = ["tests.servers.plugin"]


# First, because the order of a parallel run is made from the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Run what is quick first, so that most mistakes show within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
    for item in items:
        if "platform" in item.fixturenames:
            # One process runs the tests of a platform, so that it is started once.
            services = item.callspec.params["platform"]
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{services}"))
