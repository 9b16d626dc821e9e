"""The job and run routes: the orc contract to the letter, and what stands beside it."""

import json
import re
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client

from accounts import tokens
from accounts.services import register
from jobs import lifecycle
from jobs.models import Job, Kind, Part, Run
from jobs.tests.rows import make_table, rows_of, work

CONTRACT = (Path(__file__).parent / "data" / "orc.md").read_text()
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
NOBODY = "11111111-1111-4111-8111-111111111111"

pytestmark = pytest.mark.django_db(transaction=True)


class Api:
    """A client of the API with somebody's token."""

    def __init__(self, username=None, door="orc"):
        headers = {}
        if username:
            user = register(username=username, password="correct horse")
            headers["Authorization"] = f"Bearer {tokens.issue(user, door=door)}"
        self.client = Client(headers=headers)

    def __call__(self, method, path, body=None):
        text = body if isinstance(body, str) else json.dumps(body)
        sent = {} if body is None else {"data": text, "content_type": "application/json"}
        return getattr(self.client, method)(path, **sent)


@pytest.fixture
def ada():
    return Api("ada")


@pytest.fixture(autouse=True)
def files():
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    for path in settings.FILES_DIR.glob("*.duckdb*"):
        path.unlink()
    make_table(settings.FILES_DIR / "in.duckdb", "numbers", "SELECT range AS n FROM range(10)")
    return settings.FILES_DIR


def extractor(**changes):
    return {"type": "duckdb", "db_path": "in.duckdb", "table": "numbers"} | changes


def loader(**changes):
    return {"type": "duckdb", "db_path": "out.duckdb", "table_name": "my_table"} | changes


def new_job(**changes):
    tasks = [{"extractor_config": extractor(), "loader_config": loader()}]
    body = {"job_name": "Copy", "schedule": "@manual", "is_active": True, "tasks": tasks}
    return body | changes


# --- The contract ------------------------------------------------------------------------------


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


def test_a_job_that_is_started_runs_to_success(ada, files):
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
    assert rows_of(files / "out.duckdb", "SELECT count(*) FROM my_table") == [(10,)]


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


# --- Who asks ----------------------------------------------------------------------------------


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


# --- Bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"job_name": ""}, "job_name", "required"),
        ({"job_name": None}, "job_name", "required"),
        ({"job_name": "x" * 256}, "job_name", "255"),
        ({"schedule": "every now and then"}, "schedule", "every now and then"),
        ({"is_active": "perhaps"}, "is_active", "boolean"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "Mars/Olympus"),
        ({"overlap": "perhaps"}, "overlap", "perhaps"),
        ({"max_attempts": 0}, "max_attempts", "1"),
        ({"tasks": []}, "tasks", "at least 1"),
        ({"tasks": {}}, "tasks", "list"),
        ({"tasks": [{}]}, "tasks.0.extractor_config", "required"),
        ({"tasks": ["task"]}, "tasks.0", "dictionary"),
    ],
)
def test_a_wrong_field_is_named(ada, changes, field, text):
    answer = ada("post", "/jobs", new_job(**changes))
    assert answer.status_code == 400, answer.json()
    problem = answer.json()
    assert field in [fault["field"] for fault in problem["errors"]]
    assert text in problem["message"]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("end", "config", "field", "text"),
    [
        ("extractor", "text", "extractor_config", "JSON object"),
        ("extractor", {}, "extractor_config.type", "`type` is missing; known"),
        ("extractor", {"type": "foo"}, "extractor_config.type", "'foo'; known: api, "),
        ("extractor", extractor(tabel="x"), "extractor_config.tabel", "'tabel'; known: "),
        ("extractor", {"type": "duckdb", "table": "t"}, "extractor_config.db_path", "required"),
        ("extractor", extractor(table=7), "extractor_config.table", "string"),
        ("loader", {"type": "api", "url": "https://x.example"}, "loader_config.type", "written"),
        ("loader", loader(mode="sometimes"), "loader_config.mode", "replace"),
        ("loader", loader(mode="upsert"), "loader_config", "key"),
        ("loader", loader(db_path="/etc/x.duckdb"), "loader_config.db_path", "FILE_ROOTS"),
        ("loader", loader(db_path="../keys/x.duckdb"), "loader_config.db_path", "FILE_ROOTS"),
        ("extractor", extractor(db_path="/etc/x.duckdb"), "extractor_config.db_path", "FILE_ROOTS"),
        (
            "extractor",
            {"type": "csv", "path": "/etc/passwd"},
            "extractor_config.path",
            "FILE_ROOTS",
        ),
        ("extractor", {"type": "csv", "path": ".env/x.csv"}, "extractor_config.path", "dot"),
        (
            "extractor",
            {"type": "csv", "path": "http://10.0.0.1/x.csv"},
            "extractor_config.path",
            "10.0.0.1",
        ),
        ("loader", loader(connection_id=1), "loader_config.connection_id", "not both"),
        (
            "loader",
            {"type": "duckdb", "table": "t", "connection_id": 1},
            "loader_config.connection_id",
            "no such connection",
        ),
        (
            "extractor",
            {"type": "api", "url": "http://169.254.169.254/latest"},
            "extractor_config.url",
            "169.254.169.254",
        ),
    ],
)
def test_a_wrong_setting_is_told_when_it_is_saved(ada, end, config, field, text):
    task = {"extractor_config": extractor(), "loader_config": loader()}
    task[f"{end}_config"] = config
    answer = ada("post", "/jobs", new_job(tasks=[task]))
    assert answer.status_code == 400, answer.json()
    problem = answer.json()
    assert problem["details"]["field"] == f"tasks.0.{field}"
    assert text in problem["message"]
    assert not Job.objects.exists()


def test_a_link_out_of_the_allowed_folders_is_refused(ada, files, tmp_path):
    (files / "link").unlink(missing_ok=True)
    (files / "link").symlink_to("/etc")
    task = {"extractor_config": extractor(), "loader_config": loader(db_path="link/x.duckdb")}
    answer = ada("post", "/jobs", new_job(tasks=[task]))
    (files / "link").unlink()
    assert answer.status_code == 400
    assert "outside of the folders" in answer.json()["message"]


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "7", "null", ""])
def test_a_body_that_is_no_object_is_refused(ada, body):
    assert ada("post", "/jobs", body).status_code == 400


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "one of the two"),
        ({"name": "x"}, "one of the two"),
        (new_job(source_id=1, dest_id=2), "not both"),
        ({"name": "x", "source_id": 1, "dest_id": 2, "frequency": "daily"}, "sync job"),
    ],
)
def test_a_new_job_says_by_its_fields_which_kind_it_is(ada, body, text):
    answer = ada("post", "/jobs", body)
    assert answer.status_code == 400
    for name in ("job_name", "tasks", "source_id", "dest_id", "frequency", text):
        assert name in answer.json()["message"]


# --- Secrets -----------------------------------------------------------------------------------


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


# --- Changing, deleting ------------------------------------------------------------------------


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


# --- Runs --------------------------------------------------------------------------------------


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


def test_runs_of_one_job_come_one_after_another(ada, files):
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


def test_a_failed_run_can_be_tried_again(ada, files):
    run = started(ada)
    (files / "in.duckdb").rename(files / "away.duckdb")
    work(Part.objects.values_list("pk", flat=True))
    failed = ada("get", f"/runs/{run['run_id']}").json()
    assert failed["status"] == "failed"
    assert "in.duckdb" in failed["error_message"]
    (files / "away.duckdb").rename(files / "in.duckdb")
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
