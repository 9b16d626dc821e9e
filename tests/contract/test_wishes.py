"""What a person wishes of a stream happens once, whenever the worker dies, at every destination."""

import signal
import uuid

import pytest

from connectors import registry
from connectors.base import WriteMode
from tests.contract.subjects import DESTINATIONS, Subject, subject
from tests.contract.test_faults import attempt, notes

pytestmark = pytest.mark.slow
RELOAD = {"mode": "append", "epoch": 5, "wish": {"action": "reload"}}


@pytest.fixture(
    params=[
        name for name in DESTINATIONS if WriteMode.REPLACE in registry.destination(name).write_modes
    ]
)
def place(request, tmp_path) -> Subject:
    """A destination that can replace, which holds 100 old rows that were appended."""
    ready = subject(request.param, tmp_path, request)
    assert attempt(ready, note="old", mode="append", run=str(uuid.uuid4())) == (0, "done")
    return ready


def test_a_reload_replaces_once_and_then_rows_are_added_again(place):
    assert attempt(place, run=str(uuid.uuid4()), fence=2, **RELOAD) == (0, "done")
    assert notes(place) == {"new": 100}
    # The plan of the next run may still carry the wish, where its end was not noted.
    assert attempt(place, run=str(uuid.uuid4()), fence=3, note="next", **RELOAD) == (0, "done")
    assert notes(place) == {"new": 100, "next": 100}


@pytest.mark.parametrize("moment", ["batch 5", "hold"])
def test_death_before_the_commit_of_a_reload_keeps_the_old_rows_and_the_wish(place, moment):
    run = str(uuid.uuid4())
    died = attempt(place, run=run, die_at=moment, fence=2, **RELOAD)
    assert died[0] == -signal.SIGKILL
    assert notes(place) == {"old": 100}
    # Another run as well: the marker, not the run, says that the wish is open.
    assert attempt(place, run=str(uuid.uuid4()), fence=3, **RELOAD) == (0, "done")
    assert notes(place) == {"new": 100}


def test_death_between_the_commit_of_a_reload_and_its_note_has_one_effect(place):
    run = str(uuid.uuid4())
    died = attempt(place, run=run, die_at="remember", fence=2, **RELOAD)
    assert died[0] == -signal.SIGKILL
    assert notes(place) == {"new": 100}
    assert attempt(place, run=run, fence=3, **RELOAD) == (0, "done")
    assert notes(place) == {"new": 100}
    assert attempt(place, run=str(uuid.uuid4()), fence=4, note="next", **RELOAD) == (0, "done")
    assert notes(place) == {"new": 100, "next": 100}
