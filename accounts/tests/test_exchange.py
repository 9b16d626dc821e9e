"""Collecting what a sign-in brought: tokens once, one of several e-mails, and who one is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import schedule, services
from accounts.authentication import judge
from accounts.models import AuditEvent, Session, Ticket, User
from accounts.tests.signing_in import Browser, query
from accounts.tests.tokens import token_of
from config.api.tests.racing import at_once

pytestmark = pytest.mark.django_db

WORK, HOME, OLD = "octo@work.example", "octocat@example.org", "old@example.org"
SEVERAL = [
    {"email": WORK, "verified": True, "primary": False},
    {"email": HOME, "verified": True, "primary": True},
    {"email": OLD, "verified": False, "primary": False},
]


@pytest.fixture
def several(github):
    github.emails = [dict(email) for email in SEVERAL]
    return github


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_where_there_are_several_emails_the_front_end_is_told(several, browser):
    assert query(browser.sign_in().headers["Location"])["select_email"] == "true"
    assert User.objects.get().email == HOME


def test_without_a_choice_there_are_no_tokens_yet_and_the_code_stays_good(several, browser):
    code = browser.code()
    for _ in range(2):
        answer = browser.send("exchange", {"code": code})
        assert answer.status_code == 200
        body = answer.json()
        assert body.pop("emails") == SEVERAL
        assert body.pop("select_email") is True
        assert body.pop("token_type") == "Bearer"
        assert set(body.values()) == {"", 0}
    assert not Session.objects.exists()
    body = browser.send("exchange", {"code": code, "email": "Octo@Work.example"}).json()
    assert body["select_email"] is False
    assert judge(body["access_token"])[0].email == WORK
    assert browser.send("exchange", {"code": code, "email": WORK}).status_code == 400


@pytest.mark.parametrize("email", [OLD, "somebody@example.org", "octocat", " "])
def test_an_email_that_is_not_verified_is_refused_and_uses_nothing_up(several, browser, email):
    code = browser.code()
    answer = browser.send("exchange", {"code": code, "email": email})
    assert answer.status_code == (200 if email == " " else 400)
    assert answer.json().get("details", {"field": "email"})["field"] == "email"
    assert browser.send("exchange", {"code": code, "email": HOME}).json()["access_token"]


def test_an_email_of_another_account_is_a_conflict_and_uses_nothing_up(several, browser):
    services.register(username="ada", email=WORK.upper(), password="mypassword")
    services.register(username=HOME.replace("octocat", "bob"), password="mypassword")
    code = browser.code()
    assert browser.send("exchange", {"code": code, "email": WORK}).status_code == 409
    assert browser.send("exchange", {"code": code, "email": HOME}).json()["access_token"]


def test_a_choice_by_code_before_the_exchange_needs_no_second_one(several, browser):
    code = browser.code()
    answer = browser.send("select-email", {"email": WORK, "code": code})
    assert answer.status_code == 200
    assert answer.json() == {"selected_email": WORK, "emails": SEVERAL}
    body = browser.send("exchange", {"code": code}).json()
    assert judge(body["access_token"])[0].email == WORK


def test_a_choice_can_be_changed_with_a_token(several, browser):
    code = browser.code()
    token = browser.send("exchange", {"code": code, "email": HOME}).json()["access_token"]
    answer = browser.send("select-email", {"email": WORK}, **bearer(token))
    assert answer.json()["selected_email"] == WORK
    assert (
        browser.get("/api/v1/auth/status", headers=bearer(token)).json()["selected_email"] == WORK
    )
    assert AuditEvent.objects.get(action="user.email_selected").data == {"email": WORK}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": OLD}, 400),
        ({"email": "taken@example.org"}, 409),
        ({"email": 7}, 400),
        ({}, 400),
        ({"email": WORK, "code": "nonsense"}, 400),
    ],
)
def test_a_choice_that_cannot_be_is_refused(several, browser, body, status):
    several.emails.append({"email": "taken@example.org", "verified": True, "primary": False})
    services.register(username="ada", email="taken@example.org", password="mypassword")
    code = browser.code()
    token = browser.send("exchange", {"code": code, "email": HOME}).json()["access_token"]
    assert browser.send("select-email", body, **bearer(token)).status_code == status
    assert User.objects.get(username="octocat").email == HOME


def test_nobody_chooses_without_a_token_or_a_code(several, browser):
    answer = browser.send("select-email", {"email": WORK})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert browser.send("select-email", {"email": WORK}, **bearer("x.y.z")).status_code == 401


def test_a_user_without_github_has_no_email_to_choose(github, browser):
    user = services.register(username="ada", password="mypassword")
    answer = browser.send("select-email", {"email": "ada@x.example"}, **bearer(token_of(user)))
    assert answer.status_code == 400


@pytest.mark.parametrize(("scopes", "status"), [(["read", "write"], 403), (["account"], 200)])
def test_a_key_needs_the_scope_of_the_account(several, browser, scopes, status):
    browser.code()
    _, key = services.create_key(user=User.objects.get(), name="k", scopes=scopes)
    assert browser.send("select-email", {"email": WORK}, **bearer(key)).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": None},
        {"code": 7},
        {"code": ["x"]},
        {"code": "nonsense"},
        {"code": "a" * 513},
        {"code": "x", "email": {"a": 1}},
    ],
)
def test_a_code_that_nobody_was_given_is_refused(github, browser, body):
    assert browser.send("exchange", body).status_code == 400


def test_a_code_is_good_once_and_not_for_long(github, browser):
    code = browser.code()
    assert browser.send("exchange", {"code": code}).status_code == 200
    assert browser.send("exchange", {"code": code}).status_code == 400
    code = browser.code()
    Ticket.objects.update(expires_at=timezone.now())
    assert browser.send("exchange", {"code": code}).status_code == 400
    assert browser.send("select-email", {"code": code, "email": HOME}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_twenty_exchanges_at_once_one_gets_tokens(github, browser):
    code = browser.code()
    answers = at_once(20, lambda _: Browser().send("exchange", {"code": code}))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert Session.objects.count() == 1


def test_a_state_is_no_code_and_a_code_is_no_state(github, browser):
    state = query(browser.leave())["state"]
    assert browser.send("exchange", {"code": state}).status_code == 400
    code = browser.code()
    assert browser.arrive(f"/api/v1/auth/github/callback?code=x&state={code}").status_code == 400
    assert browser.send("exchange", {"code": code}).status_code == 200


def test_anybody_may_ask_who_they_are(github, browser):
    nobody = {
        "authenticated": False,
        "github_username": None,
        "emails": [],
        "selected_email": None,
        "token_expires_at": None,
    }
    for headers in ({}, bearer("x.y.z"), {"authorization": "Basic abc"}, {"x-api-key": "mr_x"}):
        answer = browser.get("/api/v1/auth/status", headers=headers)
        assert (answer.status_code, answer.json()) == (200, nobody)
    body = browser.send("exchange", {"code": browser.code()}).json()
    assert browser.get("/api/v1/auth/status/", headers=bearer(body["access_token"])).json() == {
        "authenticated": True,
        "github_username": "octocat",
        "emails": body["emails"],
        "selected_email": HOME,
        "token_expires_at": body["access_token_expires_at"],
    }
    assert (
        browser.get("/api/v1/auth/status", headers=bearer(body["refresh_token"])).json() == nobody
    )


def test_the_status_works_without_an_app_too(github, browser, settings):
    settings.GITHUB_CLIENT_ID = ""
    user = services.register(username="ada", email="ada@example.org", password="mypassword")
    body = browser.get("/api/v1/auth/status", headers=bearer(token_of(user))).json()
    assert (body["authenticated"], body["github_username"]) == (True, None)
    assert body["selected_email"] == "ada@example.org"


def test_a_key_is_known_by_its_own_end_and_only_if_it_may_read(github, browser):
    user = services.register(username="ada", password="mypassword")
    end = timezone.now() + timedelta(days=1)
    _, lasting = services.create_key(user=user, name="lasting")
    _, ending = services.create_key(user=user, name="ending", expires_at=end)
    _, blind = services.create_key(user=user, name="blind", scopes=["write"])
    shown = [
        browser.get("/api/v1/auth/status", headers={"x-api-key": key}).json()
        for key in (lasting, ending, blind)
    ]
    assert [body["authenticated"] for body in shown] == [True, True, False]
    assert [body["token_expires_at"] for body in shown] == [None, int(end.timestamp()), None]


def test_what_was_never_brought_back_is_pruned(github, browser):
    browser.leave()
    browser.leave()
    now = timezone.now()
    assert services.prune_tickets(now=now) == 0
    schedule.prune_tickets(now)
    assert Ticket.objects.count() == 2
    assert services.prune_tickets(now=now + timedelta(minutes=10, seconds=5)) == 2
