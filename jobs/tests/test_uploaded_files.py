"""File jobs that really run, in this process: files of every kind in, the right ones out."""

import errno
import gzip
import json

import polars as pl
import pytest
from django.conf import settings
from django.utils import timezone

from config.objects import object_store
from connectors import access, registry
from connectors.errors import ConfigError
from jobs.models import Checkpoint, FileJob, TargetLease
from jobs.running.origins import access_of, settings_of
from jobs.schedule import sweep
from jobs.tests.files import FILTER, PEOPLE, done, lies_at
from jobs.tests.rows import work

pytestmark = pytest.mark.django_db(transaction=True)


def convert(to_format, **options):
    return {"type": "convert_format", "params": {"to_format": to_format, **options}}


def result(told):
    return lies_at(told["output_object_key"])


def test_the_steps_make_the_result(ada):
    told = done(ada, PEOPLE)
    assert (told["status"], told["error_message"]) == ("COMPLETED", None)
    assert told["output_object_key"] == f"output/{told['id']}/sample_data_processed.csv"
    assert result(told).read_text() == "name,city,age\nAlice,New York,30\nCharlie,New York,35\n"
    assert told["report"] == {"rows_in": 3, "rows_out": 2, "rows_rejected": 0}
    size = len(PEOPLE)
    assert told["progress"] == {"rows": 3, "bytes": size, "percent": 100.0, "eta_seconds": 0}
    assert told["warnings"] == [f"The file has {size} bytes, and 10240 were announced"]


@pytest.mark.parametrize(
    ("to_format", "ending", "read"),
    [
        ("csv", ".csv", pl.read_csv),
        ("tsv", ".tsv", lambda path: pl.read_csv(path, separator="\t")),
        ("json", ".json", pl.read_json),
        ("ndjson", ".ndjson", pl.read_ndjson),
        ("parquet", ".parquet", pl.read_parquet),
        ("arrow", ".arrow", pl.read_ipc),
        ("excel", ".xlsx", pl.read_excel),
    ],
)
def test_a_result_is_in_the_format_that_was_asked_for(ada, to_format, ending, read):
    told = done(ada, PEOPLE, processing_steps=[FILTER, convert(to_format)])
    assert (told["status"], told["error_message"]) == ("COMPLETED", None)
    assert told["output_object_key"].endswith(f"/sample_data_processed{ending}")
    assert read(result(told)).rows() == [("Alice", "New York", 30), ("Charlie", "New York", 35)]


def test_a_step_in_sql_and_a_sort_make_the_result(ada):
    query = "SELECT city, count(*) AS people, avg(age) AS age FROM input GROUP BY city"
    steps = [
        {"type": "sql", "params": {"query": query}},
        {"type": "sort", "params": {"by": ["city"]}},
    ]
    told = done(ada, PEOPLE, processing_steps=steps)
    assert (told["status"], told["error_message"]) == ("COMPLETED", None)
    assert result(told).read_text() == "city,people,age\nLondon,1,25.0\nNew York,2,32.5\n"
    assert told["report"] == {"rows_in": 3, "rows_out": 2, "rows_rejected": 0}


def test_text_stays_written_as_it_was(ada):
    content = PEOPLE.replace(",", ";")
    told = done(ada, content, input_options={"delimiter": ";"}, processing_steps=[])
    assert result(told).read_text() == content
    told = done(ada, PEOPLE.replace(",", "\t"), file_name="a.tsv", processing_steps=[])
    assert result(told).read_text() == PEOPLE.replace(",", "\t")


def test_a_packed_result_says_so_in_its_name(ada):
    told = done(ada, PEOPLE, processing_steps=[convert("csv", compression="gzip")])
    assert told["output_object_key"].endswith("/sample_data_processed.csv.gz")
    assert pl.read_csv(result(told)).height == 3


@pytest.mark.parametrize(
    "name",
    [
        "größe 東京.csv",
        "a[1]*?.csv",
        "100% #1&x=y;.csv",
        "no-ending",
        "x" * 251 + ".csv",
        "ü.csv.gz",
    ],
)
def test_a_name_may_be_any_name(ada, name):
    content = PEOPLE.encode()
    if name.endswith(".gz"):
        content = gzip.compress(content)
    told = done(ada, content, file_name=name, input_options={"format": "csv"})
    assert (told["status"], told["error_message"]) == ("COMPLETED", None)
    assert told["input_object_key"] == f"input/{told['id']}/{name}"
    assert len(result(told).name.encode()) <= 255
    assert result(told).read_text().startswith("name,city,age\nAlice")


def test_what_only_the_file_tells_fails_the_job_with_the_columns_there_are(ada):
    told = done(ada, "id,price\n1,2\n")
    assert told["status"] == "FAILED"
    assert "'city'" in told["error_message"]
    assert "id, price" in told["error_message"]
    assert told["output_object_key"] is None


def test_a_fault_is_told_by_key_and_not_by_where_the_server_keeps_it(ada):
    told = done(ada, b"no parquet", file_name="a.parquet", processing_steps=[])
    assert told["status"] == "FAILED"
    assert f"input/{told['id']}/a.parquet" in told["error_message"]
    assert str(object_store().root) not in json.dumps(told)


def test_nothing_of_a_deleted_job_stays(ada):
    told = done(ada, PEOPLE)
    path = result(told)
    assert ada("delete", f"/api/v1/jobs/{told['id']}").status_code == 204
    assert not path.parent.exists()
    assert ada("get", f"/api/v1/jobs/{told['id']}").status_code == 404
    assert ada("get", "/api/v1/jobs").json() == []
    sweep(timezone.now())
    assert not FileJob.objects.exists()
    assert not Checkpoint.objects.exists()
    assert not TargetLease.objects.exists()


def test_broken_lines_lie_beside_the_result_and_are_counted(ada):
    content = PEOPLE + "Dan,Paris\nEve,New York,41\nFay,Rome,7,8\n"
    told = done(ada, content, processing_steps=[FILTER, convert("parquet")])
    assert (told["status"], told["error_message"]) == ("COMPLETED", None)
    assert told["report"] == {"rows_in": 6, "rows_out": 3, "rows_rejected": 2}
    folder = result(told).parent
    assert result(told).name == "sample_data_processed.parquet"
    rejected = pl.read_csv(folder / "sample_data_rejected.csv")
    assert rejected["file"].to_list() == ["sample_data.csv"] * 2
    assert rejected["line"].to_list() == [5, 7]
    assert rejected["text"].to_list() == ["Dan,Paris", "Fay,Rome,7,8"]
    path = f"/api/v1/jobs/{told['id']}/download-url"
    both = ada("post", path, {}).json()
    assert "sample_data_rejected.csv" in both["rejected_download_url"]
    one = ada("post", path, {"rejected": True}).json()
    assert "sample_data_rejected.csv?" in one["download_url"]
    warning = [event for event in events_of(ada, told) if event["data"].get("rejected")]
    assert [event["data"]["rejected"] for event in warning] == [2]


def events_of(ada, told):
    return ada("get", f"/api/v1/jobs/{told['id']}/events").json()


def test_without_broken_lines_there_is_no_file_of_them(ada):
    told = done(ada, PEOPLE)
    path = f"/api/v1/jobs/{told['id']}/download-url"
    assert ada("post", path, {}).json()["rejected_download_url"] is None
    answer = ada("post", path, {"rejected": True})
    assert (answer.status_code, answer.json()["message"]) == (400, "No rows were rejected")


def test_a_job_may_refuse_every_broken_line(ada):
    told = done(ada, PEOPLE + "Dan,Paris\n", input_options={"bad_lines": "error"})
    assert told["status"] == "FAILED"
    assert told["output_object_key"] is None


def test_a_job_that_failed_is_tried_again_on_the_same_file(ada):
    told = done(ada, "id,price\n1,2\n")
    job = FileJob.objects.get()
    lies_at(job.input_key).write_text(PEOPLE)
    again = ada("post", f"/api/v1/jobs/{told['id']}/retry").json()
    assert (again["status"], again["error_message"]) == ("QUEUED", None)
    work(job.run.parts.values_list("pk", flat=True))
    told = ada("get", f"/api/v1/jobs/{told['id']}").json()
    assert (told["status"], told["report"]["rows_out"]) == ("COMPLETED", 2)
    assert ada("post", f"/api/v1/jobs/{told['id']}/retry").status_code == 409
    assert ada("post", f"/api/v1/jobs/{told['id']}/cancel").status_code == 400


def test_a_connection_of_a_user_never_reaches_the_objects(ada):
    told = done(ada, PEOPLE)
    path = str(result(told))
    body = {"name": "Mine", "source_type": "csv", "config": {"path": path}}
    answer = ada("post", "/sources", body)
    assert answer.status_code == 400
    assert "outside of the folders" in answer.json()["message"]


def test_an_end_of_a_file_job_reaches_the_objects_and_nothing_else(ada, tmp_path):
    job = FileJob.objects.get(uuid=done(ada, PEOPLE)["id"])
    allowed = access_of("file:x/input", access.installation(tmp_path))
    stored = settings_of(f"file:{job.uuid}/input", run=job.run)
    plugin = registry.source("csv")
    assert plugin(plugin.Settings(**stored), allowed).discover()
    for closed in (settings.FILES_DIR / "a.csv", settings.DATA_DIR / "millrace.sqlite3", tmp_path):
        with pytest.raises(ConfigError, match="outside of the folders"):
            plugin(plugin.Settings(path=str(closed)), allowed).judge()


def test_a_plan_opens_the_file_of_its_own_job_alone(ada):
    first, second = (FileJob.objects.get(uuid=done(ada, PEOPLE)["id"]) for _ in range(2))
    with pytest.raises(ConfigError, match="was deleted"):
        settings_of(f"file:{second.uuid}/input", run=first.run)


def test_a_full_disk_fails_the_job_with_its_reason(ada, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("connectors.files.folders.Folder.make", full)
    monkeypatch.setattr("django.conf.settings.RUN_MAX_ATTEMPTS", 1)
    told = done(ada, PEOPLE)
    assert told["status"] == "FAILED"
    assert "disk is full" in told["error_message"]
