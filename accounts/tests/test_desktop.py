"""Signing in to an application that waits while its user's browser is at GitHub."""

import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.authentication import judge
from accounts.models import Session, Ticket, TicketKind, User
from accounts.tests.signing_in import DESKTOP, Browser, query
from config.api.tests.racing import at_once
from config.logs import Secrets

pytestmark = pytest.mark.django_db

HERE, THERE = "203.0.113.7", "198.51.100.9"
JSON = {"accept": "application/json"}
APPROVE = "/api/v1/auth/github/login/desktop/approve"


def poll(state_id: str, *, address: str = "127.0.0.1"):
    return Client(REMOTE_ADDR=address).get(f"/api/v1/auth/poll/{state_id}")


def approve(**fields: str):
    form = "application/x-www-form-urlencoded"
    return Client().post(APPROVE, urlencode(fields), content_type=form)


def start(**parameters: str) -> dict[str, str]:
    answer = Client(headers=JSON).get(DESKTOP, parameters)
    assert answer.status_code == 200
    return answer.json()


def test_an_application_that_asks_for_json_polls_for_its_tokens_once(github, browser):
    asked = start()
    assert asked.keys() == {"state_id", "auth_url"}
    assert poll(asked["state_id"]).json() == {"completed": False}
    page = browser.arrive(browser.allow(asked["auth_url"]))
    assert page.status_code == 200
    assert "You can return to the application" in page.content.decode()
    answer = poll(asked["state_id"])
    body = answer.json()
    assert body["completed"] is True
    assert body["emails"][0]["email"] == "octocat@example.org"
    assert body["token_type"] == "Bearer"
    user, grant = judge(body["access_token"])
    assert (user.username, grant.door) == ("octocat", "model")
    assert services.refresh(token=body["refresh_token"]).user == user
    assert answer.headers["Cache-Control"] == "no-store"
    assert poll(asked["state_id"]).status_code == 404
    assert Session.objects.count() == 1


def test_a_browser_that_comes_by_itself_is_sent_on_and_known_by_its_cookie(github, browser):
    state_id = str(uuid4())
    url = browser.leave(DESKTOP, state_id=state_id)
    assert poll(state_id).json() == {"completed": False}
    back = browser.allow(url)
    assert "begun in another browser" in Browser().arrive(back).content.decode()
    assert poll(state_id).status_code == 404
    state_id = uuid4().hex
    browser.sign_in(DESKTOP, state_id=state_id)
    assert poll(state_id).json()["completed"] is True


def test_a_link_that_somebody_sends_does_not_go_through_without_a_click(github, browser):
    assert query(browser.leave(DESKTOP))["prompt"] == "select_account"
    assert "prompt" not in query(browser.leave())


@pytest.mark.parametrize(
    "state_id",
    [
        "",
        "short",
        "a" * 31,
        "a" * 33,
        "g" * 32,
        "{6a3c1c8e-9a61-4f0f-8f2b-0a4c3f0f8d11}",
        "1" * 200,
    ],
)
def test_an_id_that_could_be_guessed_is_refused(github, browser, state_id):
    answer = browser.get(DESKTOP, {"state_id": state_id})
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "state_id"


@pytest.mark.parametrize("spelt", [str.upper, lambda text: text.replace("-", "")])
def test_an_id_that_somebody_used_is_refused_however_it_is_spelt(github, browser, spelt):
    state_id = str(uuid4())
    start(state_id=state_id)
    answer = browser.get(DESKTOP, {"state_id": spelt(state_id)})
    assert answer.status_code == 400
    assert "used already" in answer.json()["message"]
    assert poll(spelt(state_id)).json() == {"completed": False}


@pytest.mark.parametrize(
    # Written out: every process has to collect the same tests.
    "state_id",
    ["nobodys", "2a6f3c1e-5b7d-4e9f-8a01-3c5d7e9f1b24", "a" * 600, "%20", "ü"],
)
def test_nothing_waits_under_an_id_that_nobody_used(github, state_id):
    assert poll(state_id).status_code == 404


def test_ids_are_kept_as_digests_and_not_logged(github, browser, caplog):
    caplog.set_level(0)
    with caplog.filtering(Secrets()):
        asked = start()
        assert asked["state_id"] not in str(list(Ticket.objects.values()))
        browser.arrive(browser.allow(asked["auth_url"]))
        assert [poll(asked["state_id"]).status_code for _ in range(2)] == [200, 404]
    assert "Not Found: /api/v1/auth/poll/…" in caplog.text
    assert asked["state_id"] not in caplog.text
    assert asked["state_id"] not in str([vars(record) for record in caplog.records])


def test_a_sign_in_that_fails_ends_the_waiting_and_tells_the_person(github, browser):
    github.denies = True
    asked = start()
    page = browser.arrive(browser.allow(asked["auth_url"]))
    assert "You did not allow the sign-in at GitHub" in page.content.decode()
    assert poll(asked["state_id"]).status_code == 404


def test_an_application_waits_five_minutes(github, browser):
    asked = start()
    left = Ticket.objects.get(kind=TicketKind.POLL).expires_at - timezone.now()
    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5)
    Ticket.objects.filter(kind=TicketKind.POLL).update(expires_at=timezone.now())
    assert poll(asked["state_id"]).status_code == 404
    page = browser.arrive(browser.allow(asked["auth_url"]))
    assert "has stopped waiting" in page.content.decode()


def test_a_user_who_is_deactivated_on_the_way_gets_no_tokens(github, browser):
    asked = start()
    browser.arrive(browser.allow(asked["auth_url"]))
    services.deactivate(user=User.objects.get(), by=None)
    assert poll(asked["state_id"]).status_code == 404
    assert not Session.objects.exists()


def test_the_page_asks_no_other_host_and_stands_in_no_frame(github, browser):
    page = browser.arrive(browser.allow(start()["auth_url"]))
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    assert f'<style nonce="{nonce}">' in page.content.decode()
    assert not re.search(r"https?://", page.content.decode())
    assert page.headers["Cache-Control"] == "no-store"


def lured(browser: Browser) -> tuple[str, str]:
    """Sign a browser in at one address for an application at another; return its id, and the page."""
    asked = start()
    back = browser.allow(asked["auth_url"])
    browser.defaults["REMOTE_ADDR"] = HERE
    return asked["state_id"], browser.arrive(back).content.decode()


def test_who_sends_somebody_a_link_does_not_get_their_tokens(github, browser):
    state_id, _ = lured(browser)
    assert poll(state_id, address=THERE).json() == {"completed": False}
    assert poll(state_id, address=HERE).json()["completed"] is True


def test_the_person_may_let_an_application_elsewhere_in(github, browser):
    state_id, page = lured(browser)
    approval = re.search(r'name="approval" value="([^"]+)"', page)[1]
    answer = approve(approval=approval)
    assert "You can return to the application" in answer.content.decode()
    assert poll(state_id, address=THERE).json()["completed"] is True
    late = approve(approval=approval)
    assert "does not wait any more" in late.content.decode()


def test_an_approval_of_ones_own_making_lets_nobody_in(github, browser):
    state_id, page = lured(browser)
    approval = re.search(r'name="approval" value="([^"]+)"', page)[1]
    for wrong in (approval[:-1], "1", f"x{approval}"):
        assert "does not wait" in approve(approval=wrong).content.decode()
    assert poll(state_id, address=THERE).json() == {"completed": False}
    assert approve().status_code == 400


def test_neighbours_in_one_network_of_a_subscriber_are_one_place(github, browser):
    asked = start()
    back = browser.allow(asked["auth_url"])
    browser.defaults["REMOTE_ADDR"] = "2001:db8:1:2::1"
    browser.arrive(back)
    assert poll(asked["state_id"], address="2001:db8:1:2::99").json()["completed"] is True


@pytest.mark.django_db(transaction=True)
def test_of_many_polls_at_once_one_gets_the_tokens(github, browser):
    asked = start()
    browser.arrive(browser.allow(asked["auth_url"]))
    answers = at_once(10, lambda _: poll(asked["state_id"]))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 9
    assert Session.objects.count() == 1


def test_polls_have_a_limit_for_each_address(github, settings):
    settings.GITHUB_RATE = "2/min"
    asked = [poll(str(uuid4()), address=HERE).status_code for _ in range(3)]
    assert asked == [404, 404, 429]
    assert poll(str(uuid4()), address=THERE).status_code == 404
