"""Secrets of jobs, changing and deleting them."""

import json
from uuid import uuid4

import pytest

from jobs.models import Job, Run
from jobs.tests.api import extractor, loader, new_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("input_file")]


def secret_job(token="tok-12345"):
    source = {"type": "api", "url": "https://api.example.com", "auth": "bearer", "token": token}
    return new_job(tasks=[{"extractor_config": source, "loader_config": loader()}])


def shown_token(answer):
    return answer.json()["tasks"][0]["extractor_config"]["token"]


def test_a_secret_is_stored_sealed_and_never_answered(ada):
    answer = ada("post", "/jobs", secret_job())
    assert answer.status_code == 200, answer.json()
    assert shown_token(answer) == "********"
    job = answer.json()
    for path in (f"/jobs/{job['job_id']}", "/jobs"):
        assert b"tok-12345" not in ada("get", path).content
    ada("post", f"/jobs/{job['job_id']}/run")
    assert "tok-12345" not in json.dumps([Job.objects.get().config, Run.objects.get().plan])


def test_asterisks_keep_the_stored_secret(ada):
    job = ada("post", "/jobs", secret_job()).json()
    sealed = Job.objects.get().config["tasks"][0]
    answer = ada("put", f"/jobs/{job['job_id']}", secret_job("********"))
    assert shown_token(answer) == "********"
    assert Job.objects.get().config["tasks"][0] == sealed


def test_asterisks_without_a_stored_secret_are_refused(ada):
    answer = ada("post", "/jobs", secret_job("********"))
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "tasks.0.extractor_config.token"


def test_asterisks_do_not_send_a_stored_secret_to_another_server(ada):
    job = ada("post", "/jobs", secret_job()).json()
    sent = secret_job("********")
    sent["tasks"][0]["extractor_config"]["url"] = "https://evil.example.com"
    answer = ada("put", f"/jobs/{job['job_id']}", sent)
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "tasks.0.extractor_config.token"
    assert "enter it anew" in answer.json()["message"]
    assert Job.objects.get().config["tasks"][0]["extractor_config"]["url"] == (
        "https://api.example.com"
    )


def test_put_says_everything_anew_and_keeps_the_tasks_by_their_place(ada):
    job = ada("post", "/jobs", new_job(description="before")).json()
    task = {"extractor_config": extractor(), "loader_config": loader(table_name="other")}
    answer = ada("put", f"/jobs/{job['job_id']}", new_job(job_name="After", tasks=[task, task]))
    assert answer.status_code == 200, answer.json()
    after = answer.json()
    assert (after["job_name"], after["description"]) == ("After", None)
    assert after["tasks"][0]["task_id"] == job["tasks"][0]["task_id"]
    assert after["tasks"][0]["created_at"] == job["tasks"][0]["created_at"]
    assert len({task["task_id"] for task in after["tasks"]}) == 2


def test_patch_changes_what_is_sent_and_nothing_else(ada):
    job = ada("post", "/jobs", new_job(schedule="0 0 9 * * *")).json()
    after = ada("patch", f"/jobs/{job['job_id']}", {"is_active": False}).json()
    assert (after["is_active"], after["next_run_at"]) == (False, None)
    assert (after["job_name"], after["tasks"]) == ("Copy", job["tasks"])
    after = ada("patch", f"/jobs/{job['job_id']}", {"is_active": True}).json()
    assert after["next_run_at"] == job["next_run_at"]


def test_tasks_can_change_places(ada):
    tasks = [
        {"extractor_config": extractor(), "loader_config": loader(table_name=name)}
        for name in ("first", "second")
    ]
    job = ada("post", "/jobs", new_job(tasks=tasks)).json()
    turned = list(reversed(job["tasks"]))
    after = ada("patch", f"/jobs/{job['job_id']}", {"tasks": turned}).json()
    assert [task["task_id"] for task in after["tasks"]] == [task["task_id"] for task in turned]
    unknown = {**turned[0], "task_id": str(uuid4())}
    answer = ada("patch", f"/jobs/{job['job_id']}", {"tasks": [unknown]})
    assert answer.json()["details"]["field"] == "tasks.0.task_id"


def test_a_job_that_is_deleted_is_gone_and_its_runs_are_not(ada):
    job = ada("post", "/jobs", new_job()).json()
    runs = [ada("post", f"/jobs/{job['job_id']}/run").json() for _ in range(2)]
    answer = ada("delete", f"/jobs/{job['job_id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert ada("get", f"/jobs/{job['job_id']}").status_code == 404
    assert ada("post", f"/jobs/{job['job_id']}/run").status_code == 404
    assert ada("get", "/jobs").json() == []
    for run in runs:
        shown = ada("get", f"/runs/{run['run_id']}").json()
        assert (shown["status"], shown["error_message"]) == ("failed", "The run was cancelled")
