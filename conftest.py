"""What holds for every test."""

pytest_plugins = ["tests.servers.plugin"]


def pytest_collection_modifyitems(items):
    """Run what is quick first, so that most mistakes show within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
