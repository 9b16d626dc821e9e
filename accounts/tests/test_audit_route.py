"""What was done, over the API: who may know it, and how it is looked for."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import audit, services
from accounts.models import AuditEvent, Project, Role, User
from accounts.tests.tokens import token_of
from config.api import paging
from jobs.tests.api import Api

pytestmark = pytest.mark.django_db
PATH = "/api/v1/audit-events"
MOMENT = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)


@pytest.fixture
def ada(db):
    return Api("ada")


@pytest.fixture
def user(ada):
    return User.objects.get(username="ada")


@pytest.fixture
def shop(user):
    return services.create_project(name="Shop", owner=user)


def actions(api, query=""):
    answer = api("get", PATH + query)
    assert answer.status_code == 200, answer.json()
    return [row["action"] for row in answer.json()]


def test_one_sees_what_one_did_newest_first(ada, shop):
    Api("bob")
    assert actions(ada) == ["project.created", "session.opened", "user.created"]
    row = ada("get", PATH).json()[0]
    assert (row["actor_name"], row["object_name"], row["object"]) == (
        "ada",
        "Shop",
        str(shop.uuid),
    )
    assert row["project"] == str(shop.uuid)


def test_who_manages_a_project_sees_what_others_did_in_it(ada, shop, user):
    bob, eve = Api("bob"), Api("eve")
    roles = {"bob": Role.DEVELOPER, "eve": Role.ADMIN}
    for name, role in roles.items():
        person = User.objects.get(username=name)
        services.set_member(project=shop, user=person, role=role, by=user)
    person = User.objects.get(username="bob")
    audit.record("job.created", by=person, project=shop)
    assert "job.created" in actions(ada)
    assert "job.created" in actions(eve)
    services.set_member(
        project=shop, user=User.objects.get(username="eve"), role=Role.DEVELOPER, by=user
    )
    assert "job.created" not in actions(eve)
    assert "member.added" not in actions(bob)
    assert "job.created" in actions(bob)


def test_an_admin_of_the_platform_sees_everything(ada, shop):
    root = User.objects.create_superuser("root", password="correct horse")
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token_of(root)}"
    assert len(actions(api)) == AuditEvent.objects.count()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?action=session.opened", ["session.opened"]),
        ("?actor={user}", ["project.created", "session.opened", "user.created"]),
        ("?actor={shop}", []),
        ("?object={shop}", ["project.created"]),
        ("?project={shop}&action=project.created", ["project.created"]),
        ("?from={later}", []),
        ("?to={later}&limit=1", ["project.created"]),
        ("?to=2020-01-01T00:00:00Z", []),
        ("?limit=1&offset=2", ["user.created"]),
    ],
)
def test_events_are_looked_for(ada, user, shop, query, found):
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert actions(ada, query.format(user=user.uuid, shop=shop.uuid, later=later)) == found


@pytest.mark.parametrize(
    "query", ["actor=ada", "object=7", "project=x", "from=now", "to=2026", "from="]
)
def test_what_cannot_be_looked_for_is_named(ada, query):
    answer = ada("get", f"{PATH}?{query}")
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == query.partition("=")[0]


def test_the_number_of_events_is_counted_no_further_than_somebody_pages(ada, user, monkeypatch):
    monkeypatch.setattr(paging, "MOST_COUNTED", 5)
    for _ in range(20):
        audit.record("job.changed", by=user)
    assert AuditEvent.objects.count() == 22
    totals = [
        ada("get", f"{PATH}?limit=3&offset={offset}").headers["X-Total-Count"]
        for offset in (0, 9, 18, 21)
    ]
    assert totals == ["8", "17", "22", "22"]


def test_an_event_of_nobody_is_told_to_admins_alone(ada):
    audit.record("session.refused", by=None, target=User.objects.get(), door="orc")
    assert "session.refused" not in actions(ada)


def test_what_belongs_to_a_project_that_is_gone_is_told_to_who_did_it(ada, shop, user):
    services.delete_project(project=Project.objects.get(pk=shop.pk), by=user)
    assert actions(ada)[0] == "project.deleted"
