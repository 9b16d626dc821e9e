"""Counting together: nothing is lost, windows end, and a broken Redis stops nobody."""

import time

import pytest
from django.db import transaction
from redis import Redis

from config.api import counting
from config.api.tests.racing import at_once
from config.models import Counter

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_event_is_counted_once_by_many_at_once(counters):
    results = at_once(20, lambda _: [counting.count("k", seconds=60)[0] for _ in range(5)])
    assert sorted(number for numbers in results for number in numbers) == list(range(1, 101))
    assert counting.peek("k")[0] == 100


def test_a_window_begins_with_its_first_event_and_is_not_made_longer(counters):
    _, first = counting.count("k", seconds=60)
    number, left = counting.count("k", seconds=3600, by=4)
    assert number == 5
    assert 50 < left <= first <= 60


def test_a_window_that_has_ended_begins_anew(counters):
    counting.count("k", seconds=1, by=7)
    deadline = time.monotonic() + 5
    while counting.peek("k")[0]:
        assert time.monotonic() < deadline
    number, left = counting.count("k", seconds=60)
    assert number == 1
    assert left > 50


def test_keys_are_counted_apart(counters):
    counting.count("a", seconds=60)
    assert counting.count("b", seconds=60)[0] == 1


def test_what_is_taken_back_or_forgotten_does_not_count(counters):
    counting.count("k", seconds=60, by=2)
    counting.take_back("k")
    assert counting.peek("k")[0] == 1
    counting.take_back("k")
    counting.take_back("k")
    counting.take_back("nothing")
    assert counting.peek("k")[0] == counting.peek("nothing")[0] == 0
    counting.count("k", seconds=60, by=2)
    counting.forget("k")
    assert counting.peek("k") == (0, 0.0)


def test_counting_where_a_rollback_could_undo_it_is_refused(transactional_db, settings):
    settings.REDIS_URL = ""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        counting.count("k", seconds=60)


def test_a_redis_that_does_not_answer_is_replaced_by_the_table(
    transactional_db, settings, monkeypatch, caplog
):
    monkeypatch.setattr(counting, "_resting_until", 0.0)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert [counting.count("k", seconds=60)[0] for _ in range(3)] == [1, 2, 3]
    assert Counter.objects.get().number == 3
    # It is told once, and not tried again for a while.
    assert [record.getMessage() for record in caplog.records] == [
        "Redis does not count (ConnectionError); the database does"
    ]


def test_redis_keeps_no_key_for_ever(settings, redis_url, monkeypatch):
    monkeypatch.setattr(counting, "_resting_until", 0.0)
    settings.REDIS_URL = redis_url
    with Redis.from_url(redis_url) as redis:
        # A key that lost its time, as a crash of older software may leave it.
        redis.set(f"{counting.PREFIX}k", 5)
        assert counting.count("k", seconds=60)[0] == 6
        assert 0 < redis.pttl(f"{counting.PREFIX}k") <= 60_000


def test_only_rows_of_windows_that_ended_are_pruned(transactional_db, settings):
    settings.REDIS_URL = ""
    counting.count("short", seconds=10)
    counting.count("long", seconds=60)
    counting.prune(time.time() + 30)
    assert [row.key for row in Counter.objects.all()] == ["long"]
