"""Every destination can be emptied: no rows, the same columns, the state forgotten, once."""

import signal
import uuid

import pytest

from connectors.base import WriteMode
from tests.contract.rows import Rows
from tests.contract.subjects import DESTINATIONS, subject
from tests.contract.test_destinations import PEOPLE
from tests.contract.test_faults import attempt


@pytest.fixture(params=DESTINATIONS)
def place(request, tmp_path):
    """A destination of the registry that holds four rows and a state."""
    ready = subject(request.param, tmp_path, request)
    rows = Rows([PEOPLE], ready.access, state={"cursor": 7})
    ready.load(rows=rows, mode=WriteMode.APPEND)
    return ready


def marker_of(place):
    destination = place.open()
    try:
        parsed = destination.WriteOptions.model_validate(place.options(WriteMode.APPEND))
        return destination.committed(destination.target(parsed, "job/1"))
    finally:
        destination.close()


def test_a_clear_leaves_no_rows_and_no_state_and_the_columns(place):
    before = place.rows()
    host = place.clear()
    marker = marker_of(place)
    left = place.rows_or_none()
    if left is not None:
        assert (left.height, left.columns) == (0, before.columns)
    if marker is not None:
        assert (marker.rows, marker.state["epoch"], marker.state["read"]) == (0, 9, {})
    assert host.remembered["write"]["read"] == {}
    place.load(PEOPLE, mode=WriteMode.APPEND)
    assert place.rows().equals(before)


def test_a_clear_of_what_is_not_there_has_nothing_to_do(request, tmp_path):
    ready = subject("duckdb", tmp_path, request)
    host = ready.clear()
    assert host.lines == ["info: There is nothing to empty"]
    assert host.remembered["write"] == {"epoch": 9, "read": {}, "from": {}, "into": _into(ready)}


def _into(place):
    return {"origin": "test", "table": place.config["table"], "mode": "replace", "key": []}


def left(place):
    frame = place.rows_or_none()
    return 0 if frame is None else frame.height


@pytest.mark.slow
def test_death_before_the_commit_of_a_clear_leaves_the_rows_and_the_state(place):
    run = str(uuid.uuid4())
    died = attempt(place, run=run, clear=True, die_at="hold", fence=10**6)
    assert died[0] == -signal.SIGKILL
    assert left(place) == 4
    marker = marker_of(place)
    assert marker.state["read"] == {"read": {"cursor": 7}}
    assert attempt(place, run=run, clear=True, fence=10**6 + 1) == (0, "done")
    assert left(place) == 0


@pytest.mark.slow
def test_death_between_the_commit_of_a_clear_and_its_note_is_not_a_second_clear(place):
    run = str(uuid.uuid4())
    died = attempt(place, run=run, clear=True, die_at="remember", fence=10**6)
    assert died[0] == -signal.SIGKILL
    assert left(place) == 0
    assert attempt(place, run=run, clear=True, fence=10**6 + 1) == (0, "done")
    assert left(place) == 0
