"""The admin as a whole: every model's pages, who enters, what the browser loads, how much it asks."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.models import ApiKey, Project, Role, Session, User
from config.administration.paging import BoundedPaginator
from config.administration.site import ONLY_US
from config.tests.admin_rows import SECRET, make_rows, make_user
from config.tests.browsers import PASSWORD, admin_browser, log_in
from connectors.models import Connection
from jobs.models import Job, Part, Run, RunEvent

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
NAMES = [f"{model._meta.app_label}_{model._meta.model_name}" for model in MODELS]
every_model = pytest.mark.parametrize("model", MODELS, ids=NAMES)
ADDRESS = re.compile(
    r"""(?:src|href|action)=["']([^"'#?]+)|url\(["']?([^"')]+)|["'](https?:[^"']+)"""
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    return admin_browser()


def address(model, page, *arguments):
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=arguments)


def test_what_an_operator_may_need_has_a_page():
    assert {
        *("accounts_user", "accounts_project", "accounts_membership", "accounts_session"),
        *("accounts_apikey", "accounts_githubaccount", "accounts_auditevent"),
        *("connectors_connection", "jobs_job", "jobs_run", "jobs_part", "jobs_steprun"),
        *("jobs_runevent", "jobs_checkpoint", "jobs_targetlease", "jobs_filejob"),
        *("modelling_workspace", "modelling_table", "modelling_participant", "modelling_event"),
    } <= set(NAMES)


@every_model
def test_every_list_shows_its_rows_and_can_be_searched(browser, model):
    make_rows(2)
    page = browser.get(address(model, "changelist"))
    assert page.status_code == 200
    assert page.context["cl"].result_count >= 2
    found = browser.get(address(model, "changelist"), {"q": "no such thing anywhere"})
    assert (found.status_code, found.context["cl"].result_count) == (200, 0)


@every_model
def test_every_row_has_a_page_without_secrets(browser, model):
    make_rows(1)
    page = browser.get(address(model, "change", model.objects.latest("pk").pk))
    assert page.status_code == 200
    text = page.content.decode()
    assert SECRET not in text
    assert "$sealed" not in text
    assert "gAAA" not in text


@every_model
def test_a_page_to_add_opens_where_rows_are_made_by_hand(browser, model):
    by_hand = {"user", "project", "membership"}
    expected = 200 if model._meta.model_name in by_hand else 403
    assert browser.get(address(model, "add")).status_code == expected


@every_model
def test_a_row_is_found_by_its_uuid_too(browser, model):
    make_rows(1)
    row = model.objects.latest("pk")
    if hasattr(row, "uuid"):
        assert browser.get(address(model, "change", row.uuid)).status_code == 200
    unknown = address(model, "change", "11111111-1111-4111-8111-111111111111")
    assert browser.get(unknown).status_code == 302


@every_model
def test_a_list_asks_as_often_for_many_rows_as_for_few(browser, model):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address(model, "changelist")).status_code == 200
        return [query["sql"] for query in asked]

    ContentType.objects.get_for_model(model)
    make_rows(2)
    few = queries()
    make_rows(6)
    assert len(queries()) == len(few) <= 8


@every_model
def test_no_list_counts_the_whole_table(browser, model):
    make_rows(1)
    with CaptureQueriesContext(connection) as asked:
        browser.get(address(model, "changelist"))
    table = model._meta.db_table
    counts = [q["sql"] for q in asked if "COUNT(*)" in q["sql"] and f'"{table}"' in q["sql"]]
    assert counts
    assert all("LIMIT 10001" in count for count in counts)


@every_model
def test_strangers_get_the_log_in(model):
    page = Client().get(address(model, "changelist"))
    assert (page.status_code, urlsplit(page["Location"]).path) == (302, "/admin/login/")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
@every_model
def test_who_is_no_admin_gets_the_log_in(model, role):
    services.register(username="ada", password=PASSWORD, role=role)
    client, answer = log_in("ada")
    assert (answer.status_code, answer.wsgi_request.user.is_authenticated) == (200, False)
    for page in ("changelist", "add"):
        answer = client.get(address(model, page))
        assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, "/admin/login/")


@pytest.fixture
def served(browser, settings):
    # As `make serve` does it: straight from the packages, without a collectstatic.
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True
    browser.handler.load_middleware()
    return browser


def addresses(text):
    return {next(filter(None, found)) for found in ADDRESS.findall(text)}


PAGES = ["/admin/", "/admin/jobs/run/", "/admin/accounts/user/add/", "/admin/accounts/auditevent/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_no_other_host(served, path):
    make_rows(1)
    page = served.get(path)
    assert page.headers["Content-Security-Policy"] == ONLY_US
    assert {urlsplit(found).netloc for found in addresses(page.content.decode())} == {""}


def test_the_log_in_page_names_no_other_host(served):
    page = Client().get("/admin/login/")
    assert page.headers["Content-Security-Policy"] == ONLY_US
    assert {urlsplit(found).netloc for found in addresses(page.content.decode())} == {""}


@pytest.mark.parametrize("path", PAGES)
def test_every_file_that_a_page_names_is_served(served, path):
    files = {found for found in addresses(served.get(path).content.decode()) if "/static/" in found}
    assert "/static/administration/pages.css" in files
    for name in files:
        answer = served.get(name)
        assert answer.status_code == 200, name
        content = answer.getvalue()
        assert len(content) > 100, name
        if name.endswith(".css"):
            for inner in addresses(content.decode()):
                assert not urlsplit(inner).netloc, (name, inner)


def test_the_overview_shows_what_runs_what_failed_what_comes_and_who_works(browser):
    make_rows(3)
    text = browser.get("/admin/").content.decode()
    for said in ("Running now", "Failed last", "connection refused", "Coming next", "0 6 * * *"):
        assert said in text
    assert "worker-" in text


def test_the_overview_asks_as_often_for_many_runs_as_for_few(browser):
    def count():
        with CaptureQueriesContext(connection) as asked:
            browser.get("/admin/")
        return len(asked)

    make_rows(3)
    few = count()
    make_rows(12)
    assert count() == few <= 16


@pytest.mark.parametrize("model", [Run, Job, Part, Connection, Project, User, Session, ApiKey])
def test_the_search_box_finds_a_row_by_its_uuid(browser, model):
    make_rows(1)
    row = model.objects.latest("pk")
    page = browser.get("/admin/search/", {"s": str(row.uuid), "extended": "1"})
    assert address(model, "change", row.pk) in page.content.decode()


def test_the_search_box_finds_rows_by_the_beginning_of_their_names(browser):
    make_rows(2)
    page = browser.get("/admin/search/", {"s": "copy 2", "extended": "1"}).content.decode()
    assert address(Job, "change", Job.objects.get(name="Copy 2").pk) in page
    assert address(Job, "change", Job.objects.get(name="Copy 1").pk) not in page
    assert "Jobs" in browser.get("/admin/search/", {"s": "jobs", "extended": "1"}).content.decode()


def test_a_uuid_is_looked_up_and_not_compared_to_every_text(browser):
    make_rows(2)
    run = Run.objects.latest("pk")
    with CaptureQueriesContext(connection) as asked:
        page = browser.get(address(Run, "changelist"), {"q": f" {run.uuid} "})
    assert [row.pk for row in page.context["cl"].result_list] == [run.pk]
    assert not [query for query in asked if "LIKE" in query["sql"]]
    events = browser.get(address(RunEvent, "changelist"), {"q": str(run.uuid)})
    assert {event.run_id for event in events.context["cl"].result_list} == {run.pk}


def test_a_long_list_says_that_there_is_more_than_it_counted(browser, monkeypatch):
    make_rows(3)
    monkeypatch.setattr(BoundedPaginator, "most", 2)
    page = browser.get(address(Run, "changelist"))
    assert len(page.context["cl"].result_list) == 3
    assert "more than 2 runs; filter or search" in page.content.decode()


def test_a_name_that_is_html_is_shown_as_text_by_every_page_that_tells_it(browser):
    evil = make_user("<script>evil()</script>")
    body = {"action": "end_sessions", "_selected_action": [evil.pk]}
    asked = browser.post("/admin/accounts/user/", body)
    told = browser.post("/admin/accounts/user/", body | {"confirmed": "yes"}, follow=True)
    pages = (asked, told, browser.get("/admin/accounts/auditevent/"))
    for page in (*pages, browser.get(address(User, "change", evil.pk))):
        assert "&lt;script&gt;evil()" in page.content.decode()
        assert "<script>evil()" not in page.content.decode()
