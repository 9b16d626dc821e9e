"""Projects and their members over the API."""

import pytest

from accounts.models import AuditEvent, Membership, Project, User
from accounts.services import local_user
from connectors.models import Connection
from jobs.tests.api import NOBODY, Api

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects"


@pytest.fixture
def ada(db):
    return Api("ada")


@pytest.fixture
def bob(db):
    return Api("bob")


@pytest.fixture
def shop(ada):
    """The path of a project of ada's."""
    return f"{PATH}/{ada('post', PATH, {'name': 'Shop'}).json()['uuid']}"


def uuid_of(username):
    return str(User.objects.get(username=username).uuid)


def add(api, path, user, role="viewer"):
    return api("post", f"{path}/members", {"user": user, "role": role})


def test_a_new_user_has_a_project_of_their_own(ada):
    (project,) = ada("get", PATH).json()
    assert (project["name"], project["role"]) == ("Project of ada", "owner")
    assert (project["is_personal"], project["owner"]) == (True, uuid_of("ada"))
    assert project["owner_name"] == "ada"


def test_a_project_is_made_read_renamed_and_deleted(ada):
    answer = ada("post", PATH, {"name": " Shop "})
    assert answer.status_code == 201
    shop = answer.json()
    assert (shop["name"], shop["role"], shop["is_personal"]) == ("Shop", "owner", False)
    for identity in (shop["id"], shop["uuid"]):
        assert ada("get", f"{PATH}/{identity}").json() == shop
    renamed = ada("patch", f"{PATH}/{shop['id']}", {"name": "Store"}).json()
    assert renamed == {**shop, "name": "Store", "updated_at": renamed["updated_at"]}
    assert ada("patch", f"{PATH}/{shop['id']}", {}).json() == renamed
    assert ada("delete", f"{PATH}/{shop['id']}").status_code == 204
    assert ada("get", f"{PATH}/{shop['id']}").status_code == 404
    actions = AuditEvent.objects.filter(object_type="project").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "project.created",
        "project.renamed",
        "project.deleted",
    ]


@pytest.mark.parametrize("name", ["", " ", None, 7, "x" * 256, "two\nlines"])
def test_a_name_that_cannot_be_shown_is_refused(ada, shop, name):
    for method, path in (("post", PATH), ("patch", shop)):
        answer = ada(method, path, {"name": name})
        assert answer.status_code == 400
        assert answer.json()["details"]["field"] == "name"


def test_projects_are_listed_newest_first_with_their_number(ada, bob, shop):
    add(ada, shop, "bob")
    assert [row["name"] for row in bob("get", PATH).json()] == ["Shop", "Project of bob"]
    answer = bob("get", f"{PATH}?limit=1&offset=1")
    assert [row["name"] for row in answer.json()] == ["Project of bob"]
    assert answer.headers["X-Total-Count"] == "2"


def test_a_list_of_projects_takes_as_many_queries_for_many_as_for_one(
    ada, django_assert_max_num_queries
):
    owner = User.objects.get()
    Project.objects.bulk_create(Project(name=str(number), owner=owner) for number in range(20))
    with django_assert_max_num_queries(3):
        assert len(ada("get", f"{PATH}?limit=15").json()) == 15


def test_a_personal_project_and_one_that_is_not_empty_stay(ada, shop):
    (personal,) = (row for row in ada("get", PATH).json() if row["is_personal"])
    assert ada("delete", f"{PATH}/{personal['id']}").status_code == 409
    project = Project.objects.get(name="Shop")
    Connection.objects.create(project=project, name="Numbers", connector="duckdb")
    answer = ada("delete", shop)
    assert (answer.status_code, answer.json()["message"]) == (
        409,
        "The project still has connections",
    )
    assert not AuditEvent.objects.filter(action="project.deleted").exists()


@pytest.mark.parametrize("by", ["uuid", "username", "email"])
def test_somebody_is_invited_by_uuid_username_or_email(ada, shop, bob, by):
    User.objects.filter(username="bob").update(email="bob@example.com", name="Bob B.")
    named = {"uuid": uuid_of("bob"), "username": " BOB", "email": "Bob@Example.com"}[by]
    answer = add(ada, shop, named, "developer")
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert told | {"joined_at": ""} == {
        "user": uuid_of("bob"),
        "username": "bob",
        "name": "Bob B.",
        "role": "developer",
        "joined_at": "",
    }
    assert ada("get", f"{shop}/members").json() == [told]
    assert bob("get", shop).json()["role"] == "developer"


def test_who_is_not_there_or_cannot_take_part_is_told_alike(ada, shop, bob):
    User.objects.filter(username="bob").update(is_active=False)
    answers = [add(ada, shop, name) for name in ("nobody", NOBODY, "bob", str(local_user().uuid))]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert {answer.json()["message"] for answer in answers} == {
        "There is no such user; name one by uuid, username or e-mail"
    }


def test_who_takes_part_already_is_not_invited_twice(ada, shop, bob):
    assert add(ada, shop, "bob").status_code == 201
    assert add(ada, shop, "bob", "admin").status_code == 409
    assert add(ada, shop, "ada", "admin").status_code == 409
    assert Membership.objects.get().role == "viewer"


def test_a_role_is_changed_and_one_that_does_not_exist_is_refused(ada, shop, bob):
    add(ada, shop, "bob")
    member = f"{shop}/members/{uuid_of('bob')}"
    assert ada("put", member, {"role": "developer"}).json()["role"] == "developer"
    assert ada("put", member, {"role": "owner"}).status_code == 400
    assert ada("put", member, {}).json()["details"]["field"] == "role"
    assert ada("put", f"{shop}/members/{NOBODY}", {"role": "viewer"}).status_code == 404


def test_a_member_may_leave_and_only_a_manager_removes_others(ada, shop, bob):
    eve = Api("eve")
    add(ada, shop, "bob", "developer")
    add(ada, shop, "eve")
    assert bob("delete", f"{shop}/members/{uuid_of('eve')}").status_code == 403
    assert bob("delete", f"{shop}/members/{uuid_of('bob')}").status_code == 204
    assert bob("get", shop).status_code == 404
    assert bob("delete", f"{shop}/members/{uuid_of('bob')}").status_code == 404
    assert ada("delete", f"{shop}/members/{uuid_of('eve')}").status_code == 204
    assert eve("get", shop).status_code == 404


def test_the_owner_cannot_leave_nor_be_given_a_role(ada, shop):
    member = f"{shop}/members/{uuid_of('ada')}"
    for method, body in (("delete", None), ("put", {"role": "viewer"})):
        answer = ada(method, member, body)
        assert answer.status_code == 409
        assert "cannot leave" in answer.json()["message"]


def test_an_admin_of_the_project_manages_it_and_a_developer_does_not(ada, shop, bob):
    Api("eve")
    add(ada, shop, "bob", "developer")
    for method, path, body in (
        ("patch", shop, {"name": "Mine"}),
        ("delete", shop, None),
        ("post", f"{shop}/members", {"user": "eve", "role": "viewer"}),
        ("put", f"{shop}/members/{uuid_of('bob')}", {"role": "admin"}),
    ):
        assert bob(method, path, body).status_code == 403
    ada("put", f"{shop}/members/{uuid_of('bob')}", {"role": "admin"})
    assert add(bob, shop, "eve").status_code == 201
    assert bob("patch", shop, {"name": "Mine"}).json()["role"] == "admin"


def test_what_is_done_to_members_is_written_down(ada, shop, bob):
    add(ada, shop, "bob")
    member = f"{shop}/members/{uuid_of('bob')}"
    ada("put", member, {"role": "developer"})
    bob("delete", member)
    events = AuditEvent.objects.filter(action__startswith="member.").order_by("id")
    assert list(events.values_list("action", "actor_name", "object_name", "data")) == [
        ("member.added", "ada", "bob", {"role": "viewer"}),
        ("member.changed", "ada", "bob", {"role": "developer"}),
        ("member.removed", "bob", "bob", {}),
    ]
    assert {str(event.project_uuid) for event in events} == {shop.rpartition("/")[2]}
