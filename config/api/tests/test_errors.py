"""One body for every error, whoever raises it."""

import json
import logging
from datetime import datetime

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client, override_settings

from config.api import exceptions, problems
from config.api.tests.routes import PluginError

pytestmark = pytest.mark.urls("config.api.tests.routes")
client = Client(raise_request_exception=False)


def get(path: str, **headers: str):
    return client.get(path, headers=headers)


def post(body: str | bytes | dict, path: str = "/fail/post", **kind: str):
    text = json.dumps(body) if isinstance(body, dict) else body
    return client.post(path, text, **({"content_type": "application/json"} | kind))


def test_an_error_has_every_contracts_keys():
    body = post({"size": 1}).json()
    assert body["error"] == "validation_error"
    assert body["error_code"] == "VALIDATION_ERROR"
    assert body["message"] == body["detail"] == "tasks is required"
    assert body["details"] == {"field": "tasks", "reason": "tasks is required"}
    assert body["errors"] == [body["details"]]
    assert body["timestamp"].endswith("Z")
    assert datetime.fromisoformat(body["timestamp"]).utcoffset().total_seconds() == 0


def test_every_field_at_fault_is_told_by_its_path():
    body = post({"size": "big", "tasks": [{"name": "a"}, {"name": ""}]}).json()
    assert body["errors"] == [
        {"field": "size", "reason": "A valid integer is required."},
        {"field": "tasks.1.name", "reason": "name is required"},
    ]
    assert body["message"] == "size: A valid integer is required; name is required"


@pytest.mark.parametrize(
    ("how", "status", "error", "message"),
    [
        ("django", 400, "validation_error", "name: Too long."),
        ("django-whole", 400, "validation_error", "These do not go together."),
        ("missing", 404, "not_found", "Resource not found"),
        ("missing-job", 404, "not_found", "Job 7 not found"),
        ("denied", 403, "forbidden", "You do not have permission to perform this action"),
        ("odd", 400, "validation_error", "The request is not valid"),
        ("coded", 409, "name_taken", "Name is taken"),
        ("large", 413, "payload_too_large", "The request is too large"),
        ("full", 503, "unavailable", exceptions.FULL),
        ("database", 500, "internal_error", "Internal server error"),
    ],
)
def test_each_kind_of_error_has_its_status_code_and_text(how, status, error, message):
    answer = get(f"/fail/{how}")
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.json()["message"] == message


def test_a_model_that_our_own_code_fills_wrongly_is_a_fault_of_ours(caplog):
    answer = get("/fail/pydantic")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal_error")
    assert "errors" not in answer.json()
    assert "validation errors for Settings" in caplog.text
    assert "secret-value" not in answer.content.decode() + caplog.text


def test_only_fields_at_fault_are_details():
    assert not {"details", "errors"} & get("/fail/django-whole").json().keys()


def test_a_conflict_tells_the_element():
    assert get("/fail/conflict").json()["element_id"] == "t1"


def test_a_throttled_client_is_told_when_to_come_back():
    answer = get("/fail/throttled")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error"] == "rate_limit_exceeded"


def test_an_app_registers_the_errors_of_its_plug_ins(monkeypatch):
    monkeypatch.setattr(problems, "_registered", dict(problems._registered))
    problems.register(PluginError, status=400, code="config_error")
    answer = get("/fail/plugin")
    assert answer.status_code == 400
    assert answer.json()["error"] == "config_error"
    assert answer.json()["message"] == "Unknown connector 'foo'; known: csv"
    assert answer.json()["details"]["field"] == "type"


@pytest.mark.parametrize("path", ["/fail/bug", "/page"])
def test_our_own_faults_are_logged_with_the_request_id_and_not_told(path, caplog):
    answer = get(path, x_request_id="abc-1")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["message"] == "Internal server error"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == "abc-1"
    assert "password" not in answer.content.decode()
    (record,) = [record for record in caplog.records if record.exc_info]
    assert "RuntimeError" in logging.Formatter().format(record)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", ["/nothing", "/nothing/", "/api/v1/nothing"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_path_is_told_in_json(path, method, debug):
    with override_settings(DEBUG=debug):
        answer = getattr(client, method)(path)
    assert answer.status_code == 404
    assert answer.json()["message"] == f"There is no {path} here; /docs lists every path"


@pytest.mark.parametrize("debug", [True, False])
def test_a_fault_outside_of_drf_is_never_a_page(debug):
    with override_settings(DEBUG=debug):
        answer = get("/page")
    assert answer.json()["error"] == "internal_error"


def test_an_error_outside_of_drf_keeps_its_headers():
    answer = get("/nothing", origin="http://localhost:5173")
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:5173"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_people_get_pages():
    assert get("/app/page").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("debug", [True, False])
def test_a_foreign_host_is_refused_in_json_and_told_which_setting_names_it(debug):
    with override_settings(DEBUG=debug):
        answer = get("/page-async", host="evil.example")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")
    assert "'evil.example'" in answer.json()["message"]
    assert "ALLOWED_HOSTS" in answer.json()["message"]


def test_a_method_that_is_not_there_is_405_and_told_which_are():
    answer = client.put("/fail/any")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json()["error"] == "method_not_allowed"


@pytest.mark.parametrize("kind", ["text/xml", "application/octet-stream"])
def test_a_body_of_another_type_is_415(kind):
    answer = post("<a/>", content_type=kind)
    assert (answer.status_code, answer.json()["error"]) == (415, "unsupported_media_type")


def test_a_page_that_does_not_know_the_method_answers_json_too():
    assert client.post("/docs").json()["error"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"size": 1,\n "tasks": [}', "line 2 column 12"),
        ('{"size": NaN}', "NaN is not a JSON value"),
        ('{"size": 1e400}', "the number 1e400 is too large"),
        ('{"size": ' + "9" * 5000 + "}", "a number has more digits than this server reads"),
        ("[" * 100_000, "nested too deeply"),
        ("[" * 101 + "]" * 101, "nested more than 100 levels"),
        (b'{"size": "\xff"}', "byte 10 is not UTF-8"),
        ('{"size": "a\\u0000"}', "U+0000"),
        ('{"\\u0000": 1}', "U+0000"),
        ('{"size": "\\ud83d"}', "surrogate"),
    ],
)
def test_broken_json_is_400_and_says_where(body, told):
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_json"
    assert told in answer.json()["message"]


def test_a_whole_surrogate_pair_and_a_written_out_escape_are_fine():
    answer = post('{"size": 1, "tasks": [{"name": "\\ud83d\\ude00 \\\\u0000"}]}')
    assert answer.json()["tasks"] == [{"name": "😀 \\u0000"}]


def test_a_body_that_is_too_large_is_413(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = post({"size": 1, "tasks": [{"name": "a" * 100}]})
    assert answer.status_code == 413
    assert "100 bytes" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/jobs/missing", "Resource not found"),
        ("/jobs/denied", "Insufficient permissions"),
        ("/jobs/bug", "Internal server error"),
        ("/jobs/missing-job", "Job 7 not found"),
        ("/api/v1/workspaces/bug", "An internal error occurred"),
    ],
)
def test_a_contracts_own_words_stand_on_its_routes(path, message):
    assert get(path).json()["message"] == message


@pytest.mark.parametrize("sent", ["", "two words", "x" * 129, "a\tb"])
def test_a_request_id_that_is_not_fit_is_replaced(sent):
    assert len(get("/fail/missing", x_request_id=sent).headers["X-Request-ID"]) == 32


def test_requests_without_an_id_get_different_ones():
    ids = {get("/fail/missing").headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3


def test_under_asgi_the_same_holds():
    asgi = AsyncClient(raise_request_exception=False)
    fine = async_to_sync(asgi.get)("/page-async", headers={"x-request-id": "abc"})
    assert (fine.content, fine.headers["X-Request-ID"]) == (b"fine", "abc")
    gone = async_to_sync(asgi.get)("/nothing")
    assert gone.json()["error"] == "not_found"


def test_the_log_of_a_request_carries_its_id(caplog):
    from config.api.requests import RequestIds

    caplog.handler.addFilter(RequestIds())
    get("/fail/bug", x_request_id="abc-2")
    assert {record.request_id for record in caplog.records} == {"abc-2"}
