"""What a GitHub that misbehaves does to a sign-in: it ends, and the front-end is told why."""

from threading import Event

import pytest

from accounts.models import User
from accounts.tests.signing_in import FRONTEND, query
from tests.servers.http import Reply

pytestmark = pytest.mark.django_db


def says(body: bytes, status: int = 200, **headers: str):
    return lambda _request: Reply(body, status, headers)


PROFILE, UNAVAILABLE, EXCHANGE = "profile_failed", "github_unavailable", "exchange_failed"


@pytest.mark.parametrize(
    ("path", "reply", "error"),
    [
        ("token", says(b"oops", 500), UNAVAILABLE),
        ("token", says(b"oops", 429), UNAVAILABLE),
        ("token", says(b"oops", 404), EXCHANGE),
        ("token", says(b'{"error": "bad_verification_code"}'), EXCHANGE),
        ("token", says(b"<html>"), EXCHANGE),
        ("token", says(b"[]"), EXCHANGE),
        ("token", says(b'{"access_token": ""}'), EXCHANGE),
        ("token", says(b'{"access_token": null}'), EXCHANGE),
        ("token", says(b"", 302, Location="/elsewhere"), EXCHANGE),
        ("token", lambda _: Reply(b"{", promised=900), UNAVAILABLE),
        ("token", says(b" " * 2_000_000), UNAVAILABLE),
        ("user", says(b"oops", 503), UNAVAILABLE),
        ("user", says(b"oops", 401), PROFILE),
        ("user", says(b"{}"), PROFILE),
        ("user", says(b'{"id": "1", "login": "x"}'), PROFILE),
        ("user", says(b'{"id": 0, "login": "x"}'), PROFILE),
        ("user", says(b'{"id": 99999999999999999999, "login": "x"}'), PROFILE),
        ("user", says(b'{"id": true, "login": "x"}'), PROFILE),
        ("user", says(b'{"id": 7, "login": "a b"}'), PROFILE),
        ("user", says(b"", 302, Location="/elsewhere"), PROFILE),
        ("emails", says(b"oops", 502), UNAVAILABLE),
        ("emails", says(b'{"message": "Not Found"}', 404), PROFILE),
        ("emails", says(b'{"a": 1}'), PROFILE),
        ("emails", says(b'[{"email": "a@b.c", "verified": "yes", "primary": true}]'), PROFILE),
        (
            "emails",
            says(b'[{"email": "a\\u0000@b.c", "verified": true, "primary": true}]'),
            PROFILE,
        ),
        ("emails", says(b"[]"), "no_verified_email"),
    ],
)
def test_whatever_github_answers_the_front_end_is_told_what_went_wrong(
    github, browser, path, reply, error
):
    github.faults[path] = reply
    answer = browser.sign_in()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{FRONTEND}?error={error}"
    assert not User.objects.exists()
    assert not any(request.path == "/elsewhere" for request in github.server.requests)


def test_a_github_that_hangs_is_not_waited_for(github, browser, monkeypatch):
    monkeypatch.setattr("accounts.github.client.TIMEOUT", 0.2)
    gate = Event()
    github.faults["token"] = lambda _: Reply(parts=(b"{", b"}"), gate=gate)
    try:
        assert query(browser.sign_in().headers["Location"]) == {"error": "github_unavailable"}
    finally:
        gate.set()


def test_a_github_that_dribbles_is_not_waited_for(github, browser, monkeypatch):
    monkeypatch.setattr("accounts.github.client.LONGEST", 0.0)
    assert query(browser.sign_in().headers["Location"]) == {"error": "github_unavailable"}


def test_a_github_that_is_not_there_is_told(github, browser, settings):
    url = browser.allow(browser.leave())
    settings.GITHUB_URL = "http://127.0.0.1:9"
    assert query(browser.arrive(url).headers["Location"]) == {"error": "github_unavailable"}
