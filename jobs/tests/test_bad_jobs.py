"""Wrong jobs are refused when they are saved, with the field at fault."""

import pytest

from jobs.models import Job
from jobs.tests.api import extractor, loader, new_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("input_file")]


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
        ({"tasks": [{}] * 1001}, "tasks", "1000"),
        ({"tasks": [{}]}, "tasks.0.extractor_config", "required"),
        ({"tasks": ["task"]}, "tasks.0", "dictionary"),
        ({"tasks": [None]}, "tasks.0", "tasks.0 is required"),
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
        ("loader", loader(table="b", table_name="a"), "loader_config.table", "mean the same"),
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


def test_a_link_out_of_the_allowed_folders_is_refused(ada, input_file):
    (input_file / "link").unlink(missing_ok=True)
    (input_file / "link").symlink_to("/etc")
    task = {"extractor_config": extractor(), "loader_config": loader(db_path="link/x.duckdb")}
    answer = ada("post", "/jobs", new_job(tasks=[task]))
    (input_file / "link").unlink()
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
    ],
)
def test_a_new_job_says_by_its_fields_which_kind_it_is(ada, body, text):
    answer = ada("post", "/jobs", body)
    assert answer.status_code == 400
    for name in ("job_name", "tasks", "source_id", "dest_id", "frequency", text):
        assert name in answer.json()["message"]
