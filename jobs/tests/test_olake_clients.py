"""Olake's own clients, word for word: what they send for a source, a destination and a job."""

import json

import pytest

from connectors.secrets import MASK
from jobs.tests.api import Api

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = json.loads("""
{"name":"pg","project_id":1,"source_type":"postgres","created_by":"a@x","updated_by":"a@x",
  "config":{"host":"db","port":5432,"database":"app","username":"u","password":"s3cret",
            "schemas":["public"],
            "update_method":{"type":"CDC","replication_slot":"slot1","publication":"pub1",
                             "initial_wait_time":120},"max_threads":8}}
""")
LAKE = {
    "type": "PARQUET",
    "writer": {
        "s3_bucket": "lake",
        "s3_region": "eu-1",
        "s3_path": "olake",
        "s3_access_key": "me",
        "s3_secret_key": "s3cret-too",
        "max_file_size_mb": 512,
    },
}
JOB = json.loads("""
{"name":"j","frequency":"0 * * * *","project_id":1,"connected":true,
  "config":{"selected_streams":{"public":[{"stream_name":"orders","normalization":true,
                                           "partition_regex":""}]},
            "streams":[{"stream":{"name":"orders","namespace":"public","sync_mode":"cdc"}}]}}
""")


@pytest.fixture
def ada(transactional_db):
    """The API for a registered user of Olake's door."""
    return Api("ada", door="olake")


def destination(kind="PARQUET", config=None):
    return {"name": "lake", "project_id": 1, "dest_type": kind, "config": config or LAKE}


def test_the_exchange_goes_as_it_is_written_and_only_cdc_is_refused(ada):
    made = ada("post", "/sources", SOURCE)
    assert made.status_code == 201, made.json()
    assert made.json()["config"] == SOURCE["config"] | {"password": MASK}
    lake = ada("post", "/destinations", destination())
    assert lake.status_code == 201, lake.json()
    assert lake.json()["dest_type"] == "parquet"
    ends = {"source_id": made.json()["source_id"], "dest_id": lake.json()["dest_id"]}
    refused = ada("post", "/jobs", JOB | ends)
    assert refused.status_code == 400
    assert (
        "cdc is not offered yet; choose full_refresh, or incremental" in refused.json()["message"]
    )
    text = json.dumps(JOB["config"]).replace('"cdc"', '"full_refresh"')
    for config in (json.loads(text), text):
        job = ada("post", "/jobs", JOB | ends | {"config": config, "name": f"j {type(config)}"})
        assert job.status_code == 201, job.json()
        assert job.json()["config"]["streams"] == json.loads(text)["streams"]
        # Two jobs that fill one table anew would take each other's rows.
        assert ada("delete", f"/jobs/{job.json()['job_id']}").status_code == 204


def test_the_secrets_of_a_wrapped_config_are_hidden_and_kept(ada):
    made = ada("post", "/destinations", destination(config=json.dumps(LAKE)))
    assert made.status_code == 201, made.json()
    shown = made.json()["config"]
    assert shown["writer"]["s3_secret_key"] == MASK
    assert "s3cret-too" not in made.content.decode()
    path = f"/destinations/{made.json()['dest_id']}"
    near = {**shown, "writer": {**shown["writer"], "s3_path": "elsewhere"}}
    kept = ada("put", path, destination(config=near))
    assert kept.status_code == 200, kept.json()
    assert kept.json()["config"]["writer"]["s3_secret_key"] == MASK
    for change in ({"s3_bucket": "evil"}, {"s3_endpoint": "https://evil.example"}):
        far = {**shown, "writer": {**shown["writer"], **change}}
        refused = ada("put", path, destination(config=far))
        assert refused.status_code == 400
        assert "enter it anew" in refused.json()["message"]


@pytest.mark.parametrize(
    ("kind", "said", "told"),
    [
        ("iceberg", LAKE, "config.type is 'PARQUET', and this is iceberg"),
        ("ICEBERG", {"type": "ICEBERG", "writer": {"catalog_type": "glue"}}, "offered are sql"),
        ("oracle", LAKE, "Unknown connector 'oracle'; known: "),
        ("PARQUET", {"type": "PARQUET", "writer": "x"}, "`writer` must be an object"),
    ],
)
def test_a_destination_that_cannot_be_is_refused_with_a_sentence(ada, kind, said, told):
    refused = ada("post", "/destinations", destination(kind, said))
    assert refused.status_code == 400
    assert told in refused.json()["message"]
