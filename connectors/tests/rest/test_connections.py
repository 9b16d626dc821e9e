"""Sources and destinations: saved, listed, changed and taken away as the Olake contract says."""

import json

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Membership, Project, Role, User
from config.api.examples import example
from connectors.models import Connection
from connectors.secrets import MASK

POSTGRES = {
    "host": "db.example.com",
    "port": 5432,
    "database": "app",
    "username": "u",
    "password": "s3cret-enough",
}
KINDS = [("/sources", "source_id", "source_type"), ("/destinations", "dest_id", "dest_type")]


def new(type_name: str, **changes) -> dict:
    """Return a body with the contract's keys."""
    body = {"name": "pg", type_name: "postgres", "config": POSTGRES}
    return {**body, "project_id": 1, "created_by": "me", "updated_by": "me"} | changes


@pytest.mark.parametrize(("path", "id_name", "type_name"), KINDS)
def test_the_contracts_keys_go_in_and_come_out(ada, path, id_name, type_name):
    sent = example("olake", f"POST {path}", "request")
    body = sent | {type_name: "postgres", "config": POSTGRES}
    answer = ada("post", path, body)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert set(example("olake", f"POST {path}", "response")) <= set(made)
    assert isinstance(made[id_name], int)
    assert (made["name"], made[type_name], made["deleted_at"]) == (sent["name"], "postgres", None)
    assert made["created_by"] == made["updated_by"] == "ada"
    assert made["config"] == POSTGRES | {"password": MASK}
    listed = ada("get", path).json()
    assert listed == [made]
    assert set(example("olake", f"GET {path}", "response")[0]) <= set(listed[0])
    changed = ada("put", f"{path}/{made[id_name]}", body | {"name": "new", id_name: 99})
    assert changed.status_code == 200
    assert set(example("olake", f"PUT {path}/:id", "response")) <= set(changed.json())
    assert (changed.json()["name"], changed.json()[id_name]) == ("new", made[id_name])
    gone = ada("delete", f"{path}/{made[id_name]}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert ada("get", path).json() == []
    assert ada("put", f"{path}/{made[id_name]}", body).status_code == 404


def test_a_config_may_come_as_text(ada):
    answer = ada("post", "/sources", new("source_type", config=json.dumps(POSTGRES)))
    assert answer.status_code == 201
    assert answer.json()["config"]["host"] == "db.example.com"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "name is required"),
        ({"source_type": "foo"}, "Unknown connector 'foo'; known: api, "),
        ({"config": 5}, "config must be a JSON object"),
        ({"config": "{"}, "config must be a JSON object"),
        ({"config": POSTGRES | {"prot": 1}}, "prot"),
        ({"config": POSTGRES | {"port": "x"}}, "port"),
        ({"config": {"host": "db.example.com"}}, "database"),
        ({"config": POSTGRES | {"password": MASK}}, "keeps a stored secret, but none is"),
    ],
)
def test_a_source_that_cannot_work_is_refused(ada, changes, told):
    answer = ada("post", "/sources", new("source_type", **changes))
    assert answer.status_code == 400
    assert told in answer.json()["message"]
    assert not Connection.objects.exists()


def test_secrets_are_sealed_and_asterisks_keep_them(ada):
    made = ada("post", "/sources", new("source_type")).json()
    assert "s3cret-enough" not in json.dumps(Connection.objects.get().settings)
    before = Connection.objects.get().settings["password"]
    body = new("source_type", config=made["config"] | {"database": "other"})
    assert ada("put", f"/sources/{made['source_id']}", body).status_code == 200
    assert Connection.objects.get().settings["database"] == "other"
    assert before.keys() == Connection.objects.get().settings["password"].keys()


def test_a_kept_secret_goes_to_no_other_host(ada):
    made = ada("post", "/sources", new("source_type")).json()
    body = new("source_type", config=made["config"] | {"host": "evil.example.com"})
    answer = ada("put", f"/sources/{made['source_id']}", body)
    assert answer.status_code == 400
    assert "password" in answer.json()["message"]


def test_a_name_is_taken_once_for_each_role(ada, bob):
    assert ada("post", "/sources", new("source_type")).status_code == 201
    assert ada("post", "/sources", new("source_type")).status_code == 409
    assert ada("post", "/destinations", new("dest_type")).status_code == 201
    assert bob("post", "/sources", new("source_type")).status_code == 201
    Connection.objects.filter(created_by__username="ada").update(deleted_at=timezone.now())
    assert ada("post", "/sources", new("source_type")).status_code == 201


def test_what_is_somebody_elses_is_not_there(ada, bob):
    made = ada("post", "/sources", new("source_type")).json()
    for number in (made["source_id"], made["uuid"]):
        for method in ("get", "put", "delete"):
            answer = bob(method, f"/sources/{number}", {} if method == "put" else None)
            assert answer.status_code == 404
            assert answer.json()["message"] == "Resource not found"
    assert bob("get", "/sources").json() == []
    assert ada("get", f"/destinations/{made['source_id']}").status_code == 404


def test_a_member_who_reads_may_not_change(ada, bob):
    project = Project.objects.get(owner__username="ada")
    made = ada("post", "/sources", new("source_type")).json()
    member = Membership.objects.create(
        project=project, user=User.objects.get(username="bob"), role=Role.VIEWER
    )
    path = f"/sources/{made['source_id']}"
    assert bob("get", path).status_code == 200
    refused = bob("put", path, new("source_type"))
    assert refused.status_code == 403
    assert refused.json()["message"] == "Insufficient permissions"
    assert bob("post", "/sources", new("source_type", project_id=project.pk)).status_code == 403
    member.role = Role.DEVELOPER
    member.save()
    assert bob("put", path, new("source_type", name="x")).json()["updated_by"] == "bob"


def test_a_project_that_nobody_knows_means_ones_own(ada):
    own = Project.objects.get(owner__username="ada").pk
    for number in (123456, "nonsense", None):
        body = new("source_type", name=f"n{number!r}", project_id=number)
        assert ada("post", "/sources", body).json()["project_id"] == own


def test_a_list_can_be_narrowed(ada):
    ada("post", "/sources", new("source_type"))
    body = new("source_type", name="files", source_type="csv", config={"path": "in"})
    assert ada("post", "/sources", body).status_code == 201
    assert [row["name"] for row in ada("get", "/sources?type=csv").json()] == ["files"]
    assert ada("get", "/sources?type=foo").status_code == 400
    answer = ada("get", "/sources?limit=1")
    assert (len(answer.json()), answer.headers["X-Total-Count"]) == (1, "2")


@pytest.mark.parametrize("path", ["/sources/x", "/sources/-1", "/destinations/1.5"])
def test_an_id_that_is_none_is_400(ada, path):
    assert ada("get", path).status_code == 400


def test_every_change_is_written_down(ada):
    made = ada("post", "/sources", new("source_type")).json()
    ada("put", f"/sources/{made['source_id']}", new("source_type", name="x"))
    ada("delete", f"/sources/{made['source_id']}")
    events = AuditEvent.objects.filter(object_type="connection").order_by("id")
    assert [(event.action, event.actor_name) for event in events] == [
        ("connection.created", "ada"),
        ("connection.changed", "ada"),
        ("connection.deleted", "ada"),
    ]
    assert events[1].data == {"fields": ["name", "settings"]}
