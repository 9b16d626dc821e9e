"""Which files are new, told by what is known of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.files import gathering
from connectors.files.gathering import Seen
from connectors.files.streams import File

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
A = File("s3://b/a.csv", "s3://b/a.csv", 4, modified=NOON, tag="one")
B = replace(A, shown="s3://b/b.csv")


@pytest.mark.parametrize(
    ("file", "is_known"),
    [
        (A, True),
        (B, False),
        (replace(A, tag="two"), False),
        (replace(A, size=5), False),
        (replace(A, modified=NOON + timedelta(microseconds=1)), False),
        (replace(B, modified=NOON - timedelta(days=900)), False),
        (replace(A, url="/scratch/elsewhere"), True),
    ],
)
def test_a_file_is_known_by_place_size_time_and_tag(file, is_known):
    seen = Seen.of(Seen().after([A], {}))
    assert seen.has(file) is is_known


def test_files_of_the_oldest_kept_time_are_all_kept(monkeypatch):
    monkeypatch.setattr(gathering, "MOST", 2)
    late, old = replace(A, modified=NOON + timedelta(1)), replace(A, modified=NOON - timedelta(1))
    state = Seen().after([A, B, late, old], {})
    assert len(state["files"]) == 3
    seen = Seen.of(state)
    assert all(seen.has(file) for file in (A, B, late, old))
    # Of what is older than all that is kept, nothing is read any more; of the same time it is.
    assert seen.has(replace(B, modified=NOON - timedelta(1)))
    assert not seen.has(replace(A, shown="s3://b/c.csv"))


def test_what_was_known_stays_known_when_nothing_new_came():
    state = Seen().after([A, B], {"id": "int64"})
    assert Seen.of(state).after([], {"id": "int64"}) == state
