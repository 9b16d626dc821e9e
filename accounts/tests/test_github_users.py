"""Who gets in with GitHub, as whom, and who does not."""

import pytest

from accounts import services
from accounts.authentication import judge
from accounts.models import AuditEvent, GitHubAccount, Session, User
from accounts.tests.signing_in import LOGIN, Browser, query
from config.api.tests.racing import at_once

pytestmark = pytest.mark.django_db

SECOND = {"email": "octo@work.example", "verified": True, "primary": False, "visibility": None}


def test_a_user_is_known_by_the_number_whatever_else_changes(github, browser):
    browser.code()
    user = User.objects.get()
    github.user |= {"login": "renamed"}
    github.emails = [SECOND | {"primary": True}]
    body = browser.send("exchange", {"code": browser.code()}).json()
    assert judge(body["access_token"])[0].uuid == user.uuid
    assert User.objects.get().email == "octocat@example.org"
    assert GitHubAccount.objects.get().login == "renamed"
    assert body["emails"][0]["email"] == "octo@work.example"


def test_an_email_that_somebody_registered_first_opens_no_account_of_theirs(github, browser):
    squatter = services.register(
        username="squatter", email="Octocat@example.org", password="mypassword"
    )
    body = browser.send("exchange", {"code": browser.code()}).json()
    user = judge(body["access_token"])[0]
    assert user.uuid != squatter.uuid
    assert (user.username, user.email) == ("octocat", None)
    assert not GitHubAccount.objects.filter(user=squatter).exists()


@pytest.mark.parametrize("name", ["octocat", "OCTOCAT", "local"])
def test_a_name_that_is_taken_gets_the_number_behind_it(github, browser, name):
    if name != "local":
        services.register(username=name, password="mypassword")
    github.user["login"] = name
    browser.code()
    assert User.objects.get(github__isnull=False).username == f"{name}-583231"


@pytest.mark.parametrize(
    "emails",
    [
        [{"email": "octocat@example.org", "verified": False, "primary": True}],
        [{"email": "octocat@nowhere", "verified": True, "primary": True}],
    ],
)
def test_a_new_user_without_a_verified_email_is_refused(github, browser, emails):
    github.emails = emails
    assert query(browser.sign_in().headers["Location"]) == {"error": "no_verified_email"}


def test_a_known_user_needs_no_email_any_more(github, browser):
    browser.code()
    github.emails = []
    assert browser.send("exchange", {"code": browser.code()}).json()["access_token"]


def test_a_deactivated_user_is_refused_and_it_is_written_down(github, browser):
    browser.code()
    user = User.objects.get()
    services.deactivate(user=user, by=None)
    assert query(browser.sign_in().headers["Location"]) == {"error": "account_disabled"}
    refusal = AuditEvent.objects.get(action="session.refused")
    assert (refusal.object_uuid, refusal.data["why"]) == (user.uuid, "account_disabled")


def test_a_user_who_is_deactivated_on_the_way_gets_no_tokens(github, browser):
    code = browser.code()
    services.deactivate(user=User.objects.get(), by=None)
    assert browser.send("exchange", {"code": code}).status_code == 400
    assert not Session.objects.exists()


def test_where_sign_up_is_closed_only_known_users_get_in(github, browser, settings):
    browser.code()
    settings.SIGNUP = "closed"
    assert "code" in query(browser.sign_in().headers["Location"])
    github.user |= {"id": 7, "login": "hubot"}
    assert query(browser.sign_in().headers["Location"]) == {"error": "signup_closed"}
    assert User.objects.count() == 1


def test_new_users_count_as_sign_ups_of_their_address(github, browser, settings):
    settings.SIGNUP_RATE = "1/h"
    browser.code()
    github.user |= {"id": 7, "login": "hubot"}
    github.emails = [SECOND]
    assert query(browser.sign_in().headers["Location"]) == {"error": "rate_limit_exceeded"}


def test_beginnings_have_a_limit_for_each_address(github, browser, settings):
    settings.GITHUB_RATE = "2/min"
    assert [browser.get(LOGIN).status_code for _ in range(3)] == [302, 302, 429]


@pytest.mark.django_db(transaction=True)
def test_two_first_sign_ins_at_once_make_one_user(github):
    urls = [(browser, browser.allow(browser.leave())) for browser in (Browser(), Browser())]
    answers = at_once(2, lambda number: urls[number][0].arrive(urls[number][1]))
    assert all("code" in query(answer.headers["Location"]) for answer in answers)
    assert (User.objects.count(), GitHubAccount.objects.count()) == (1, 1)
