"""Everybody builds in a project of their own, and with nothing of anybody else's."""

import json

import pytest
from django.test import Client

from accounts.models import Membership, Project, User
from accounts.services import create_project
from connectors.models import Connection
from jobs.models import Job, Run
from jobs.tests.api import Api, extractor, loader, new_job

pytestmark = pytest.mark.django_db
WORD = "correct horse"


def send(client, method, path, body=None):
    sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method)(path, **sent)


# Each door's way in: where to sign up, where to log in, and where the token stands in the answer.
DOORS = {
    "orc": (
        ("/auth/register", {"username": "new", "password": WORD}),
        ("/auth/login", {"username": "new", "password": WORD}),
        "token",
    ),
    "olake": (
        ("/signup", {"name": "New", "email": "new@example.com", "password": WORD}),
        ("/login", {"email": "new@example.com", "password": WORD}),
        "token",
    ),
    "etl": (
        (
            "/api/v1/auth/register",
            {"username": "new", "email": "new@example.com", "password": WORD},
        ),
        ("/api/v1/auth/login", {"username": "new", "password": WORD}),
        "access_token",
    ),
    "karyaksham": (
        ("/api/v1/auth/register", {"email": "new@example.com", "password": WORD}),
        ("/api/v1/auth/login", {"username": "new@example.com", "password": WORD}),
        "access_token",
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_who_has_just_signed_up_builds_starts_and_cleans_up(settings, door):
    settings.OPEN_ACCESS = False
    (sign_up, new), (log_in, who), token = DOORS[door]
    assert send(Client(), "post", sign_up, new).status_code in (200, 201)
    answer = send(Client(), "post", log_in, who).json()
    assert User.objects.get().role == "viewer"
    client = Client(headers={"Authorization": f"Bearer {answer[token]}"})
    job = send(client, "post", "/jobs", new_job()).json()
    assert job["project_id"] == Project.objects.get(is_personal=True).pk
    path = f"/jobs/{job['job_id']}"
    run = send(client, "post", f"{path}/run").json()
    for method, address, body in (
        ("patch", path, {"description": "mine"}),
        ("post", f"/runs/{run['run_id']}/cancel", None),
        ("post", f"/runs/{run['run_id']}/retry", None),
        ("get", f"/runs/{run['run_id']}/events", None),
        ("delete", path, None),
        ("post", "/api/v1/projects", {"name": "Shop"}),
        ("post", "/api/v1/api-keys", {"name": "CI"}),
    ):
        assert send(client, method, address, body).status_code < 300, address


@pytest.fixture
def ada(db):
    return Api("ada")


@pytest.fixture
def theirs(db):
    """A project of somebody else's with a connection and a job."""
    eve = Api("eve")
    project = create_project(name="Vault", owner=User.objects.get(username="eve"))
    Connection.objects.create(project=project, name="Vault", connector="duckdb")
    eve("post", "/jobs", new_job(project_id=project.pk))
    return project


def test_no_body_reaches_into_the_project_of_somebody_else(ada, theirs):
    connection, job = theirs.connections.get(), theirs.jobs.get()
    task = job.config["tasks"][0]
    source = {"type": "duckdb", "table": "numbers", "connection_id": str(connection.uuid)}
    stolen = [
        {"extractor_config": source, "loader_config": loader()},
        {
            "task_id": task["task_id"],
            "extractor_config": extractor(),
            "loader_config": loader(),
        },
    ]
    mine = ada("post", "/jobs", new_job()).json()
    for tasks in ([task] for task in stolen):
        for method, path in (("post", "/jobs"), ("put", f"/jobs/{mine['job_id']}")):
            answer = ada(method, path, new_job(tasks=tasks))
            assert answer.status_code == 400
            assert b"Vault" not in answer.content
    assert Job.objects.filter(project=theirs).count() == 1


def test_a_project_that_is_not_seen_gets_nothing_and_tells_nothing(ada, theirs):
    answer = ada("post", "/jobs", new_job(project_id=str(theirs.uuid)))
    assert answer.json()["project_id"] == Project.objects.get(owner__username="ada").pk
    member = {"user": "ada", "role": "admin"}
    refused = ada("post", f"/api/v1/projects/{theirs.uuid}/members", member)
    missing = ada("post", f"/api/v1/projects/{theirs.pk + 1000}/members", member)
    assert refused.status_code == missing.status_code == 404
    assert refused.json()["message"] == missing.json()["message"]
    assert not Membership.objects.exists()


def test_nobody_starts_or_stops_what_is_not_theirs(ada, theirs):
    job = theirs.jobs.get()
    assert ada("post", f"/jobs/{job.pk}/run").status_code == 404
    assert ada("post", f"/jobs/{job.uuid}/run").status_code == 404
    assert not Run.objects.exists()
