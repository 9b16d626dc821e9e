"""Leases of parts and of places, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from connectors.errors import TargetBusy
from jobs import lifecycle
from jobs.lifecycle import Ending
from jobs.lifecycle.claiming import Hold
from jobs.models import Part, TargetLease
from jobs.tests.racing import at_once, claim, expire

PLACE = "duckdb:/data/warehouse.duckdb:main.flights"


def test_one_of_many_workers_gets_a_place(open_run):
    run, ids = open_run(parts=6, is_ordered=False)
    parts = [claim(part_id) for part_id in ids]

    def take(number):
        try:
            return lifecycle.claim_target(parts[number], PLACE)
        except TargetBusy as busy:
            return str(busy)

    answers = at_once(6, take)
    assert sum(isinstance(answer, int) for answer in answers) == 1
    refusal = next(answer for answer in answers if isinstance(answer, str))
    assert refusal == f"{PLACE} is being written by run {run.uuid}; this part waits for its turn"


def test_the_fence_grows_with_every_claim(open_run):
    fences = []
    for _ in range(3):
        _, (part_id,) = open_run()
        part = claim(part_id)
        fences.append(lifecycle.claim_target(part, PLACE))
        lifecycle.end_part(part, Ending())
    assert fences == sorted(set(fences))
    assert TargetLease.objects.get().holder is None


def test_a_fresh_installation_outranks_the_marks_of_an_old_one(open_run):
    _, (part_id,) = open_run()
    part = claim(part_id)
    before = lifecycle.claim_target(part, PLACE)
    lifecycle.end_part(part, Ending())
    TargetLease.objects.all().delete()
    _, (part_id,) = open_run()
    assert lifecycle.claim_target(claim(part_id), PLACE) > before


def test_a_place_is_free_again_when_its_lease_has_run_out(open_run):
    _, (one,) = open_run()
    _, (two,) = open_run()
    lifecycle.claim_target(claim(one), PLACE)
    second = claim(two)
    with pytest.raises(TargetBusy):
        lifecycle.claim_target(second, PLACE)
    TargetLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert lifecycle.claim_target(second, PLACE) > 0


def test_a_second_attempt_takes_the_place_from_the_first(open_run):
    _, (part_id,) = open_run()
    first = claim(part_id)
    fence = lifecycle.claim_target(first, PLACE)
    expire(first)
    (lost,) = lifecycle.find_lost(timezone.now())
    lifecycle.retry_part(lost, Ending(), code="worker_lost", message="Lost", pause=0)
    second = claim(part_id)
    assert second.attempt == 2
    assert lifecycle.claim_target(second, PLACE) > fence
    assert lifecycle.renew(first) is Hold.LOST
    assert lifecycle.end_part(first, Ending(fields={"rows": 5})) == []
    assert Part.objects.get().status == "running"


def test_a_lease_that_was_renewed_meanwhile_is_not_lost(open_run):
    _, (part_id,) = open_run()
    part = claim(part_id)
    expire(part)
    now = timezone.now()
    (lost,) = lifecycle.find_lost(now)
    assert lifecycle.renew(part) is Hold.OURS
    still_lost = Q(lease_expires_at__lt=now)
    lifecycle.retry_part(lost, Ending(), code="c", message="m", pause=0, where=still_lost)
    assert Part.objects.get().status == "running"


def test_a_bell_is_rung_again_less_and_less_often(open_run):
    open_run()
    now = timezone.now()
    assert lifecycle.take_due_bells(now) == []
    pauses = []
    for _ in range(3):
        due = Part.objects.get().ring_at
        pauses.append(round((due - now).total_seconds()))
        now = due
        assert len(lifecycle.take_due_bells(now)) == 1
        assert lifecycle.take_due_bells(now) == []
    assert pauses == [5, 10, 20]


def test_two_clocks_never_ring_for_the_same_part(open_run):
    for _ in range(10):
        open_run()
    later = timezone.now() + timedelta(minutes=1)
    taken = at_once(4, lambda number: lifecycle.take_due_bells(later))
    rung = [part for parts in taken for part in parts]
    assert len(rung) == len(set(rung)) == 10
