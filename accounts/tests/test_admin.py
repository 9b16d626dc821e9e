"""The admin pages of the accounts app, as an admin's browser asks for them."""

import pytest
from django.contrib.auth import authenticate

from accounts import audit, services
from accounts.models import ApiKey, AuditEvent, Ending, GitHubAccount, Membership, Project, User
from config.tests.browsers import admin_browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    return admin_browser()


@pytest.fixture
def root(browser):
    return User.objects.get(username="root")


@pytest.fixture
def ada(db):
    return services.register(username="ada", password="mypassword")


@pytest.fixture
def shop(ada):
    return services.create_project(name="Shop", owner=ada)


def act(browser, model, action, *rows):
    body = {"action": action, "_selected_action": [row.pk for row in rows], "confirmed": "yes"}
    answer = browser.post(f"/admin/accounts/{model}/", body, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def actions():
    """Return what was written down since the log-in, oldest first."""
    events = AuditEvent.objects.exclude(action="session.opened").order_by("id")
    return [(event.action, event.actor_name, event.object_name) for event in events]


def test_the_list_of_users_is_found_by_name_and_e_mail(browser, ada):
    page = browser.get("/admin/accounts/user/", {"q": "ada"})
    assert [user.username for user in page.context["cl"].result_list] == ["ada"]


def test_a_users_page_leads_to_what_is_theirs_and_tells_no_hash(browser, ada):
    page = browser.get(f"/admin/accounts/user/{ada.pk}/change/").content.decode()
    assert f"/admin/accounts/project/?owner__id__exact={ada.pk}" in page
    assert f"/admin/accounts/session/?user__id__exact={ada.pk}" in page
    assert f"/admin/accounts/auditevent/?actor_uuid={ada.uuid}" in page
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
    assert actions() == [("user.created", "root", "ada@example.org")]


def change(user, **fields):
    kept = {"username": user.username, "email": user.email or "", "name": user.name}
    return {**kept, "role": user.role, **({"is_active": "on"} if user.is_active else {}), **fields}


def test_a_change_is_written_down_with_its_fields_and_the_address(browser, ada):
    form = change(ada, role="developer", name="Ada")
    address = f"/admin/accounts/user/{ada.pk}/change/"
    assert browser.post(address, form).status_code == 302
    event = AuditEvent.objects.get(action="user.changed")
    assert (event.actor_name, event.object_uuid, event.address) == ("root", ada.uuid, "127.0.0.1")
    assert event.data == {"changes": [{"changed": {"fields": ["Name", "Role"]}}]}


def test_a_user_switched_off_by_hand_loses_every_session(browser, ada):
    session = services.open_session(user=ada, door="orc")
    form = {key: value for key, value in change(ada).items() if key != "is_active"}
    assert browser.post(f"/admin/accounts/user/{ada.pk}/change/", form).status_code == 302
    session.refresh_from_db()
    assert session.ended_why == Ending.DEACTIVATED


@pytest.mark.parametrize("fields", [{"role": "viewer"}, {"is_active": ""}])
def test_nobody_shuts_themselves_out(browser, root, fields):
    answer = browser.post(f"/admin/accounts/user/{root.pk}/change/", change(root, **fields))
    assert answer.status_code == 200
    assert "You cannot shut yourself out" in answer.content.decode()
    assert "You cannot shut yourself out" in act(browser, "user", "deactivate", root)
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize(("action", "is_active"), [("deactivate", False), ("end_sessions", True)])
def test_an_action_ends_every_session_of_a_user(browser, ada, action, is_active):
    session = services.open_session(user=ada, door="orc")
    act(browser, "user", action, ada)
    ada.refresh_from_db()
    session.refresh_from_db()
    assert (ada.is_active, session.is_live) == (is_active, False)


def test_a_new_password_ends_every_session(browser, ada):
    session = services.open_session(user=ada, door="orc")
    form = {"usable_password": "true", "password1": "another word", "password2": "another word"}
    address = f"/admin/accounts/user/{ada.pk}/password/"
    assert browser.get(address).status_code == 200
    assert browser.post(address, form).status_code == 302
    assert authenticate(username="ada", password="another word") == ada
    session.refresh_from_db()
    assert session.ended_why == Ending.PASSWORD
    assert ("user.changed", "root", "ada") in actions()


@pytest.mark.parametrize("model", ["user", "project"])
def test_what_others_need_is_not_simply_deleted(browser, ada, model):
    row = ada if model == "user" else ada.owned_projects.get()
    assert browser.get(f"/admin/accounts/{model}/{row.pk}/delete/").status_code == 403
    act(browser, model, "delete_selected", row)
    assert type(row).objects.filter(pk=row.pk).exists()


def test_an_empty_project_is_deleted_and_a_personal_one_stays(browser, ada, shop):
    assert "personal project stays" in act(
        browser, "project", "delete_empty", shop, ada.owned_projects.get(is_personal=True)
    )
    assert [project.name for project in Project.objects.filter(owner=ada)] == ["Project of ada"]
    assert actions()[-1] == ("project.deleted", "root", "Shop")


def test_the_button_of_a_project_that_goes_leads_to_the_list(browser, shop):
    address = f"/admin/accounts/project/{shop.pk}/delete_empty/"
    assert "Delete these projects?" in browser.get(address).content.decode()
    answer = browser.post(address, {"confirmed": "yes"}, follow=True)
    assert answer.request["PATH_INFO"] == "/admin/accounts/project/"
    assert "Shop is deleted." in answer.content.decode()


def rows(*members, initial=0):
    """Return the form of a project's memberships: (pk or empty, user's pk, role)."""
    form = {"memberships-TOTAL_FORMS": len(members), "memberships-INITIAL_FORMS": initial}
    for index, (pk, user, role, *gone) in enumerate(members):
        row = {"id": pk, "user": user.pk, "role": role, **({"DELETE": "on"} if gone else {})}
        form |= {f"memberships-{index}-{field}": value for field, value in row.items()}
    return form


def test_members_are_added_changed_and_removed_on_the_projects_page(browser, ada, shop, root):
    bob = services.register(username="bob", password="mypassword")
    address = f"/admin/accounts/project/{shop.pk}/change/"
    fields = {"name": "Shop", "owner": ada.pk}
    browser.post(address, {**fields, **rows(("", bob, "viewer"))})
    member = Membership.objects.get()
    assert (member.user, member.role) == (bob, "viewer")
    browser.post(address, {**fields, **rows((member.pk, bob, "admin"), initial=1)})
    member.refresh_from_db()
    assert member.role == "admin"
    browser.post(address, {**fields, **rows((member.pk, bob, "admin", "gone"), initial=1)})
    assert not Membership.objects.exists()
    done = [action for action, _, name in actions() if name == "bob" and "member" in action]
    assert done == ["member.added", "member.changed", "member.removed"]


def test_the_owner_of_a_project_is_no_member(browser, ada, shop):
    address = f"/admin/accounts/project/{shop.pk}/change/"
    form = {"name": "Shop", "owner": ada.pk, **rows(("", ada, "viewer"))}
    answer = browser.post(address, form)
    assert "needs no membership" in answer.content.decode()
    alone = {"user": ada.pk, "project": shop.pk, "role": "viewer"}
    answer = browser.post("/admin/accounts/membership/add/", alone)
    assert "needs no membership" in answer.content.decode()


def test_the_user_of_open_mode_is_no_member(browser, ada, shop):
    local = services.local_user()
    form = {"name": "Shop", "owner": ada.pk, **rows(("", local, "viewer"))}
    alone = {"user": local.pk, "project": shop.pk, "role": "viewer"}
    for address, sent in (
        (f"/admin/accounts/project/{shop.pk}/change/", form),
        ("/admin/accounts/membership/add/", alone),
    ):
        assert "local user cannot take part" in browser.post(address, sent).content.decode()
    assert not Membership.objects.exists()


def test_a_membership_is_made_and_ended_on_its_own_page_and_written_down_once(browser, shop, root):
    form = {"user": root.pk, "project": shop.pk, "role": "viewer"}
    assert browser.post("/admin/accounts/membership/add/", form).status_code == 302
    member = Membership.objects.get()
    address = f"/admin/accounts/membership/{member.pk}"
    assert browser.post(f"{address}/change/", {"role": "developer"}).status_code == 302
    member.refresh_from_db()
    assert member.role == "developer"
    assert browser.post(f"{address}/delete/", {"post": "yes"}).status_code == 302
    assert not Membership.objects.exists()
    done = [action for action, by, _ in actions() if by == "root"]
    assert done == ["member.added", "member.changed", "member.removed"]


def test_a_personal_project_stays_its_owners(browser, ada, root):
    project = ada.owned_projects.get()
    form = {"name": "Mine", "owner": root.pk, **rows()}
    browser.post(f"/admin/accounts/project/{project.pk}/change/", form)
    project.refresh_from_db()
    assert (project.name, project.owner) == ("Mine", ada)


def test_sessions_are_ended_one_by_one(browser, ada):
    first, second = (services.open_session(user=ada, door="orc") for _ in range(2))
    assert "is ended" in act(browser, "session", "end", first)
    assert "has ended already" in act(browser, "session", "end", first)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_live, second.is_live) == (False, True)
    assert actions()[-1] == ("session.ended", "root", str(first))


def test_sessions_are_filtered_by_whether_they_go_on(browser, ada):
    services.end_session(session=services.open_session(user=ada, door="orc"), by=ada)
    services.open_session(user=ada, door="orc")
    counts = {
        state: browser.get("/admin/accounts/session/", {"state": state}).context["cl"].result_count
        for state in ("", "live", "ended")
    }
    # One more is the browser's own.
    assert counts == {"": 3, "live": 2, "ended": 1}


def test_a_key_is_shown_by_its_beginning_and_revoked(browser, ada):
    row, key = services.create_key(user=ada, name="CI")
    for path in ("/admin/accounts/apikey/", f"/admin/accounts/apikey/{row.pk}/change/"):
        text = browser.get(path).content.decode()
        assert row.prefix in text
        assert key not in text
        assert row.digest not in text
    assert "is revoked" in act(browser, "apikey", "revoke", row)
    assert not ApiKey.objects.get().is_live
    assert "revoked already" in act(browser, "apikey", "revoke", row)
    assert actions()[-1] == ("api_key.revoked", "root", str(row))


def test_a_github_accounts_page_shows_which_e_mails_are_verified(browser, ada):
    emails = [{"email": "a@x.org", "verified": True}, {"email": "b@x.org", "verified": False}]
    row = GitHubAccount.objects.create(user=ada, github_id=7, login="ada-gh", emails=emails)
    text = browser.get(f"/admin/accounts/githubaccount/{row.pk}/change/").content.decode()
    assert "a@x.org ✓, b@x.org" in text


def test_audit_events_lead_to_who_and_what_and_nobody_changes_them(browser, ada, shop):
    event = audit.record("job.started", by=ada, target=shop, project=shop, trigger="manual")
    address = f"/admin/accounts/auditevent/{event.pk}"
    text = browser.get(f"{address}/change/").content.decode()
    assert f"/admin/accounts/user/{ada.uuid}/change/" in text
    assert f"/admin/accounts/project/{shop.uuid}/change/" in text
    assert "&quot;trigger&quot;: &quot;manual&quot;" in text
    assert browser.post(f"{address}/change/", {"action": "nothing"}).status_code == 403
    assert browser.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get("/admin/accounts/auditevent/add/").status_code == 403


def test_the_history_of_a_row_is_what_was_written_down(browser, shop):
    page = browser.get(f"/admin/accounts/project/{shop.pk}/history/", follow=True)
    assert [event.action for event in page.context["cl"].result_list] == ["project.created"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"action": "project.created"}, 1),
        ({"thing": "project"}, 1),
        ({"actor_name": "ada"}, 2),
        ({"q": "Shop"}, 1),
        ({"q": "session.opened"}, 1),
        ({"at_from_0": "2100-01-01", "at_from_1": "00:00:00"}, 0),
        ({"at_from_0": "2100-01-01"}, 0),
        ({"at_to_0": "2100-01-01", "action": "project.created"}, 1),
        ({"at_to_0": "no day", "action": "project.created"}, 1),
    ],
)
def test_audit_events_are_filtered(browser, shop, query, count):
    listed = browser.get("/admin/accounts/auditevent/", query).context["cl"]
    assert listed.result_count == count
