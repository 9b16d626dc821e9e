"""Jobs in shared projects: where a new one goes, who changes it, and what its runs may use."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Membership, Project, Role, User
from config.live.rooms import Entry
from connectors.errors import ConfigError
from connectors.models import Connection
from jobs import rooms, schedule
from jobs.compiling import compile_job
from jobs.models import Job, Kind, Run
from jobs.running import origins
from jobs.tests.api import NOBODY, Api, extractor, loader, new_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("input_file")]
FIXED = "Insufficient permissions"


@pytest.fixture
def shop(ada):
    """A project of ada's that others can join."""
    return services.create_project(name="Shop", owner=User.objects.get(username="ada"))


@pytest.fixture
def bob(shop):
    """A client of somebody who may change the shop."""
    api = Api("bob")
    join(shop, "bob", Role.DEVELOPER)
    return api


def join(project, username, role):
    user = User.objects.get(username=username)
    services.set_member(project=project, user=user, role=role, by=project.owner)


def own(username):
    return Project.objects.get(owner__username=username, is_personal=True)


def connection_of(project):
    settings = {"db_path": "in.duckdb"}
    return Connection.objects.create(
        project=project, name="Numbers", connector="duckdb", settings=settings
    )


def test_a_job_goes_into_the_project_that_is_named_by_number_or_uuid(ada, bob, shop):
    for api, reference in ((ada, shop.pk), (ada, str(shop.uuid)), (bob, str(shop.pk))):
        job = api("post", "/jobs", new_job(project_id=reference)).json()
        assert job["project_id"] == shop.pk
        assert Job.objects.get(uuid=job["job_id"]).project == shop


def test_a_project_that_is_not_named_or_not_seen_means_ones_own(ada, shop):
    eve, mine = Api("eve"), own("eve")
    for reference in (None, shop.pk, str(shop.uuid), 999999, NOBODY):
        assert eve("post", "/jobs", new_job(project_id=reference)).json()["project_id"] == mine.pk
    assert eve("post", "/jobs", new_job()).json()["project_id"] == mine.pk


@pytest.mark.parametrize("reference", ["shop", "", 1.5, True, [], {}, -1, 10**30])
def test_what_names_no_project_is_refused(ada, reference):
    answer = ada("post", "/jobs", new_job(project_id=reference))
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "project_id"


def test_a_viewer_reads_what_is_there_and_changes_nothing(ada, shop):
    job = ada("post", "/jobs", new_job(project_id=shop.pk)).json()
    run = ada("post", f"/jobs/{job['job_id']}/run").json()
    eve = Api("eve")
    join(shop, "eve", Role.VIEWER)
    path = f"/jobs/{job['job_id']}"
    assert eve("get", path).json() == ada("get", path).json()
    for method, body in (("put", new_job()), ("patch", {"is_active": False}), ("delete", None)):
        answer = eve(method, path, body)
        assert (answer.status_code, answer.json()["message"]) == (403, FIXED)
    assert eve("post", f"{path}/run").json()["message"] == FIXED
    assert eve("post", f"/runs/{run['run_id']}/cancel").status_code == 403
    answer = eve("post", "/jobs", new_job(project_id=shop.pk))
    assert (answer.status_code, answer.json()["message"]) == (403, FIXED)
    assert Job.objects.count() == 1


def test_a_role_that_was_changed_or_taken_away_holds_at_once(ada, bob, shop):
    job = ada("post", "/jobs", new_job(project_id=shop.pk)).json()
    path = f"/jobs/{job['job_id']}"
    assert bob("patch", path, {"description": "mine"}).status_code == 200
    join(shop, "bob", Role.VIEWER)
    assert bob("patch", path, {"description": "again"}).status_code == 403
    Membership.objects.all().delete()
    assert bob("get", path).status_code == 404


def test_a_job_cannot_be_moved_to_another_project(ada, shop):
    job = ada("post", "/jobs", new_job(project_id=shop.pk)).json()
    path = f"/jobs/{job['job_id']}"
    for method, changes in (("put", new_job()), ("patch", {})):
        for reference in (own("ada").pk, str(own("ada").uuid), NOBODY):
            answer = ada(method, path, {**changes, "project_id": reference})
            assert answer.status_code == 400
            assert "stays in its project" in answer.json()["message"]
        answer = ada(method, path, {**changes, "project_id": str(shop.uuid)})
        assert answer.json()["project_id"] == shop.pk


def test_a_connection_of_another_project_is_not_there(ada):
    Api("eve")
    theirs, mine = connection_of(own("eve")), connection_of(own("ada"))
    source = {"type": "duckdb", "table": "numbers"}
    for reference in (theirs.pk, str(theirs.uuid), 999999, NOBODY):
        tasks = [
            {
                "extractor_config": {**source, "connection_id": reference},
                "loader_config": loader(),
            }
        ]
        answer = ada("post", "/jobs", new_job(tasks=tasks))
        assert answer.status_code == 400
        assert answer.json()["message"] == "There is no such connection in this project"
    tasks[0]["extractor_config"]["connection_id"] = mine.pk
    assert ada("post", "/jobs", new_job(tasks=tasks)).status_code == 200


def test_a_worker_opens_no_connection_of_another_project(ada):
    Api("eve")
    theirs, mine = connection_of(own("eve")), connection_of(own("ada"))
    run = Run(project=own("ada"), plan={})
    assert origins.settings_of(f"connection:{mine.uuid}", run=run) == mine.settings
    with pytest.raises(ConfigError, match="was deleted"):
        origins.settings_of(f"connection:{theirs.uuid}", run=run)


def test_a_sync_job_that_names_a_connection_of_another_project_reads_nothing(ada):
    Api("eve")
    theirs, mine = connection_of(own("eve")), connection_of(own("ada"))
    stream = {"stream": "numbers", "mode": "full_refresh", "read": {"table": "numbers"}}
    job = Job.objects.create(
        project=own("ada"),
        kind=Kind.SYNC,
        name="Theft",
        source=theirs,
        destination=mine,
        config={"streams": [stream]},
    )
    extract = compile_job(job).parts[0].steps[0]
    with pytest.raises(ConfigError, match="was deleted"):
        origins.settings_of(extract.origin, run=Run(project=job.project, job=job, plan={}))


def test_a_run_is_watched_by_those_who_may_read_it(ada, bob, shop):
    job = ada("post", "/jobs", new_job(project_id=shop.pk)).json()
    run = ada("post", f"/jobs/{job['job_id']}/run").json()["run_id"]
    Api("eve")
    root = User.objects.create_superuser("root", password="correct horse")
    entries = {
        user.username: rooms.may_enter(user, run)
        for user in (root, *User.objects.filter(username__in=("ada", "bob", "eve")))
    }
    allowed = dict.fromkeys(("root", "ada", "bob"), Entry.ALLOWED)
    assert entries == {**allowed, "eve": Entry.MISSING}


def test_the_schedules_of_somebody_who_was_shut_out_go_on(ada):
    job = ada("post", "/jobs", new_job(schedule="0 0 9 * * *", tasks=[copy()])).json()
    user = User.objects.get(username="ada")
    services.deactivate(user=user, by=None)
    assert ada("get", "/jobs").status_code == 401
    schedule.start_due_jobs(timezone.now() + timedelta(days=1))
    assert str(Run.objects.get().job.uuid) == job["job_id"]


def copy():
    return {"extractor_config": extractor(), "loader_config": loader()}
