"""A sync job from MongoDB: all of it, then only what came since."""

from urllib.parse import urlsplit

import pymongo
import pytest
from bson import Decimal128, ObjectId

from jobs.models import Part, Run
from jobs.tests.api import Api
from jobs.tests.rows import rows_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(transactional_db):
    """The API for a registered user of Olake's door."""
    return Api("ada", door="olake")


@pytest.fixture
def orders(mongodb_url):
    """A collection to move."""
    with pymongo.MongoClient(mongodb_url) as client:
        yield client.get_default_database().orders


def ends(ada, url):
    parts = urlsplit(url)
    config = {
        "hosts": [f"{parts.hostname}:{parts.port}"],
        "database": parts.path.strip("/"),
        "authdb": "admin",
        "username": parts.username,
        "password": parts.password,
    }
    source = {"name": "shop", "source_type": "mongodb", "config": config}
    copy = {"name": "copy", "dest_type": "duckdb", "config": {"db_path": "copy.duckdb"}}
    return {
        "source_id": ada("post", "/sources", source).json()["source_id"],
        "dest_id": ada("post", "/destinations", copy).json()["dest_id"],
    }


def run(ada, job):
    """Start a job by the API and be its worker."""
    started = ada("post", f"/jobs/{job}/run").json()
    work(Part.objects.filter(run__uuid=started["run_id"]).values_list("pk", flat=True))
    return Run.objects.get(uuid=started["run_id"])


def test_an_incremental_job_moves_new_documents_once(ada, orders, mongodb_url, files):
    orders.insert_many([{"n": n, "total": Decimal128("1.10"), "at": n // 2} for n in range(10)])
    stream = {
        "name": "orders",
        "namespace": urlsplit(mongodb_url).path.strip("/"),
        "sync_mode": "incremental",
        "cursor_field": "at",
        "source_defined_primary_key": ["_id"],
        "append_mode": True,
        "filter": {"column": "n", "operator": "!=", "value": 3},
    }
    config = {"streams": [{"stream": stream}]}
    sent = {"name": "Copy", "frequency": "", "config": config, **ends(ada, mongodb_url)}
    made = ada("post", "/jobs", sent)
    assert made.status_code == 201, made.json()
    job = made.json()["job_id"]
    first = run(ada, job)
    assert (first.status, first.rows) == ("succeeded", 9)
    odd = ObjectId()
    orders.insert_many([{"n": 20, "at": 4}, {"_id": odd, "n": "many", "at": 5}])
    second = run(ada, job)
    # The filter compares with numbers, and "many" is none.
    assert (second.status, second.rows) == ("succeeded", 1)
    assert run(ada, job).rows == 0
    counted = "SELECT count(*), count(DISTINCT _id), sum(total) FROM orders"
    assert [tuple(map(str, row)) for row in rows_of(files / "copy.duckdb", counted)] == [
        ("10", "10", "9.90")
    ]


def test_what_fits_no_column_is_kept_and_told(ada, orders, mongodb_url, files):
    orders.insert_many([{"n": n} for n in range(1200)])
    orders.update_many({"n": 600}, {"$set": {"n": "many"}})
    stream = {"name": "orders", "sync_mode": "full_refresh"}
    config = {"streams": [{"stream": stream}]}
    sent = {"name": "Copy", "frequency": "", "config": config, **ends(ada, mongodb_url)}
    job = ada("post", "/jobs", sent).json()["job_id"]
    done = run(ada, job)
    assert (done.status, done.rows) == ("succeeded", 1200)
    odd = "SELECT n, _extra FROM orders WHERE _extra IS NOT NULL"
    assert rows_of(files / "copy.duckdb", odd) == [(None, '{"n":"many"}')]
    lines = ada("get", f"/jobs/{job}/task/{done.pk}").json()["data"]
    assert any("1 values of field 'n' are no int64" in line["message"] for line in lines)
