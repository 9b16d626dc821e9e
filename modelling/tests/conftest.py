"""What the tests of modelling share."""

import pytest

from modelling.tests.drawing import Drawing


@pytest.fixture
def drawing(db, settings):
    """A shared workspace with two domains and its people."""
    settings.OPEN_ACCESS = False
    return Drawing()
