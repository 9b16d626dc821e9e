"""Formats are found by name, and each is a module with the same parts."""

import pytest

from modelling.formats import format_named, names


@pytest.mark.parametrize("name", names())
def test_a_format_has_what_every_format_has(name):
    found = format_named(name)
    assert found.TITLE
    assert found.MEDIA_TYPE.count("/") == 1
    assert all(suffix.startswith(".") for suffix in found.SUFFIXES)
    assert callable(found.render)


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match="odcs, sql"):
        format_named("word")
