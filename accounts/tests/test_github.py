"""Signing in with GitHub to a front-end: there and back, against an OAuth server of our own."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from django.utils import timezone

from accounts import services
from accounts.authentication import judge
from accounts.models import AuditEvent, GitHubAccount, Project, Session, Ticket, TicketKind, User
from accounts.tests.signing_in import FRONTEND, LOGIN, Browser, query
from tests.servers.github import CLIENT_ID, running_github

pytestmark = pytest.mark.django_db

SECOND = {"email": "octo@work.example", "verified": True, "primary": False, "visibility": None}
TOKENS = {
    "access_token",
    "refresh_token",
    "access_token_expires_at",
    "refresh_token_expires_at",
    "token_type",
}


def test_a_new_user_goes_to_github_and_comes_back_with_tokens(github, browser):
    answer = browser.sign_in()
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{FRONTEND}?code=")
    assert query(answer.headers["Location"]).keys() == {"code"}
    body = browser.send("exchange", {"code": query(answer.headers["Location"])["code"]}).json()
    assert body.keys() >= TOKENS | {"emails", "select_email"}
    assert body["token_type"] == "Bearer"
    assert body["select_email"] is False
    assert body["emails"] == [{"email": "octocat@example.org", "verified": True, "primary": True}]
    user, grant = judge(body["access_token"])
    assert (user.username, user.email, user.name) == (
        "octocat",
        "octocat@example.org",
        "The Octocat",
    )
    assert grant.door == "model"
    assert not user.has_usable_password()
    assert Project.objects.personal_of(user).owner == user
    assert GitHubAccount.objects.get().github_id == 583231
    said = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert said["exp"] == body["access_token_expires_at"]
    assert services.refresh(token=body["refresh_token"]).user == user


def test_github_is_asked_with_a_state_and_a_challenge(github, browser):
    url = browser.leave()
    asked = query(url)
    assert url.startswith(f"{github.url}/login/oauth/authorize?")
    assert asked["client_id"] == CLIENT_ID
    assert asked["scope"] == "user:email"
    assert asked["redirect_uri"] == "http://testserver/api/v1/auth/github/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 43
    assert query(browser.leave())["state"] != asked["state"]


def test_neither_states_nor_codes_nor_tokens_of_github_are_kept(github, browser, caplog):
    caplog.set_level(0)
    url = browser.leave()
    state = query(url)["state"]
    assert state not in str(list(Ticket.objects.values()))
    code = query(browser.arrive(browser.allow(url)).headers["Location"])["code"]
    tables = str([list(table.objects.values()) for table in (Ticket, GitHubAccount, AuditEvent)])
    (token,) = github.tokens
    assert code not in tables
    assert token not in tables
    assert not any(secret in caplog.text for secret in (state, code, token))


def test_the_cookie_cannot_be_read_by_scripts_and_goes_when_the_browser_is_back(github, browser):
    url = browser.leave()
    (cookie,) = browser.cookies.values()
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 600)
    assert cookie["secure"] == ""
    browser.arrive(browser.allow(url))
    assert cookie.key not in {name for name, left in browser.cookies.items() if left.value}


def test_over_tls_no_neighbouring_host_could_plant_the_cookie(github, browser):
    browser.get(LOGIN, secure=True)
    (cookie,) = browser.cookies.values()
    assert cookie.key.startswith("__Host-")
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_the_urls_own_query_stays(github, browser):
    wanted = f"{FRONTEND}?next=%2Fboards%3Fa%3D1&x=%C3%A4&flag"
    location = browser.sign_in(redirect_uri=wanted).headers["Location"]
    assert location.startswith(f"{wanted}&code=")
    assert parse_qsl(urlsplit(location).query)[0] == ("next", "/boards?a=1")


def test_what_happened_is_written_down(github, browser):
    browser.send("exchange", {"code": browser.code()})
    shown = ("action", "actor_name", "data")
    assert list(AuditEvent.objects.order_by("id").values_list(*shown)) == [
        ("user.created", "octocat", {}),
        ("github.linked", "octocat", {"login": "octocat", "github_id": 583231}),
        ("session.opened", "octocat", {"door": "model"}),
    ]


def test_a_state_is_good_once(github, browser):
    url = browser.allow(browser.leave())
    assert browser.arrive(url).status_code == 302
    again = browser.arrive(url)
    assert again.status_code == 400
    assert again.json()["details"]["field"] == "state"


@pytest.mark.parametrize("state", ["", "nonsense", "a" * 600, "%20", "ü"])
def test_a_state_that_nobody_left_with_is_refused(github, browser, state):
    answer = browser.get(f"/api/v1/auth/github/callback?code=x&state={state}")
    assert answer.status_code == 400
    assert answer.json()["error"] == "validation_error"


def test_a_state_expires(github, browser):
    url = browser.allow(browser.leave())
    Ticket.objects.update(expires_at=timezone.now())
    assert browser.arrive(url).status_code == 400
    assert not User.objects.exists()


def test_a_state_lives_ten_minutes_and_a_code_no_longer_than_two(github, browser):
    now = timezone.now()
    browser.leave()
    assert Ticket.objects.get().expires_at - now < timedelta(minutes=10, seconds=5)
    browser.code()
    code = Ticket.objects.get(kind=TicketKind.CODE)
    assert timedelta(seconds=60) < code.expires_at - now < timedelta(seconds=120)


def test_another_browser_cannot_finish_what_this_one_began(github, browser):
    url = browser.allow(browser.leave())
    location = Browser().arrive(url).headers["Location"]
    assert query(location) == {"error": "browser_mismatch"}
    assert not User.objects.exists()
    assert browser.arrive(url).status_code == 400


def test_two_windows_of_one_browser_do_not_disturb_each_other(github, browser):
    first, second = browser.leave(), browser.leave()
    for url in (first, second):
        assert "code" in query(browser.arrive(browser.allow(url)).headers["Location"])


def test_a_user_who_says_no_is_told_so(github, browser):
    github.denies = True
    assert browser.sign_in().headers["Location"] == f"{FRONTEND}?error=access_denied"
    assert AuditEvent.objects.get().data == {"door": "model", "why": "access_denied"}


def test_githubs_code_is_good_once(github, browser):
    first = browser.allow(browser.leave())
    used = query(first)["code"]
    browser.arrive(first)
    state = query(browser.leave())["state"]
    answer = browser.arrive(f"/api/v1/auth/github/callback?code={used}&state={state}")
    assert query(answer.headers["Location"]) == {"error": "exchange_failed"}


def test_a_code_of_another_app_is_refused(github, browser):
    asked = query(browser.leave())
    code = github.issue(**{**asked, "client_id": "somebody-else"})
    answer = browser.arrive(f"/api/v1/auth/github/callback?code={code}&state={asked['state']}")
    assert query(answer.headers["Location"]) == {"error": "exchange_failed"}


def test_a_stolen_code_does_not_fit_the_thiefs_verifier(github, browser):
    victims = query(browser.allow(browser.leave()))["code"]
    thief = Browser()
    state = query(thief.leave())["state"]
    answer = thief.arrive(f"/api/v1/auth/github/callback?code={victims}&state={state}")
    assert query(answer.headers["Location"]) == {"error": "exchange_failed"}
    assert not Session.objects.exists()


def test_a_wrong_secret_of_ours_is_refused(github, browser, settings):
    settings.GITHUB_CLIENT_SECRET = "wrong"
    assert query(browser.sign_in().headers["Location"]) == {"error": "exchange_failed"}


def test_no_code_at_all_is_refused(github, browser):
    state = query(browser.leave())["state"]
    for code in ("", "&code=" + "a" * 600):
        answer = browser.arrive(f"/api/v1/auth/github/callback?state={state}{code}")
        assert query(answer.headers["Location"]) == {"error": "exchange_failed"}
        state = query(browser.leave())["state"]


def test_github_enterprise_lies_under_paths_of_its_own(settings, github, browser):
    with running_github(prefix="/ghe", api="/ghe/api/v3") as enterprise:
        settings.GITHUB_URL, settings.GITHUB_API_URL = enterprise.url, enterprise.api_url
        assert "code" in query(browser.sign_in().headers["Location"])
        assert {request.path for request in enterprise.server.requests} == {
            "/ghe/login/oauth/authorize",
            "/ghe/login/oauth/access_token",
            "/ghe/api/v3/user",
            "/ghe/api/v3/user/emails",
        }


def test_behind_a_proxy_github_is_told_the_public_name(github, browser, settings):
    settings.PUBLIC_URL = "https://millrace.example.org"
    asked = query(browser.leave())
    assert asked["redirect_uri"] == "https://millrace.example.org/api/v1/auth/github/callback"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "github/login"),
        ("get", "github/login/desktop"),
        ("get", "github/callback?code=a&state=b"),
        ("get", "poll/6a3c1c8e-9a61-4f0f-8f2b-0a4c3f0f8d11"),
        ("post", "exchange"),
        ("post", "select-email"),
    ],
)
def test_without_an_app_every_route_says_which_settings_are_missing(
    github, browser, settings, method, path
):
    settings.GITHUB_CLIENT_ID = settings.GITHUB_CLIENT_SECRET = ""
    if method == "post":
        answer = browser.send(path, {"code": "c", "email": "e"})
    else:
        answer = browser.get(f"/api/v1/auth/{path}")
    assert answer.status_code == 503
    assert "GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET must be set" in answer.json()["message"]


@pytest.mark.parametrize("path", [LOGIN, "/api/v1/auth/github/callback"])
def test_a_look_ahead_uses_nothing_up(github, browser, path):
    assert browser.head(path).status_code == 405


def test_answers_are_kept_nowhere_and_no_page_is_told_where_the_browser_was(github, browser):
    answer = browser.sign_in()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
