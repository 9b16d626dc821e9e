"""Every change of a job and a run is written down, with who did it and without a secret."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from jobs import schedule
from jobs.models import Job, Run
from jobs.tests.api import loader, new_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("input_file")]


def lines():
    events = AuditEvent.objects.filter(object_type__in=("job", "run")).order_by("id")
    return [(event.action, event.object_name, event.data) for event in events]


def test_what_is_done_to_a_job_is_written_down_with_who_and_where(ada):
    job = ada("post", "/jobs", new_job()).json()
    path = f"/jobs/{job['job_id']}"
    ada("patch", path, {"is_active": False, "description": "paused"})
    run = ada("post", f"{path}/run").json()
    ada("post", f"/runs/{run['run_id']}/cancel")
    ada("post", f"/runs/{run['run_id']}/retry")
    ada("delete", path)
    assert lines() == [
        ("job.created", "Copy", {}),
        ("job.changed", "Copy", {"fields": ["description", "is_active"]}),
        ("run.started", run["run_id"], {"job": job["job_id"]}),
        ("run.cancelled", run["run_id"], {}),
        ("run.retried", run["run_id"], {}),
        ("job.deleted", "Copy", {}),
    ]
    events = AuditEvent.objects.filter(object_type__in=("job", "run"))
    assert set(events.values_list("actor_name", "address")) == {("ada", "127.0.0.1")}
    project = Job.objects.get().project
    assert set(events.values_list("project_uuid", flat=True)) == {project.uuid}


def test_what_is_refused_or_changes_nothing_leaves_no_line(ada):
    body = new_job()
    job = ada("post", "/jobs", body).json()
    path = f"/jobs/{job['job_id']}"
    assert ada("put", path, body).status_code == 200
    assert ada("put", path, new_job(tasks=[])).status_code == 400
    assert ada("patch", path, {"schedule": "never"}).status_code == 400
    run = ada("post", f"{path}/run").json()
    assert ada("post", f"/runs/{run['run_id']}/retry").status_code == 409
    ada("post", f"/runs/{run['run_id']}/cancel")
    assert ada("post", f"/runs/{run['run_id']}/cancel").status_code == 409
    assert [action for action, *_ in lines()] == ["job.created", "run.started", "run.cancelled"]


def test_no_secret_gets_into_a_line(ada):
    source = {"type": "api", "url": "https://api.example", "auth": "bearer", "token": "tok-12345"}
    tasks = [{"extractor_config": source, "loader_config": loader()}]
    job = ada("post", "/jobs", new_job(tasks=tasks)).json()
    tasks[0]["extractor_config"]["token"] = "tok-67890"
    assert ada("patch", f"/jobs/{job['job_id']}", {"tasks": tasks}).status_code == 200
    assert lines()[-1] == ("job.changed", "Copy", {"fields": ["tasks"]})
    assert "tok-" not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_what_a_schedule_starts_is_nobodys_deed(ada):
    ada("post", "/jobs", new_job(schedule="0 0 9 * * *"))
    schedule.start_due_jobs(timezone.now() + timedelta(days=1))
    assert Run.objects.get().trigger == "scheduler"
    assert [action for action, *_ in lines()] == ["job.created"]
