"""Every destination can be emptied: no rows, the same columns, the state forgotten, once."""

import uuid

import pytest

from connectors.base import WriteMode
from jobs.plan import Empty, Part
from tests.contract.local import LocalHost, copy_part, execute
from tests.contract.rows import Rows
from tests.contract.subjects import DESTINATIONS, subject
from tests.contract.test_destinations import PEOPLE


@pytest.fixture(params=DESTINATIONS)
def place(request, tmp_path):
    """A destination of the registry that holds four rows and a state."""
    ready = subject(request.param, tmp_path, request)
    rows = Rows([PEOPLE], ready.access, state={"cursor": 7})
    ready.load(rows=rows, mode=WriteMode.APPEND)
    return ready


def clear(place, run=None, **hooks):
    part = copy_part(place.name, place.options(WriteMode.REPLACE), epoch=9)
    empty = Empty(id="read", name="Empty")
    host = LocalHost(run or str(uuid.uuid4()), {"write": place.open}, **hooks)
    execute(Part(id=part.id, steps=(empty, part.steps[-1])), host)
    return host


def marker_of(place):
    destination = place.open()
    try:
        parsed = destination.WriteOptions.model_validate(place.options(WriteMode.APPEND))
        return destination.committed(destination.target(parsed, "job/1"))
    finally:
        destination.close()


def test_a_clear_leaves_no_rows_and_no_state_and_the_columns(place):
    before = place.rows()
    host = clear(place)
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
    host = clear(ready)
    assert host.lines == ["info: There is nothing to empty"]
    assert host.remembered["write"] == {"epoch": 9, "read": {}, "from": {}, "into": _into(ready)}


def _into(place):
    return {"origin": "test", "table": place.config["table"], "mode": "replace", "key": []}
