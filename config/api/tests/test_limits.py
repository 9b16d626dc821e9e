"""The limit of the ETL Builder's routes: whom it counts, what it tells, where it is not."""

import time

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

pytestmark = [
    pytest.mark.urls("config.api.tests.limited"),
    pytest.mark.django_db(transaction=True),
]
PIPELINES = "/api/v1/pipelines"


@pytest.fixture(autouse=True)
def limit(counters, settings):
    settings.RATE_LIMIT = "3/min"


def call(path=PIPELINES, user="1", method="get", peer="203.0.113.7", **sent):
    client = Client(raise_request_exception=False, REMOTE_ADDR=peer)
    headers = {"X-User": user, **sent.pop("headers", {})}
    return getattr(client, method)(path, headers=headers, **sent)


def standing(answer) -> tuple[str, str]:
    assert 0 < int(answer.headers["X-RateLimit-Reset"]) - time.time() < 61
    return answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]


def test_each_answer_tells_how_many_requests_are_left_until_there_are_none():
    told = [standing(call()) for _ in range(3)]
    assert told == [("3", "2"), ("3", "1"), ("3", "0")]
    refused = call()
    assert refused.status_code == 429
    assert standing(refused) == ("3", "0")
    assert 50 < int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["error"] == "rate_limit_exceeded"
    assert refused.json()["message"].startswith("Too many requests; try again in ")


def test_the_reset_is_the_same_moment_for_all_requests_of_a_window():
    first, second = (int(call().headers["X-RateLimit-Reset"]) for _ in range(2))
    assert abs(first - second) <= 1


def test_all_limited_routes_count_together_and_each_user_apart():
    for path in (PIPELINES, "/api/v1/modules", f"{PIPELINES}/"):
        assert call(path).status_code == 200
    assert call("/api/v1/modules").status_code == 429
    assert call(user="2").status_code == 200


@pytest.mark.parametrize("path", ["/jobs", "/api/v1/pipelinesque", "/nothing"])
def test_other_routes_have_no_limit(path):
    answers = [call(path) for _ in range(5)]
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert not any("X-RateLimit-Limit" in answer.headers for answer in answers)


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        (f"{PIPELINES}/denied", {}, 403),
        (f"{PIPELINES}/bug", {}, 500),
        (f"{PIPELINES}/no/such/path", {}, 404),
        (PIPELINES, {"method": "delete"}, 405),
        (PIPELINES, {"method": "post", "data": "{", "content_type": "application/json"}, 400),
        (PIPELINES, {"method": "post", "data": "<a/>", "content_type": "text/xml"}, 415),
        (PIPELINES, {"user": "bad"}, 401),
        (PIPELINES, {"user": ""}, 401),
        (PIPELINES, {"headers": {"Host": "evil.example"}}, 400),
    ],
)
def test_every_kind_of_answer_counts_and_tells_the_standing(path, sent, status):
    answer = call(path, **sent)
    assert answer.status_code == status
    assert standing(answer) == ("3", "2")


def test_who_is_not_known_is_counted_by_address_and_held_up_too():
    answers = [call(user="bad") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1].json()["error"] == "rate_limit_exceeded"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert call(user="", peer="198.51.100.9").status_code == 401
    assert call(user="1").status_code == 200


def test_pages_of_other_sites_may_read_the_standing():
    answer = call(headers={"Origin": "http://localhost:5173"})
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    names = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"}
    assert names | {"X-Page", "X-Page-Size", "X-Total-Pages"} <= set(exposed)


def test_a_browser_that_asks_before_it_sends_uses_nothing_up():
    headers = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "GET"}
    for _ in range(5):
        assert call(method="options", user="", headers=headers).status_code == 200
    assert standing(call()) == ("3", "2")


@pytest.mark.parametrize("text", ["0", ""])
def test_the_limit_can_be_switched_off(settings, text):
    settings.RATE_LIMIT = text
    answers = [call() for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


def test_under_asgi_the_same_holds():
    asgi = AsyncClient(raise_request_exception=False)
    answers = [async_to_sync(asgi.get)(PIPELINES, headers={"X-User": "7"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [standing(answer)[1] for answer in answers] == ["2", "1", "0", "0"]
    assert standing(async_to_sync(asgi.get)(PIPELINES, headers={"X-User": "bad"})) == ("3", "2")
