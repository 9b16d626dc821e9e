"""Where a load begins: by its wish, by its marker, and by what was read then and is read now."""

import pytest

from connectors.base import Marker, WriteMode, WriteOptions
from connectors.errors import ConfigError
from jobs.engine.standings import Standing, differences, start_of
from jobs.plan import Action, Load, Wish

NOW = {"connector": "duckdb", "path": "shop.duckdb", "table": "orders", "cursor": "id"}
STATE = {"column": "id", "value": "7"}
TOLD = {"epoch": 3, "read": {"x": STATE}, "from": {"x": NOW}, "into": {"mode": "append"}}


def load(wish=None, epoch=3):
    return Load(
        id="l",
        connector="duckdb",
        origin="connection:1",
        stream="job/a b.c",
        input="x",
        epoch=epoch,
        wish=wish,
    )


def marker(state, rows=5):
    return Marker("run", "job/a", 1, state, rows)


def start(state, *, now=NOW, wish=None, epoch=3, mode=WriteMode.APPEND, rows=5, key=()):
    found = None if state == "none" else marker(state, rows)
    return start_of(load(wish, epoch), WriteOptions(mode=mode, key=key), found, {"x": now})


def test_without_a_wish_the_marker_says_where():
    assert (start(TOLD).read, start(TOLD).epoch, start(TOLD).swaps) == ({"x": STATE}, 3, False)
    assert start("none").read == {}


def test_the_state_of_an_older_release_still_counts():
    assert start({"x": STATE}).read == {"x": STATE}
    assert Standing.of(None).told() == {"epoch": 0, "read": {}, "from": {}, "into": {}}
    assert Standing.of(TOLD).told() == TOLD


def test_a_wish_of_a_later_epoch_wins_over_the_marker():
    other = {"x": {"column": "id", "value": "2"}}
    set_state = start(TOLD, wish=Wish(action=Action.CONTINUE, state=other), epoch=4)
    assert (set_state.read, set_state.epoch, set_state.swaps) == (other, 4, False)
    anew = start(TOLD, wish=Wish(action=Action.RELOAD), epoch=4)
    assert (anew.read, anew.epoch, anew.swaps) == ({}, 4, True)


def test_a_wish_that_a_marker_has_followed_is_over():
    again = start(TOLD, wish=Wish(action=Action.RELOAD), epoch=3)
    assert (again.read, again.epoch, again.swaps) == ({"x": STATE}, 3, False)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"path": "other.duckdb"}, "path: shop.duckdb → other.duckdb"),
        ({"table": "main.orders"}, "table: orders → main.orders"),
        ({"cursor": "version"}, "cursor: id → version"),
        ({"columns": ["id"]}, 'columns: nothing → ["id"]'),
        ({"filter": {"column": "id"}}, 'filter: nothing → {"column": "id"}'),
    ],
)
def test_another_source_than_the_states_is_refused_with_the_ways_out(changed, told):
    with pytest.raises(ConfigError) as refused:
        start(TOLD, now=NOW | changed)
    assert told in refused.value.message
    assert "POST /jobs/job/streams/reset?stream=a%20b.c" in refused.value.message
    assert '{"keep": true}' in refused.value.message
    kept = start(TOLD, now=NOW | changed, wish=Wish(action=Action.KEEP), epoch=4)
    assert kept.read == {"x": STATE}


@pytest.mark.parametrize(
    ("into", "told"),
    [
        ({"mode": "append", "key": []}, "key: nothing → id"),
        # What a key was named for while rows were added says nothing of them.
        ({"mode": "append", "key": ["id"]}, "key: nothing → id"),
        ({"mode": "upsert", "key": ["kind"]}, "key: kind → id"),
        ({"mode": "error", "key": []}, "key: nothing → id"),
    ],
)
def test_rows_are_not_merged_into_rows_that_are_unique_by_another_key(into, told):
    merging = {"mode": WriteMode.UPSERT, "key": ["id"]}
    for wish in (
        None,
        Wish(action=Action.CONTINUE, evolve=True),
        Wish(action=Action.KEEP, is_edit=True),
    ):
        with pytest.raises(ConfigError) as refused:
            start(TOLD | {"into": into}, wish=wish, epoch=4, **merging)
        assert told in refused.value.message
        assert "POST /jobs/job/streams/reset?stream=a%20b.c" in refused.value.message
    # A person may insist, and a reload replaces what is there.
    kept = start(TOLD | {"into": into}, wish=Wish(action=Action.KEEP), epoch=4, **merging)
    assert kept.read == {"x": STATE}
    assert start(TOLD | {"into": into}, wish=Wish(action=Action.RELOAD), epoch=4, **merging).swaps


@pytest.mark.parametrize("into", [{"mode": "upsert", "key": ["id"]}, {"mode": "replace"}])
def test_rows_are_merged_into_rows_that_are_unique_by_the_same_key(into):
    merged = start(TOLD | {"into": into}, mode=WriteMode.UPSERT, key=["id"])
    assert merged.read == {"x": STATE}


@pytest.mark.parametrize("mode", [WriteMode.APPEND, WriteMode.REPLACE])
@pytest.mark.parametrize("wish", [None, Wish(action=Action.RELOAD)])
def test_a_plan_from_before_a_wish_that_was_carried_out_is_refused(mode, wish):
    with pytest.raises(ConfigError, match="newer wish than this run knows"):
        start(TOLD, epoch=2, wish=wish, mode=mode)
    # Where the stream was emptied meanwhile there is nothing to spoil.
    emptied = TOLD | {"read": {}, "from": {}, "into": {"mode": "replace"}}
    assert start(emptied, epoch=2).read == {}


def test_the_first_increment_after_a_full_refresh_begins_anew_and_replaces():
    full = {name: value for name, value in NOW.items() if name != "cursor"}
    told = TOLD | {"read": {}, "from": {"x": full}}
    assert start(told | {"into": {"mode": "replace"}}).swaps
    # Whoever kept every refresh goes on adding.
    assert not start(told | {"into": {"mode": "append"}}).swaps
    # Older releases said nothing of what they read.
    assert start(None).swaps
    assert not start(None, rows=0).swaps
    # An increment that has found nothing yet has nothing to replace either.
    assert not start(TOLD | {"read": {}, "into": {"mode": "append"}}).swaps


def test_differences_are_told_both_ways():
    assert differences({"a": "1"}, {"b": "2"}) == ["a: 1 → nothing", "b: nothing → 2"]
