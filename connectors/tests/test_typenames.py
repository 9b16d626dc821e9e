"""Types are kept as text and read back as they were."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.typenames import NAMES, parsed, written

UNITS = ["ms", "us", "ns"]
ZONES = [None, "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"]
PLAIN = sorted(
    NAMES - {"Datetime", "Duration", "Decimal", "Enum", "List", "Array", "Struct", "Map"}
)

plain = st.sampled_from(PLAIN).map(lambda name: getattr(pl, name)())
decimals = st.integers(1, 38).flatmap(
    lambda digits: st.integers(0, digits).map(lambda scale: pl.Decimal(digits, scale))
)
leaves = st.one_of(
    plain,
    st.builds(pl.Datetime, st.sampled_from(UNITS), st.sampled_from(ZONES)),
    st.builds(pl.Duration, st.sampled_from(UNITS)),
    decimals,
    st.lists(st.text(max_size=6), unique=True, max_size=5).map(pl.Enum),
)
types = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(pl.List),
        st.builds(pl.Map, leaves, inner),
        st.builds(
            lambda held, shape: pl.Array(held, tuple(shape)),
            inner,
            st.lists(st.integers(1, 5), min_size=1, max_size=2),
        ),
        st.dictionaries(st.text(max_size=6), inner, max_size=4).map(pl.Struct),
    ),
    max_leaves=6,
)


@given(types)
def test_a_type_comes_back_as_it_was(dtype):
    assert parsed(written(dtype)) == dtype
    assert written(parsed(written(dtype))) == written(dtype)


@pytest.mark.parametrize("name", PLAIN)
def test_every_plain_type_comes_back(name):
    assert written(parsed(name)) == name


@pytest.mark.parametrize(
    "text",
    ["", "Int", "int", "List(", "List(Int)", "__import__('os')", "Int8()()", "Decimal(Int8, x=1)"],
)
def test_what_is_no_type_is_refused(text):
    with pytest.raises(ValueError, match="no type of a column"):
        parsed(text)
