"""Where a browser may be sent after a sign-in, and the many ways to ask for another place."""

import pytest

from accounts.github import redirects
from accounts.models import Ticket
from accounts.tests.signing_in import FRONTEND, LOGIN, query

pytestmark = pytest.mark.django_db

EVIL = [
    "https://evil.example",
    "https://app.example.org.evil.example/auth/complete",
    "https://evil.example/app.example.org",
    "https://app.example.org@evil.example/",
    "https://evil.example#@app.example.org/",
    "https://user:password@app.example.org/",
    "https://app.example.org:8443/",
    "http://app.example.org/",
    "https://sub.app.example.org/",
    "https://app.example.org./",
    "https://app.example.org/#done",
    "https://app.example.org\\@evil.example/",
    "https:\\\\app.example.org",
    "https:/\\evil.example",
    "https:evil.example",
    "https:///evil.example",
    "https:////app.example.org/",
    "//evil.example/auth/complete",
    "//app.example.org",
    "/auth/complete",
    "app.example.org",
    "javascript:alert(1)//https://app.example.org",
    "data:text/html,https://app.example.org",
    "ftp://app.example.org/",
    "https://app.example.org//evil.example",
    "https://app.example.org/\r\nSet-Cookie: a=b",
    "https://app.example.org/\x7f",
    "https://app.example.org/ x",
    " https://app.example.org/",
    "https://app.example.org\t.evil.example/",
    "https://\u0430pp.example.org/",
    "https://app\u3002example.org/",
    "https://app%2eexample.org/",
    "https://[app.example.org]/",
    "https://[::1]app.example.org/",
    "https://app.example.org:/",
    "https://app.example.org:443:80/",
    "https://app.example.org:99999/",
    "https://app.example.org/?code=mine",
    "https://app.example.org/?a=b&error=",
    "https://app.example.org/?%63ode=mine",
    "https://app.example.org/" + "a" * 2000,
    "http://localhost:5173/auth/complete",
    "http://127.0.0.1:5173/",
]
LOOPBACK = [
    "http://localhost:5173/x",
    "http://127.0.0.1:9/",
    "https://[::1]:1/",
    "http://localhost",
]
NOT_LOOPBACK = [
    "http://localhost.evil.example:5173/",
    "http://127.0.0.1.evil.example/",
    "http://127.1:5173/",
    "http://2130706433/",
    "http://0.0.0.0:5173/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost:5173@evil.example/",
]


@pytest.mark.parametrize("url", EVIL)
def test_a_place_that_the_operator_did_not_name_is_refused(github, browser, url):
    answer = browser.get(LOGIN, {"redirect_uri": url})
    assert answer.status_code == 400, answer.headers
    assert answer.json()["details"]["field"] == "redirect_uri"
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.org",
        "https://app.example.org/",
        "https://APP.example.org:443/auth/complete",
        "HTTPS://app.example.org/a/../b?x=%5C&y=[1]&z=user@host",
        FRONTEND,
    ],
)
def test_every_place_of_a_named_origin_is_fine_and_kept_to_the_letter(github, browser, url):
    location = browser.sign_in(redirect_uri=url).headers["Location"]
    assert location.startswith((f"{url}?code=", f"{url}&code="))


@pytest.mark.parametrize("url", LOOPBACK)
def test_this_machine_is_fine_on_any_port_while_developing(github, browser, settings, url):
    settings.DEBUG = True
    assert browser.get(LOGIN, {"redirect_uri": url}).status_code == 302


@pytest.mark.parametrize("url", NOT_LOOPBACK)
def test_what_only_looks_like_this_machine_is_refused(github, browser, settings, url):
    settings.DEBUG = True
    assert browser.get(LOGIN, {"redirect_uri": url}).status_code == 400


@pytest.mark.parametrize(
    ("frontend", "allowed", "debug", "place"),
    [
        ("https://a.example/in?x=1", ["https://b.example"], False, "https://a.example/in?x=1"),
        ("", ["https://b.example"], False, "https://b.example/auth/complete"),
        ("", [], True, "http://localhost:5173/auth/complete"),
    ],
)
def test_who_does_not_say_where_to_go_is_sent_to_the_usual_place(
    settings, frontend, allowed, debug, place
):
    settings.FRONTEND_URL, settings.REDIRECT_ALLOWLIST, settings.DEBUG = frontend, allowed, debug
    assert redirects.checked(None) == redirects.checked("") == place


def test_where_there_is_no_usual_place_one_has_to_be_named(github, browser, settings):
    settings.FRONTEND_URL, settings.REDIRECT_ALLOWLIST = "", []
    answer = browser.get(LOGIN)
    assert answer.status_code == 400
    assert "FRONTEND_URL" in answer.json()["message"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://a.example", "https://a.example?code=1%2F2"),
        ("https://a.example/?", "https://a.example/?code=1%2F2"),
        ("https://a.example/?x", "https://a.example/?x&code=1%2F2"),
    ],
)
def test_what_is_added_stands_behind_the_urls_own_query(url, place):
    assert redirects.with_query(url, code="1/2") == place
    assert query(place)["code"] == "1/2"
