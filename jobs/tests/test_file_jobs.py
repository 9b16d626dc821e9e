"""Sync jobs over folders of files: a catalog from a real store, then only what is new."""

import pytest

from connectors.catalog import catalog
from connectors.configuration import validate
from connectors.library.s3 import S3
from connectors.tests.files.sheets import write
from jobs.models import Part, Run
from jobs.tests.api import Api
from jobs.tests.rows import rows_of, work
from tests.contract.subjects import access_to

pytestmark = pytest.mark.django_db(transaction=True)
CURSOR = "_last_modified_time"


@pytest.fixture
def ada(transactional_db):
    """The API for a registered user of Olake's door."""
    return Api("ada", door="olake")


@pytest.fixture(autouse=True)
def _reach_this_machine(settings):
    """Let the private servers be reached."""
    settings.ALLOWED_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def put(s3_store):
    """Put an object into the bucket."""
    client = s3_store.client()
    yield lambda key, text: client.put_object(Bucket=s3_store.bucket, Key=key, Body=text)
    client.close()


def made(ada, kind, config, *streams):
    """Make a job from a source to a DuckDB file; return its number."""
    copy = {"name": "copy", "dest_type": "duckdb", "config": {"db_path": "copy.duckdb"}}
    ends = {}
    source = {"name": "in", "source_type": kind, "config": config}
    for path, word, body in (("sources", "source", source), ("destinations", "dest", copy)):
        answer = ada("post", f"/{path}", body)
        assert answer.status_code == 201, answer.json()
        ends[f"{word}_id"] = answer.json()[f"{word}_id"]
    sent = {"name": "Copy", **ends, "frequency": "", "config": {"streams": list(streams)}}
    answer = ada("post", "/jobs", sent)
    assert answer.status_code == 201, answer.json()
    return answer.json()["job_id"]


def run(ada, job):
    """Start a job by the API and be its worker."""
    started = ada("post", f"/jobs/{job}/run").json()
    work(Part.objects.filter(run__uuid=started["run_id"]).values_list("pk", flat=True))
    done = Run.objects.get(uuid=started["run_id"])
    assert done.status == "succeeded", [event.message for event in done.events.all()]
    return done


def test_streams_of_a_bucket_move_what_is_new(ada, put, s3_store, files, tmp_path):
    config = {
        "bucket_name": s3_store.bucket,
        "path_prefix": "in",
        "endpoint": s3_store.endpoint,
        "access_key_id": s3_store.access_key,
        "secret_access_key": s3_store.secret_key,
        "file_format": "csv",
    }
    put("in/orders/1.csv", "id,total\n1,1.5\n2,2.5\n")
    put("in/people/1.csv", "name\nAda\n")
    source = S3(validate(S3.Settings, config), access_to(tmp_path))
    found = catalog(source.discover())["streams"]
    source.close()
    assert [one["stream"]["namespace"] for one in found] == ["s3", "s3"]
    assert found[0]["stream"]["supported_sync_modes"] == ["full_refresh", "incremental"]
    followed = {"sync_mode": "incremental", "cursor_field": CURSOR, "append_mode": True}
    job = made(ada, "s3", config, *({"stream": {**one["stream"], **followed}} for one in found))
    assert run(ada, job).rows == 3
    assert run(ada, job).rows == 0
    put("in/orders/2.csv", "id,total\n3,3.5\n")
    assert run(ada, job).rows == 1
    rows = rows_of(files / "copy.duckdb", "SELECT id, total FROM orders ORDER BY id")
    assert rows == [(1, 1.5), (2, 2.5), (3, 3.5)]


def test_a_run_tells_of_cells_with_errors(ada, files):
    write(files / "sales.xlsx", ["id", "total"], [1, "#N/A"], [2, 2.5])
    stream = {"name": "Data", "sync_mode": "full_refresh", "options": {"sheet": "Data"}}
    job = made(ada, "excel", {"path": "sales.xlsx"}, {"stream": stream})
    done = run(ada, job)
    assert rows_of(files / "copy.duckdb", 'SELECT * FROM "Data" ORDER BY id') == [
        (1, None),
        (2, 2.5),
    ]
    lines = ada("get", f"/jobs/{job}/task/{done.pk}").json()["data"]
    assert any("sales.xlsx: 1 cells hold errors" in line["message"] for line in lines)


@pytest.mark.parametrize("server", ["s3_store", "sftp_server"])
def test_a_source_is_saved_and_shows_no_secret(ada, request, server):
    reached = request.getfixturevalue(server)
    if server == "sftp_server":
        (reached.folder / "orders").mkdir()
        (reached.folder / "orders/1.csv").write_text("id\n1\n")
        kind, config = "sftp", {**reached.settings, "format": "csv"}
    else:
        request.getfixturevalue("put")("orders/1.csv", "id\n1\n")
        kind = "s3"
        config = {
            "bucket_name": reached.bucket, "endpoint": reached.endpoint, "format": "csv",
            "access_key_id": reached.access_key, "secret_access_key": reached.secret_key,
        }  # fmt: skip
    saved = ada("post", "/sources", {"name": "in", "source_type": kind, "config": config})
    assert saved.status_code == 201, saved.json()
    told = str(ada("get", "/sources").json())
    assert "PRIVATE KEY" not in told
    assert (
        reached.settings["host_key"] in told if kind == "sftp" else reached.secret_key not in told
    )
