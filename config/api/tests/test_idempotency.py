"""A request with a key is done once: told again, refused for another request, forgotten if it failed."""

import json
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from config.api import idempotency
from config.api.tests import repeated
from config.api.tests.racing import at_once
from config.models import Counter, KeptAnswer

pytestmark = [
    pytest.mark.urls("config.api.tests.repeated"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def told():
    repeated.told.clear()
    return repeated.told


def post(body=None, key: str | None = "k", user: int = 1, path: str = "/work"):
    headers = {"X-User": str(user)} | ({} if key is None else {"Idempotency-Key": key})
    client = Client(raise_request_exception=False)
    text = body if isinstance(body, str) else json.dumps(body or {})
    return client.post(path, text, content_type="application/json", headers=headers)


def test_a_repeat_gets_the_stored_answer_and_does_nothing(told):
    first, second = post(), post()
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.status_code == 201
    assert second.headers["Location"] == first.headers["Location"] == "/work/1"
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Counter.objects.count() == 1
    assert told == [1]


def test_without_a_key_each_request_is_done():
    assert [post(key=None).json()["number"] for _ in range(2)] == [1, 2]
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize(
    "other", [{"body": {"other": 1}}, {"path": "/work/"}, {"path": "/work?a=1"}, {"body": "{ }"}]
)
def test_the_same_key_with_another_request_is_refused(other):
    post()
    refused = post(**other)
    assert refused.status_code == 422
    assert refused.json()["error"] == "idempotency_key_reused"
    assert "a new request needs a new key" in refused.json()["message"]
    assert Counter.objects.count() == 1


def test_a_key_is_its_users_own():
    assert [post(user=user).json()["number"] for user in (1, 2)] == [1, 2]


@pytest.mark.parametrize(("how", "status"), [("invalid", 400), ("bug", 500), ("refuse", 409)])
def test_an_error_stores_nothing_and_undoes_the_work(how, status, told):
    for _ in range(2):
        failed = post({"how": how})
        assert failed.status_code == status
        assert "Idempotent-Replayed" not in failed.headers
    assert post({"how": "well"}).status_code == 201
    assert Counter.objects.count() == 1
    assert told == [1]


def test_a_broken_body_uses_no_key_up():
    assert post("{").json()["error"] == "invalid_json"
    assert post().status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb", "é", "a\x7f"])
def test_a_key_that_is_not_fit_is_refused(key):
    refused = post(key=key)
    assert refused.status_code == 400
    assert refused.json()["details"]["field"] == "Idempotency-Key"
    assert not Counter.objects.exists()


@pytest.mark.parametrize("key", ["k" * 255, " ~!\"#'%", '"quoted"'])
def test_any_printable_key_is_fit(key):
    assert [post(key=key).json()["number"] for _ in range(2)] == [1, 1]


def test_of_many_at_the_same_moment_one_does_the_work(told):
    answers = at_once(12, lambda _: post())
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, b'{"number":1}')}
    replays = [answer for answer in answers if "Idempotent-Replayed" in answer.headers]
    assert len(replays) == 11
    assert told == [1]


def test_many_keys_at_the_same_moment_are_each_done_once():
    answers = at_once(12, lambda number: post({"how": "refuse"}, key=f"k{number % 3}"))
    assert {answer.status_code for answer in answers} == {409}
    assert not KeptAnswer.objects.exists()


def test_who_cannot_wait_longer_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)
    # Another connection of this test holds the key, as a request that is at work does.
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO kept_answers "
                "(user_id, key, fingerprint, status, headers, body, created_at) "
                "VALUES (1, 'k', 'f', 200, '{}', '', %s)",
                [timezone.now() if connection.vendor == "postgresql" else str(timezone.now())],
            )
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 1000")
        refused = post()
    finally:
        other.rollback()
        other.close()
        connection.close()
    assert refused.status_code == 409
    assert refused.headers["Retry-After"] == "1"
    assert "is still being answered" in refused.json()["message"]
    assert post().status_code == 201


def test_after_a_day_a_key_is_free_even_before_it_is_pruned():
    post()
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert post({"other": 1}).json()["number"] == 2
    assert KeptAnswer.objects.count() == 1


def test_only_keys_that_are_older_than_a_day_are_pruned():
    post(key="old")
    now = timezone.now()
    KeptAnswer.objects.update(created_at=now - timedelta(hours=24, seconds=1))
    post(key="new")
    idempotency.prune(now)
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]
