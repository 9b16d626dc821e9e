"""Sync jobs by the Olake contract: made, run, changed, and what their history tells."""

import pytest
from django.conf import settings

from accounts.models import Project
from config.api.examples import example
from connectors import access, registry
from connectors.catalog import catalog
from jobs.models import Job, Part, Run
from jobs.tests.api import Api
from jobs.tests.rows import make_table, rows_of, work

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = "SELECT range::BIGINT AS id, range % 3 AS kind, range AS version FROM range({})"


@pytest.fixture
def ada(transactional_db):
    """The API for a registered user of Olake's door."""
    return Api("ada", door="olake")


@pytest.fixture
def shop(files):
    """A database with a table to copy."""
    make_table(files / "shop.duckdb", "orders", ORDERS.format(10))
    make_table(files / "shop.duckdb", "kinds", "SELECT range AS kind FROM range(3)")
    return files / "shop.duckdb"


@pytest.fixture
def ends(ada, shop):
    """A source and a destination, by their numbers."""
    source = {"name": "shop", "source_type": "duckdb", "config": {"db_path": "shop.duckdb"}}
    copy = {"name": "copy", "dest_type": "duckdb", "config": {"db_path": "copy.duckdb"}}
    return {
        "source_id": ada("post", "/sources", source).json()["source_id"],
        "dest_id": ada("post", "/destinations", copy).json()["dest_id"],
    }


def stream(name="orders", **said):
    return {"stream": {"name": name, "namespace": "main", "sync_mode": "full_refresh", **said}}


def body(ends, *streams, **changes):
    sent = {"name": "Copy", **ends, "frequency": "", "config": {"streams": list(streams)}}
    return sent | changes


def run(ada, job):
    """Start a job by the API and be its worker."""
    started = ada("post", f"/jobs/{job}/run")
    assert started.status_code == 200, started.json()
    work(Part.objects.filter(run__uuid=started.json()["run_id"]).values_list("pk", flat=True))
    return Run.objects.get(uuid=started.json()["run_id"])


def test_the_contracts_keys_go_in_and_come_out(ada, ends):
    sent = example("olake", "POST /jobs", "request") | ends
    sent |= {"frequency": "hourly", "config": {}, "connected": True, "project_id": None}
    made = ada("post", "/jobs", sent)
    assert made.status_code == 201, made.json()
    job = made.json()
    assert set(example("olake", "POST /jobs", "response")) <= set(job)
    assert (job["frequency"], job["schedule"], job["connected"]) == ("hourly", "0 * * * *", True)
    nothing = dict.fromkeys(("last_run_time", "last_run_state", "last_run_type"))
    assert job["last_sync_state"] == nothing
    assert (job["created_by"], job["deleted_at"], job["status"]) == ("ada", None, "active")
    assert job["next_run_at"]
    (listed,) = ada("get", "/jobs").json()
    assert listed == job
    assert set(example("olake", "GET /jobs", "response")[0]) <= set(listed)
    change = example("olake", "PUT /jobs/:id", "request") | ends | {"config": {}, "frequency": ""}
    changed = ada("put", f"/jobs/{job['job_id']}", change | {"connected": False})
    assert changed.status_code == 200, changed.json()
    assert set(example("olake", "PUT /jobs/:id", "response")) <= set(changed.json())
    assert (changed.json()["status"], changed.json()["next_run_at"]) == ("paused", None)
    gone = ada("delete", f"/jobs/{job['job_id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert ada("get", "/jobs").json() == []


def test_a_run_moves_the_chosen_streams_and_the_history_tells_of_each(ada, ends, files):
    sent = body(ends, stream(), stream("kinds", destination_table="types"))
    job = ada("post", "/jobs", sent).json()["job_id"]
    done = run(ada, job)
    assert (done.status, done.rows) == ("succeeded", 13)
    assert rows_of(files / "copy.duckdb", "SELECT count(*) FROM orders") == [(10,)]
    assert rows_of(files / "copy.duckdb", "SELECT count(*) FROM types") == [(3,)]
    (told,) = ada("get", f"/jobs/{job}/history").json()["data"]
    assert set(example("olake", "GET /jobs/:id/history", "response")["data"][0]) <= set(told)
    assert (told["status"], told["id"], type(told["runtime"])) == ("success", done.pk, int)
    streams = {one["stream"]: one for one in told["streams"]}
    assert streams["main.orders"]["rows_read"] == streams["main.orders"]["rows_written"] == 10
    assert ada("get", f"/jobs/{job}/tasks").json()["data"] == [told]
    (row,) = ada("get", "/jobs").json()
    assert row["last_sync_state"]["last_run_state"] == "success"
    assert row["last_sync_state"]["last_run_time"]


def test_the_log_of_a_task_is_lines_of_text(ada, ends):
    job = ada("post", "/jobs", body(ends, stream())).json()["job_id"]
    done = run(ada, job)
    answer = ada("get", f"/jobs/{job}/task/{done.pk}")
    assert answer.status_code == 200
    lines = answer.json()["data"]
    assert set(example("olake", "GET /jobs/:id/task/:taskid", "response")["data"][0]) <= set(
        lines[0]
    )
    assert all(isinstance(line["message"], str) for line in lines)
    assert any("Committed 10 rows" in line["message"] for line in lines)
    rest = ada("get", f"/jobs/{job}/task/{done.pk}?after={lines[0]['seq']}").json()["data"]
    assert rest == lines[1:]
    assert ada("get", f"/jobs/{job}/task/123456").status_code == 404
    other = ada("post", "/jobs", body(ends, name="other")).json()["job_id"]
    assert ada("get", f"/jobs/{other}/task/{done.pk}").status_code == 404


def test_an_incremental_stream_moves_only_what_is_new(ada, ends, shop, files):
    chosen = stream(sync_mode="incremental", cursor_field="version", primary_key=["id"])
    job = ada("post", "/jobs", body(ends, chosen)).json()["job_id"]
    assert run(ada, job).rows == 10
    make_table(shop, "orders", ORDERS.format(14))
    assert run(ada, job).rows == 4
    assert run(ada, job).rows == 0
    assert rows_of(files / "copy.duckdb", "SELECT count(*) FROM orders") == [(14,)]


def test_columns_and_a_filter_choose_what_is_moved(ada, ends, files):
    chosen = {
        "stream_name": "orders",
        "selected_columns": {"columns": ["id"], "sync_new_columns": False},
        "filter_config": {
            "logical_operator": "AND",
            "conditions": [
                {"column": "kind", "operator": "=", "value": 0},
                {"column": "id", "operator": ">=", "value": 3},
            ],
        },
    }
    config = {"streams": [stream()], "selected_streams": {"main": [chosen]}}
    job = ada("post", "/jobs", body(ends, config=config)).json()["job_id"]
    assert run(ada, job).rows == 3
    assert rows_of(files / "copy.duckdb", "SELECT * FROM orders ORDER BY id") == [(3,), (6,), (9,)]


@pytest.mark.parametrize(("path", "pattern"), [("p.csv", "p.csv"), ("in*.csv", "in1.csv")])
def test_the_catalog_of_files_is_a_job_as_it_is(ada, ends, files, path, pattern):
    (files / pattern).write_text("id,name\n1,Ada\n2,Grace\n")
    source = {"name": path, "source_type": "csv", "config": {"path": path}}
    number = ada("post", "/sources", source).json()["source_id"]
    found = registry.source("csv")
    opened = found(found.Settings(path=path), access.installation())
    config = catalog(opened.discover())
    job = ada("post", "/jobs", body({**ends, "source_id": number}, config=config))
    assert job.status_code == 201, job.json()
    done = run(ada, job.json()["job_id"])
    assert (done.status, done.rows, done.error_message) == ("succeeded", 2, "")
    (files / pattern).unlink()


def test_a_stream_that_breaks_does_not_undo_the_others(ada, ends, files):
    job = ada("post", "/jobs", body(ends, stream(), stream("missing"))).json()["job_id"]
    assert run(ada, job).status == "partial"
    assert rows_of(files / "copy.duckdb", "SELECT count(*) FROM orders") == [(10,)]
    (told,) = ada("get", f"/jobs/{job}/history").json()["data"]
    assert told["status"] == "partial"
    errors = {one["stream"]: one["error"] for one in told["streams"]}
    assert errors["main.orders"] == ""
    assert "missing" in errors["main.missing"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "name is required"),
        ({"source_id": 123456}, "There is no source with this number"),
        ({"dest_id": 123456}, "There is no destination with this number"),
        ({"frequency": "sometimes"}, "sometimes"),
        ({"config": 5}, "config must be a JSON object"),
        ({"config": {"streams": [{}]}}, "config.streams.0 needs a name"),
        ({"config": {"streams": [stream(sync_mode="cdc")]}}, "cdc is not offered yet"),
        ({"config": {"streams": [stream(sync_mode="incremental")]}}, "needs cursor_field"),
        *(
            (
                {"config": {"streams": [stream(), stream("kinds", destination_table=table)]}},
                "would both fill 'orders'",
            )
            for table in ("orders", "ORDERS", '"orders"', "main.orders")
        ),
        (
            {"config": {"streams": [{"name": "a", "filter": {"column": "x", "operator": "?"}}]}},
            "operator",
        ),
    ],
)
def test_a_job_that_cannot_work_is_refused(ada, ends, changes, told):
    answer = ada("post", "/jobs", body(ends, stream(), **changes))
    assert answer.status_code == 400
    assert told in answer.json()["message"]
    assert not Job.objects.exists()


def test_a_job_without_streams_is_kept_and_says_so_when_it_is_started(ada, ends):
    job = ada("post", "/jobs", body(ends)).json()["job_id"]
    answer = ada("post", f"/jobs/{job}/run")
    assert answer.status_code == 400
    assert "selects no streams" in answer.json()["message"]


def test_a_name_is_taken_once(ada, ends):
    assert ada("post", "/jobs", body(ends)).status_code == 201
    assert ada("post", "/jobs", body(ends)).status_code == 409


def test_what_a_job_uses_is_not_deleted_and_tells_its_jobs(ada, ends):
    job = ada("post", "/jobs", body(ends)).json()
    for path, name in (("/sources", "source_id"), ("/destinations", "dest_id")):
        refused = ada("delete", f"{path}/{ends[name]}")
        assert refused.status_code == 409
        assert "Copy" in refused.json()["message"]
        answer = ada("get", f"{path}/{ends[name]}/jobs").json()
        keys = example("olake", f"GET {path}/:id/jobs", "response")["jobs"][0]
        assert answer == {"jobs": [job]}
        assert set(keys) <= set(job)
    ada("delete", f"/jobs/{job['job_id']}")
    assert ada("delete", f"/sources/{ends['source_id']}").status_code == 204


def test_others_see_nothing_of_it(ada, ends):
    job = ada("post", "/jobs", body(ends, stream())).json()
    task = run(ada, job["job_id"]).pk
    bob = Api("bob", door="olake")
    for path in ("", "/history", "/tasks", f"/task/{task}"):
        assert bob("get", f"/jobs/{job['job_id']}{path}").status_code == 404
    assert bob("get", f"/sources/{ends['source_id']}/jobs").status_code == 404
    assert bob("post", "/jobs", body(ends, name="mine")).status_code == 400


def test_open_mode_opens_orcs_routes_and_not_olakes(ada, ends, settings):
    settings.OPEN_ACCESS = True
    nobody = Api()
    assert nobody("post", "/jobs", body(ends)).status_code == 401
    assert nobody("get", "/jobs/1/history").status_code == 401
    assert nobody("get", "/jobs").status_code == 200


def test_a_job_belongs_with_its_source_where_no_project_is_named(ada, ends):
    made = ada("post", "/jobs", body(ends)).json()
    assert made["project_id"] == Project.objects.get(owner__username="ada").pk


def test_lists_show_each_kind_in_its_shape(ada, ends):
    ada("post", "/jobs", body(ends))
    task = {
        "extractor_config": {"type": "duckdb", "db_path": "shop.duckdb", "table": "orders"},
        "loader_config": {"type": "duckdb", "db_path": "o.duckdb", "table_name": "t"},
    }
    ada("post", "/jobs", {"job_name": "Task", "tasks": [task]})
    rows = ada("get", "/jobs?kind=all").json()
    assert [row["kind"] for row in rows] == ["tasks", "sync"]
    assert [type(row["job_id"]) for row in rows] == [str, int]
    assert [row["kind"] for row in ada("get", "/jobs").json()] == ["sync"]


def test_the_folder_of_files_is_the_platforms_own():
    assert settings.FILES_DIR.is_dir()
