"""The admin pages of the accounts app, as an admin's browser asks for them."""

import pytest
from django.test import Client

from accounts import services
from accounts.models import Project, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    User.objects.create_superuser("root", password="mypassword")
    client = Client()
    page = client.post(
        "/admin/login/", {"username": "Root", "password": "mypassword", "next": "/admin/"}
    )
    assert page.status_code == 302
    return client


@pytest.mark.parametrize("page", ["user", "project", "membership"])
@pytest.mark.parametrize("query", ["", "?q=ada"])
def test_every_list_opens_and_can_be_searched(browser, page, query):
    services.register(username="ada", password="mypassword")
    assert browser.get(f"/admin/accounts/{page}/{query}").status_code == 200


@pytest.mark.parametrize("page", ["user", "project", "membership"])
def test_every_form_opens(browser, page):
    assert browser.get(f"/admin/accounts/{page}/add/").status_code == 200


def test_a_users_page_links_to_the_projects_and_hides_the_password(browser):
    ada = services.register(username="ada", password="mypassword")
    page = browser.get(f"/admin/accounts/user/{ada.pk}/change/").content.decode()
    assert f"/admin/accounts/project/?owner__id__exact={ada.pk}" in page
    assert ada.password not in page


def test_a_user_made_here_gets_a_project_too(browser):
    form = {
        "username": "",
        "email": "ada@example.org",
        "role": "developer",
        "usable_password": "true",
        "password1": "mypassword",
        "password2": "mypassword",
    }
    assert browser.post("/admin/accounts/user/add/", form).status_code == 302
    ada = User.objects.get(email="ada@example.org")
    assert ada.username is None
    assert Project.objects.personal_of(ada)


@pytest.mark.parametrize(("action", "is_active"), [("deactivate", False), ("revoke_tokens", True)])
def test_an_action_ends_every_token_of_a_user(browser, action, is_active):
    ada = services.register(username="ada", password="mypassword")
    chosen = {"action": action, "_selected_action": [ada.pk]}
    assert browser.post("/admin/accounts/user/", chosen).status_code == 302
    ada.refresh_from_db()
    assert (ada.is_active, ada.token_version) == (is_active, 1)


def test_somebody_without_the_role_is_sent_to_the_log_in(db):
    client = Client()
    client.force_login(services.register(username="ada", password="mypassword"))
    assert client.get("/admin/accounts/user/").status_code == 302
