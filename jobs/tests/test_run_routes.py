"""Runs over the API: cancelled, one after another, tried again, told of."""

import pytest

from jobs import lifecycle
from jobs.models import Job, Kind, Part, Run
from jobs.tests.api import new_job
from jobs.tests.rows import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("input_file")]


def started(api):
    job = api("post", "/jobs", new_job()).json()
    return api("post", f"/jobs/{job['job_id']}/run").json()


def test_a_queued_run_is_cancelled_at_once(ada):
    run = started(ada)
    answer = ada("post", f"/runs/{run['run_id']}/cancel")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["error_message"]) == (
        "failed",
        "The run was cancelled",
    )
    again = ada("post", f"/runs/{run['run_id']}/cancel")
    assert (again.status_code, again.json()["message"]) == (409, "The run has ended already")


def test_runs_of_one_job_come_one_after_another(ada, input_file):
    job = ada("post", "/jobs", new_job()).json()
    first, second = (ada("post", f"/jobs/{job['job_id']}/run").json() for _ in range(2))
    assert [Run.objects.get(uuid=run["run_id"]).status for run in (first, second)] == [
        "queued",
        "created",
    ]
    assert second["status"] == "queued"
    work(Part.objects.filter(run__uuid=first["run_id"]).values_list("pk", flat=True))
    for run in (first, second):
        assert ada("get", f"/runs/{run['run_id']}").json()["status"] == "success"


def test_a_failed_run_can_be_tried_again(ada, input_file):
    run = started(ada)
    (input_file / "in.duckdb").rename(input_file / "away.duckdb")
    work(Part.objects.values_list("pk", flat=True))
    failed = ada("get", f"/runs/{run['run_id']}").json()
    assert failed["status"] == "failed"
    assert "in.duckdb" in failed["error_message"]
    (input_file / "away.duckdb").rename(input_file / "in.duckdb")
    answer = ada("post", f"/runs/{run['run_id']}/retry")
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    work(Part.objects.values_list("pk", flat=True))
    assert ada("get", f"/runs/{run['run_id']}").json()["status"] == "success"
    assert ada("post", f"/runs/{run['run_id']}/retry").status_code == 409


def test_events_tell_what_happened_and_go_on_after_a_seq(ada):
    run = started(ada)
    work(Part.objects.values_list("pk", flat=True))
    answer = ada("get", f"/runs/{run['run_id']}/events")
    events = answer.json()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0].keys() == {"seq", "at", "level", "step", "kind", "message", "data"}
    assert [event["message"] for event in events if event["kind"] != "progress"] == [
        "The run is queued",
        "Task 1 started",
        "Committed 10 rows",
        "10 rows read, 10 written, 0 rejected, 80 bytes",
        "The run succeeded",
    ]
    assert events[-1]["data"] == {"status": "succeeded", "rows": 10, "bytes": 80}
    rest = ada("get", f"/runs/{run['run_id']}/events?after=2").json()
    assert rest == events[2:]
    assert ada("get", f"/runs/{run['run_id']}/events?after=x").status_code == 400


def test_a_broken_connection_of_a_sync_job_is_told_when_it_starts(ada):
    run = started(ada)
    job = Job.objects.get()
    assert job.kind == Kind.TASKS
    config = job.config
    config["tasks"][0]["extractor_config"] = {"type": "duckdb", "connection_id": 9, "table": "t"}
    Job.objects.update(config=config)
    lifecycle.cancel(Run.objects.get().pk)
    answer = ada("post", f"/jobs/{run['job_id']}/run")
    assert answer.status_code == 400
    assert "no such connection" in answer.json()["message"]
