"""The log-in of the admin: guarded, written down, and ended from outside."""

import pytest
from django.test import Client

from accounts import services
from accounts.models import AuditEvent, Ending, Role, Session, User
from config.tests.browsers import PASSWORD, admin_browser, log_in

pytestmark = pytest.mark.django_db

WRONG = {"username": "root", "password": "a wrong one"}


@pytest.fixture
def browser():
    return admin_browser()


@pytest.fixture
def root(browser):
    return User.objects.get(username="root")


def is_inside(browser):
    return browser.get("/admin/").status_code == 200


def test_a_log_in_is_a_session_that_is_written_down(db):
    User.objects.create_superuser("root", password=PASSWORD)
    log_in("Root", user_agent="Firefox/140")
    session = Session.objects.get()
    assert (session.door, session.address, session.agent) == ("admin", "127.0.0.1", "Firefox/140")
    event = AuditEvent.objects.get(action="session.opened")
    assert (event.actor_name, event.address, event.data) == ("root", "127.0.0.1", {"door": "admin"})


def test_the_aim_of_a_log_in_is_kept(root):
    form = {"username": "root", "password": PASSWORD}
    answer = Client().post("/admin/login/?next=/admin/jobs/run/", form)
    assert answer["Location"] == "/admin/jobs/run/"


def test_a_log_in_never_leads_to_another_host(root):
    form = {"username": "root", "password": PASSWORD}
    answer = Client().post("/admin/login/?next=https://evil.example/", form)
    assert "evil" not in answer["Location"]


def test_a_wrong_password_is_written_down_without_it(browser):
    answer = Client().post("/admin/login/", WRONG)
    assert answer.status_code == 200
    event = AuditEvent.objects.get(action="session.refused")
    assert (event.actor_uuid, event.address) == (None, "127.0.0.1")
    assert (event.object_name, event.data) == ("root", {"door": "admin"})


def test_what_was_typed_as_a_name_is_not_written_down_for_it_may_be_a_password(browser):
    Client().post("/admin/login/", {"username": "my secret password", "password": "root"})
    event = AuditEvent.objects.get(action="session.refused")
    assert "secret" not in str(vars(event))


def test_a_password_of_a_megabyte_is_not_hashed(browser, monkeypatch):
    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.encode", None)
    answer = Client().post("/admin/login/", {"username": "root", "password": "x" * 1_000_000})
    assert answer.status_code == 200
    assert not is_inside(answer.client)


def test_too_many_wrong_passwords_are_refused_even_if_the_next_is_right(browser, settings):
    settings.LOGIN_FAILURES = "3/min"
    for _ in range(3):
        assert Client().post("/admin/login/", WRONG).status_code == 200
    client, answer = log_in("root")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Too many log-ins have failed" in answer.content.decode()
    assert not is_inside(client)


def test_the_limit_counts_the_log_ins_of_the_api_too(browser, settings):
    settings.LOGIN_FAILURES = "3/min"
    for _ in range(3):
        Client().post("/auth/login", WRONG, content_type="application/json")
    assert log_in("root")[1].status_code == 429


def test_whoever_is_no_admin_does_not_enter(db):
    services.register(username="ada", password=PASSWORD, role=Role.DEVELOPER)
    client, answer = log_in("ada")
    assert answer.status_code == 200
    assert not is_inside(client)
    assert AuditEvent.objects.filter(action="session.refused").exists()
    assert not Session.objects.exists()


def test_a_log_out_ends_the_session(browser):
    browser.post("/admin/logout/")
    assert Session.objects.get().ended_why == Ending.LOGGED_OUT
    assert not is_inside(browser)


def test_a_session_that_is_ended_elsewhere_is_out_at_once(browser, root):
    assert is_inside(browser)
    services.end_sessions(user=root, by=None)
    assert not is_inside(browser)


def test_an_admin_who_is_deactivated_is_out_at_once(browser, root):
    services.deactivate(user=root, by=None)
    assert not is_inside(browser)


def test_an_admin_who_is_one_no_more_is_out_at_once(browser, root):
    User.objects.update(role=Role.DEVELOPER)
    assert not is_inside(browser)


def test_a_browser_session_that_nobody_opened_at_the_door_is_none(root):
    client = Client()
    client.force_login(root)
    assert not is_inside(client)


def test_a_new_password_ends_the_other_sessions(browser, root):
    other, _ = log_in("root")
    new = {"new_password1": "another word", "new_password2": "another word"}
    answer = browser.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert answer.status_code == 302
    assert (is_inside(browser), is_inside(other)) == (True, False)
    assert AuditEvent.objects.filter(action="user.password_changed").count() == 1
    assert Session.objects.get(ended_why=Ending.PASSWORD).user == root
