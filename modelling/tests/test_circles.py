"""Which edges lie on a circle."""

from hypothesis import given
from hypothesis import strategies as st

from modelling.circles import circular

NODES = st.integers(0, 8)


def test_a_chain_has_none_and_a_ring_has_all():
    assert circular([("ab", "a", "b"), ("bc", "b", "c")]) == set()
    assert circular([("ab", "a", "b"), ("bc", "b", "c"), ("ca", "c", "a"), ("cd", "c", "d")]) == {
        "ab",
        "bc",
        "ca",
    }


def test_an_edge_to_itself_is_a_circle():
    assert circular([("aa", "a", "a"), ("ab", "a", "b")]) == {"aa"}


def test_two_rings_that_meet_nowhere_do_not_flag_what_joins_them():
    edges = [(1, "a", "b"), (2, "b", "a"), (3, "b", "c"), (4, "c", "d"), (5, "d", "c")]
    assert circular(edges) == {1, 2, 4, 5}


def test_a_long_chain_that_closes_needs_no_recursion():
    edges = [(place, place, (place + 1) % 5000) for place in range(5000)]
    assert circular(edges) == set(range(5000))


@given(st.lists(st.tuples(NODES, NODES), max_size=30))
def test_an_edge_is_circular_if_its_start_can_be_reached_from_its_end(pairs):
    edges = [(place, source, target) for place, (source, target) in enumerate(pairs)]
    reach = {node: {node} for node in range(9)}
    for _ in range(9):
        for source, target in pairs:
            reach[source] |= reach[target]
    expected = {edge for edge, source, target in edges if source in reach[target]}
    assert circular(edges) == expected
