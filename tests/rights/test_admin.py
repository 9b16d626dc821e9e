"""Every page of the admin, for everybody: admins of the platform alone, by their own log-in."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLResolver, reverse
from django.urls.resolvers import RoutePattern

from accounts.models import Role, User
from config.tests.admin_rows import make_rows
from config.tests.browsers import PASSWORD, admin_browser, log_in
from tests.rights.world import ADMIN, EVERYBODY, make_world

ROOT = "/admin/"
# Where one says who one is, and scripts that hold no row; everybody may load these.
DOORS = {f"{ROOT}login/", f"{ROOT}logout/", f"{ROOT}jsi18n/"}

pytestmark = pytest.mark.django_db


def pages():
    """Return the address of every page; those of a row are of the newest one of its model."""
    rows = {
        f"{model._meta.app_label}/{model._meta.model_name}/": model.objects.latest("pk").pk
        for model in admin.site._registry
    }
    return set(_pages(admin.site.get_urls(), ROOT, rows)) - DOORS


def _pages(patterns, before, rows):
    for pattern in patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns, before + route, rows)
        elif isinstance(pattern.pattern, RoutePattern):
            row = str(rows.get(before.removeprefix(ROOT), 1))
            yield before + re.sub(r"<\w+:\w+>", row, route)
        elif "app_label" in pattern.pattern.regex.groupindex:
            yield f"{before}accounts/"
        else:
            # What no other pattern takes: a 404 for admins, the log-in for others.
            yield f"{before}no-such-page/"


def is_turned_away(answer):
    return answer.status_code == 302 and urlsplit(answer["Location"]).path == "/admin/login/"


def test_nobody_but_an_admin_sees_a_page():
    make_rows(1)
    world, addresses = make_world(), pages()
    assert {"/admin/", "/admin/accounts/", "/admin/jobs/job/"} < addresses
    assert len(addresses) > 80
    for who in EVERYBODY:
        # A token is no log-in: a page of another site could not send it, a cookie it could.
        client = world.client(who)
        if who != ADMIN and who in world.people:
            client.force_login(world.people[who])
        for address in addresses:
            for method in ("get", "post"):
                answer = getattr(client, method)(address)
                assert is_turned_away(answer), f"{who} {method} {address}: {answer.status_code}"


def test_an_admin_sees_every_list_and_every_row():
    make_rows(1)
    browser = admin_browser()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model.objects.latest("pk").pk
        for address in (reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row])):
            assert browser.get(address).status_code == 200, address


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
def test_no_other_role_logs_in(role):
    User.objects.create_user("dev", password=PASSWORD, role=role)
    client, answer = log_in("dev")
    assert answer.status_code == 200
    assert is_turned_away(client.get("/admin/jobs/job/"))


def test_who_is_no_admin_any_more_is_turned_away_at_once():
    browser = admin_browser()
    assert browser.get("/admin/").status_code == 200
    User.objects.update(role=Role.DEVELOPER)
    assert is_turned_away(browser.get("/admin/"))


def test_a_page_of_another_site_cannot_act_with_an_admins_cookie():
    browser = admin_browser()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post("/admin/accounts/user/add/", {"username": "eve"}).status_code == 403
    assert not User.objects.filter(username="eve").exists()
