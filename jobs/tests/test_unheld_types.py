"""Types that a destination lacks: refused when the job is saved, or stored as text."""

from shutil import rmtree

import pytest

from connectors import access, registry
from connectors.catalog import catalog
from jobs.models import Part, Run
from jobs.tests.api import Api
from jobs.tests.rows import make_table, work

pytestmark = pytest.mark.django_db(transaction=True)

MAKE = "SELECT 1 AS id, [1, NULL] AS marks, '\\x00\\xFF'::BLOB AS raw"


@pytest.fixture
def ada(transactional_db):
    """The API for a registered user of Olake's door."""
    return Api("ada", door="olake")


@pytest.fixture
def ends(ada, files):
    """A DuckDB file that holds a list and bytes, and a folder of CSV files, which can neither."""
    make_table(files / "shop.duckdb", "orders", MAKE)
    source = {"name": "shop", "source_type": "duckdb", "config": {"db_path": "shop.duckdb"}}
    csv = {"name": "csv", "dest_type": "csv", "config": {"path": "out"}}
    rmtree(files / "out", ignore_errors=True)
    return {
        "source_id": ada("post", "/sources", source).json()["source_id"],
        "dest_id": ada("post", "/destinations", csv).json()["dest_id"],
    }


@pytest.fixture
def stream(ends, files):
    """The stream as the catalog prints it."""
    plugin = registry.source("duckdb")
    source = plugin(plugin.Settings(db_path="shop.duckdb"), access.installation(files))
    try:
        return catalog(source.discover())["streams"][0]["stream"]
    finally:
        source.close()


def body(ends, stream, **config):
    return {"name": "Copy", **ends, "frequency": "", "config": {"streams": [stream], **config}}


def test_a_type_that_the_destination_lacks_is_refused_when_the_job_is_saved(ada, ends, stream):
    refused = ada("post", "/jobs", body(ends, stream))
    assert refused.status_code == 400
    told = refused.json()["message"]
    assert "stream 'orders'" in told
    assert "'marks' (List(Int32))" in told
    assert "set `unheld_types` to 'text'" in told
    chosen = ada("post", "/jobs", body(ends, {**stream, "columns": ["id"]}))
    assert chosen.status_code == 201, chosen.json()
    changed = ada("put", f"/jobs/{chosen.json()['job_id']}", body(ends, stream))
    assert changed.status_code == 400


@pytest.mark.parametrize("place", ["stream", "settings"])
def test_such_columns_are_stored_as_text_where_the_job_says_so(ada, ends, stream, files, place):
    said = {"unheld_types": "text"}
    sent = (
        body(ends, {**stream, **said}) if place == "stream" else body(ends, stream, settings=said)
    )
    made = ada("post", "/jobs", sent)
    assert made.status_code == 201, made.json()
    started = ada("post", f"/jobs/{made.json()['job_id']}/run").json()["run_id"]
    work(Part.objects.filter(run__uuid=started).values_list("pk", flat=True))
    assert Run.objects.get(uuid=started).status == "succeeded"
    (written,) = (files / "out").rglob("*.csv")
    assert written.read_text() == 'id,marks,raw\n1,"[1,null]",00ff\n'


def test_a_stream_may_say_otherwise_than_its_job(ada, ends, stream):
    sent = body(ends, {**stream, "unheld_types": "refuse"}, settings={"unheld_types": "text"})
    assert ada("post", "/jobs", sent).status_code == 400
    wrong = ada("post", "/jobs", body(ends, stream, settings={"unheld_types": "drop"}))
    assert wrong.status_code == 400
    assert "unheld_types" in wrong.json()["message"]


def test_a_catalog_of_others_is_judged_by_the_run(ada, ends, stream):
    foreign = {"properties": {"marks": {"type": ["array", "null"]}, "id": {"logical_type": "int8"}}}
    made = ada("post", "/jobs", body(ends, {**stream, "type_schema": foreign}))
    assert made.status_code == 201, made.json()
    started = ada("post", f"/jobs/{made.json()['job_id']}/run").json()["run_id"]
    work(Part.objects.filter(run__uuid=started).values_list("pk", flat=True))
    part = Part.objects.get(run__uuid=started)
    assert (part.status, part.error_code) == ("failed", "data_error")
    assert "'marks'" in part.error_message
