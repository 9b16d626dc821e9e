"""Testing connections, reading specs, and asking a source what it has."""

import pytest

from config.api.examples import example
from connectors import registry
from connectors.models import Inquiry


def save(ada, shop, path="/sources", type_name="source_type"):
    answer = ada("post", path, {"name": "shop", type_name: "duckdb", "config": {"db_path": shop}})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_saved_source_is_tested_and_its_row_tells_when(ada, shop, worker):
    made = save(ada, shop)
    sent = example("olake", "POST /sources/test", "request")
    assert set(sent) == {"source_id", "config"}
    answer = ada(
        "post", "/sources/test", {"source_id": made["source_id"], "config": made["config"]}
    )
    assert answer.status_code == 200, answer.json()
    assert answer.json()["status"] == "success"
    assert answer.json()["checks"][0]["ok"] is True
    ada("post", "/sources/test", {"source_id": made["source_id"]})
    assert ada("get", f"/sources/{made['source_id']}").json()["last_tested_at"]
    assert not Inquiry.objects.exists()


def test_a_config_is_tested_before_it_is_saved(ada, shop, worker):
    body = {"dest_type": "duckdb", "config": {"db_path": "new.duckdb"}}
    answer = ada("post", "/destinations/test", body)
    assert (answer.status_code, answer.json()["status"]) == (200, "success")


def test_a_system_that_cannot_be_reached_is_an_answer(ada, worker):
    config = {"host": "127.0.0.1", "port": 1, "database": "x", "username": "u", "password": "pw12"}
    answer = ada("post", "/sources/test", {"source_type": "postgres", "config": config})
    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert "pw12" not in answer.content.decode()
    assert answer.json()["checks"][0]["hint"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"config": {}}, 400),
        ({"source_id": 12345, "config": {}}, 404),
        ({"source_type": "foo", "config": {}}, 400),
        ({"source_type": "postgres", "config": {"hots": "x"}}, 400),
    ],
)
def test_a_test_that_says_too_little_is_refused(ada, worker, body, status):
    assert ada("post", "/sources/test", body).status_code == status


def test_without_a_worker_one_is_told(ada, shop, settings):
    settings.ANSWER_PATIENCE_SECONDS = settings.CHECK_SECONDS = 0
    made = save(ada, shop)
    answer = ada("post", "/sources/test", {"source_id": made["source_id"]})
    assert answer.status_code == 503
    assert "manage.py worker --queue=quick" in answer.json()["message"]


@pytest.mark.parametrize("name", registry.names())
@pytest.mark.parametrize("prefix", ["/sources", "/destinations"])
def test_every_connector_tells_its_settings(ada, name, prefix):
    answer = ada("get", f"{prefix}/{name}/spec")
    assert answer.status_code == 200
    assert answer.json()["type"] == name
    assert answer.json()["spec"]["type"] == "object"


@pytest.mark.parametrize("literal", ["source_type", "dest_type"])
def test_the_contracts_literal_words_take_the_type_from_the_query(ada, literal):
    assert ada("get", f"/sources/{literal}/spec?type=postgresql").json()["type"] == "postgres"
    unknown = ada("get", f"/sources/{literal}/spec?type=foo")
    assert unknown.status_code == 404
    assert "known: api, " in unknown.json()["message"]


def test_a_catalog_tells_streams_columns_keys_and_cursors(ada, shop, worker):
    made = save(ada, shop)
    answer = ada("get", f"/sources/{made['source_id']}/catalog")
    assert answer.status_code == 200, answer.json()
    catalog = answer.json()["catalog"]
    (stream,) = (item["stream"] for item in catalog["streams"])
    assert stream["name"] == "orders"
    assert stream["sync_mode"] == "full_refresh"
    assert "incremental" in stream["supported_sync_modes"]
    assert "updated_at" in stream["available_cursor_fields"]
    columns = stream["type_schema"]["properties"]
    assert columns["id"]["type"] == ["integer", "null"]
    assert columns["price"] == {
        "type": ["number", "null"],
        "destination_column_name": "price",
        "logical_type": "Decimal(precision=38, scale=10)",
        "precision": 38,
        "scale": 10,
    }
    assert columns["updated_at"]["type"] == ["timestamp_micro", "null"]
    chosen = catalog["selected_streams"][stream["namespace"]]
    assert chosen[0]["stream_name"] == "orders"


def test_a_catalog_can_be_searched_and_paged(ada, shop, worker):
    made = save(ada, shop)
    path = f"/sources/{made['source_id']}/catalog"
    assert ada("get", f"{path}?search=nothing").json()["catalog"]["streams"] == []
    answer = ada("get", f"{path}?search=ORD&limit=1")
    assert answer.headers["X-Total-Count"] == "1"
    assert len(answer.json()["catalog"]["streams"]) == 1


def test_a_source_whose_file_has_gone_says_so(ada, shop, worker):
    made = save(ada, "gone.duckdb")
    answer = ada("get", f"/sources/{made['source_id']}/catalog")
    assert answer.status_code == 400
    assert "gone.duckdb" in answer.json()["message"]
