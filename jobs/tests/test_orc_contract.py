"""The orc contract to the letter: jobs, runs, and who may see them."""

import json
import re
from datetime import datetime
from uuid import UUID

import pytest
from django.test import Client

from config.api.examples import FOLDER
from jobs.models import Job, Part, Run
from jobs.tests.api import NOBODY, Api, extractor, loader, new_job
from jobs.tests.rows import rows_of, work

CONTRACT = (FOLDER / "orc-rust-ator.md").read_text()
# The one body that the contract prints for a job, and the configurations that go into it.
NEW_JOB = re.search(r"### 3\. Create a New Job.*?```json\n(.*?)```", CONTRACT, re.DOTALL)[1]
API, CSV, PARQUET, DUCKDB = (
    json.loads(text) for text in re.findall(r'`(\{"type": .*?\})`', CONTRACT)
)
DEFINITION = {
    *("job_id", "job_name", "description", "schedule", "is_active"),
    *("created_at", "updated_at"),
}
TASK = {
    *("task_id", "job_id", "task_order", "extractor_config", "loader_config"),
    *("created_at", "updated_at"),
}
RUN = {
    *("run_id", "job_id", "status", "triggered_by", "started_at", "finished_at"),
    *("error_message", "created_at", "updated_at"),
}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("input_file")]


def contract_body(*, is_described):
    """Fill the contract's body in: its comments and alternatives become values."""
    text = NEW_JOB.replace('"string" | null', '"text"' if is_described else "null")
    text = re.sub(r'"schedule": "string", // .*', '"schedule": "0 0 9 * * *",', text)
    text = text.replace(": boolean", ": true")
    configs = iter([json.dumps(extractor()), json.dumps(DUCKDB)])
    return re.sub(r"\{ /\*.*?\*/ \}", lambda _: next(configs), text)


@pytest.mark.parametrize("is_described", [True, False])
def test_the_contracts_body_makes_a_job(ada, is_described):
    answer = ada("post", "/jobs", contract_body(is_described=is_described))
    assert answer.status_code == 200, answer.json()
    job = answer.json()
    assert job.keys() >= DEFINITION
    assert (job["job_name"], job["schedule"], job["is_active"]) == ("string", "0 0 9 * * *", True)
    assert job["description"] == ("text" if is_described else None)
    assert UUID(job["job_id"]).version == 4
    assert job["created_at"].endswith("Z")
    next_run = datetime.fromisoformat(job["next_run_at"])
    assert (next_run.hour, next_run.minute, next_run.second) == (9, 0, 0)


@pytest.mark.parametrize("config", [API, CSV, PARQUET], ids=lambda config: config["type"])
def test_the_contracts_extractors_are_known(ada, config):
    config = {**config, "path": "data.bin"} if "path" in config else config
    task = {"extractor_config": config, "loader_config": DUCKDB}
    answer = ada("post", "/jobs", new_job(tasks=[task]))
    assert answer.status_code == 200, answer.json()
    shown = ada("get", f"/jobs/{answer.json()['job_id']}").json()["tasks"][0]
    assert (shown["extractor_config"], shown["loader_config"]) == (config, DUCKDB)


def test_a_job_is_answered_with_its_tasks_in_order(ada):
    tasks = [
        {"extractor_config": extractor(), "loader_config": loader(table_name=name)}
        for name in ("first", "second")
    ]
    job = ada("post", "/jobs", new_job(tasks=tasks)).json()
    answer = ada("get", f"/jobs/{job['job_id']}")
    assert answer.status_code == 200
    shown = answer.json()
    assert {key: shown[key] for key in DEFINITION} == {key: job[key] for key in DEFINITION}
    assert [task["task_order"] for task in shown["tasks"]] == [1, 2]
    assert all(task.keys() == TASK for task in shown["tasks"])
    assert shown["tasks"][1]["loader_config"]["table_name"] == "second"
    assert shown["tasks"][0]["job_id"] == job["job_id"]


def test_a_job_that_is_started_runs_to_success(ada, input_file):
    job = ada("post", "/jobs", new_job()).json()
    answer = ada("post", f"/jobs/{job['job_id']}/run")
    assert answer.status_code == 200
    run = answer.json()
    assert run.keys() >= RUN
    assert (run["status"], run["triggered_by"], run["job_id"]) == (
        "queued",
        "manual",
        job["job_id"],
    )
    assert (run["started_at"], run["finished_at"], run["error_message"]) == (None, None, None)
    work(Part.objects.values_list("pk", flat=True))
    run = ada("get", f"/runs/{run['run_id']}").json()
    assert (run["status"], run["rows"], run["error_message"]) == ("success", 10, None)
    assert run["started_at"] < run["finished_at"]
    assert rows_of(input_file / "out.duckdb", "SELECT count(*) FROM my_table") == [(10,)]


def test_lists_are_bare_arrays_with_the_newest_first(ada):
    jobs = [ada("post", "/jobs", new_job(job_name=name)).json() for name in ("one", "two")]
    answer = ada("get", "/jobs")
    assert [job["job_name"] for job in answer.json()] == ["two", "one"]
    assert answer.json()[0].keys() >= DEFINITION
    assert "tasks" not in answer.json()[0]
    assert answer["X-Total-Count"] == "2"
    assert [job["job_name"] for job in ada("get", "/jobs?limit=1&offset=1").json()] == ["one"]
    runs = [ada("post", f"/jobs/{job['job_id']}/run").json() for job in jobs]
    listed = ada("get", "/runs").json()
    assert [run["run_id"] for run in listed] == [run["run_id"] for run in reversed(runs)]


@pytest.mark.parametrize("path", ["/jobs", "/runs"])
def test_an_empty_list_is_an_empty_array(ada, path):
    assert ada("get", path).json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", f"/jobs/{NOBODY}"),
        ("put", f"/jobs/{NOBODY}"),
        ("delete", f"/jobs/{NOBODY}"),
        ("post", f"/jobs/{NOBODY}/run"),
        ("get", "/jobs/77"),
        ("get", f"/runs/{NOBODY}"),
        ("post", f"/runs/{NOBODY}/cancel"),
        ("post", f"/runs/{NOBODY}/retry"),
        ("get", f"/runs/{NOBODY}/events"),
    ],
)
def test_what_is_not_there_is_404(ada, method, path):
    for spelling in (path, f"{path}/"):
        answer = ada(method, spelling)
        assert answer.status_code == 404
        assert answer.json()["message"] == "Resource not found"


@pytest.mark.parametrize("path", ["/jobs/nonsense", "/runs/nonsense", "/jobs/12x/run", "/jobs/-1"])
def test_an_id_that_is_none_is_400(ada, path):
    answer = ada("post" if path.endswith("run") else "get", path)
    assert answer.status_code == 400
    assert "neither a number nor a UUID" in answer.json()["message"]


def test_both_spellings_of_an_id_work(ada):
    job = ada("post", "/jobs", new_job()).json()
    assert ada("get", f"/jobs/{job['id']}").json()["job_id"] == job["job_id"]
    run = ada("post", f"/jobs/{job['id']}/run").json()
    assert ada("get", f"/runs/{run['id']}/").json()["run_id"] == run["run_id"]


def test_without_a_token_nothing_opens():
    for path in ("/jobs", "/runs", f"/jobs/{NOBODY}"):
        assert Client().get(path).status_code == 401


def test_in_open_mode_the_local_user_needs_no_token(settings):
    settings.OPEN_ACCESS = True
    nobody = Api()
    job = nobody("post", "/jobs", new_job()).json()
    assert [row["job_id"] for row in nobody("get", "/jobs").json()] == [job["job_id"]]
    assert nobody("post", f"/jobs/{job['job_id']}/run").status_code == 200
    assert Job.objects.get().project.owner.username == "local"


def test_what_is_somebody_elses_is_not_there(ada):
    job = ada("post", "/jobs", new_job()).json()
    run = ada("post", f"/jobs/{job['job_id']}/run").json()
    bob = Api("bob")
    assert bob("get", "/jobs").json() == bob("get", "/runs").json() == []
    for method, path in [
        ("get", f"/jobs/{job['job_id']}"),
        ("put", f"/jobs/{job['id']}"),
        ("delete", f"/jobs/{job['job_id']}"),
        ("post", f"/jobs/{job['job_id']}/run"),
        ("get", f"/runs/{run['run_id']}"),
        ("post", f"/runs/{run['run_id']}/cancel"),
        ("get", f"/runs/{run['run_id']}/events"),
    ]:
        assert bob(method, path).status_code == 404
    assert Run.objects.get().status == "queued"


def test_each_door_lists_its_kind_of_jobs(ada):
    ada("post", "/jobs", new_job())
    other = Api("olaf", door="olake")
    other("post", "/jobs", new_job())
    assert [row["kind"] for row in ada("get", "/jobs").json()] == ["tasks"]
    assert other("get", "/jobs").json() == []
    assert len(other("get", "/jobs?kind=tasks").json()) == 1
    assert len(other("get", "/jobs?kind=all").json()) == 1
    answer = ada("get", "/jobs?kind=everything")
    assert answer.status_code == 400
    assert answer.json()["message"] == "kind must be one of sync, tasks, all"


@pytest.mark.parametrize("path", ["/jobs", "/jobs/1", "/jobs/1/run", "/runs/1", "/runs/1/events"])
def test_options_tell_the_methods_and_look_at_no_row(ada, path):
    answer = ada("options", path)
    assert answer.status_code == 200
    assert answer.json()["methods"] == answer.headers["Allow"].split(", ")
