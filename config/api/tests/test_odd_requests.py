"""Requests that no client of ours sends: each gets the one error body, never a page or a traceback."""

import json

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from config.asgi import application

pytestmark = pytest.mark.urls("config.api.tests.routes")
client = Client(raise_request_exception=False)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(params=[False, True], ids=["plain", "debug"], autouse=True)
def _debug(request, settings):
    settings.DEBUG = request.param


def demand_error(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    body = json.loads(answer.content)
    assert {"error", "message", "detail", "error_code", "timestamp"} <= body.keys()
    assert "Traceback" not in answer.content.decode()
    return body


def broken_outside(get_response):
    """Fail before the view."""

    def answer(request):
        raise RuntimeError("postgres://user:password@host")

    return answer


def broken_on_the_way_back(get_response):
    """Fail after the view."""

    def answer(request):
        get_response(request)
        raise RuntimeError("postgres://user:password@host")

    return answer


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/", "/static/a/../b"])
def test_an_unknown_static_file_is_told_in_json(path):
    assert demand_error(client.get(path), 404)["error"] == "not_found"


@pytest.mark.parametrize("name", ["broken_outside", "broken_on_the_way_back"])
@pytest.mark.parametrize("place", [2, 5, 99])
def test_a_middleware_that_fails_is_a_fault_of_ours(settings, name, place):
    inner = [*settings.MIDDLEWARE]
    inner.insert(place, f"{__name__}.{name}")
    settings.MIDDLEWARE = inner
    answer = Client(raise_request_exception=False).get("/page-async")
    body = demand_error(answer, 500)
    assert body["message"] == "Internal server error"
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert b"password" not in answer.content


def test_a_page_that_fails_shows_nothing_of_the_code():
    answer = client.get("/app/page")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"Traceback" not in answer.content
    assert b"password" not in answer.content


@pytest.mark.parametrize("method", ["FOO", "TRACE", "CONNECT"])
@pytest.mark.parametrize("path", ["/fail/any", "/docs", "/users"])
def test_a_method_that_nobody_knows_is_405_with_those_that_are(path, method):
    answer = client.generic(method, path)
    assert demand_error(answer, 405)["error"] == "method_not_allowed"
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))


def test_the_head_of_an_error_is_that_of_the_error():
    answer = client.head("/fail/missing")
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["Content-Type"] == "application/json"


def test_an_answer_that_we_do_not_give_is_406():
    answer = client.get("/users", headers={"Accept": "text/xml"})
    assert demand_error(answer, 406)["error"] == "not_acceptable"


@pytest.mark.django_db
def test_a_routes_own_format_does_not_choose_how_it_is_answered():
    assert client.get("/users?format=xml").status_code == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("[]", "application/json"),
        ("null", "application/json"),
        ("7", "application/json"),
        ('"text"', "application/json"),
        ("[{}]", "application/json"),
        ("", "application/json"),
        ("", FORM),
        ("%zz=%ff&\xff", FORM),
        ("a=1", f"{FORM}; charset=nonsense"),
    ],
)
def test_a_body_that_is_not_what_a_route_takes_is_400(body, kind):
    demand_error(client.generic("POST", "/fail/post", body, content_type=kind), 400)


def test_a_form_with_a_nul_is_400():
    body = demand_error(client.post("/fail/post", "size=%00", content_type=FORM), 400)
    assert body["error"] == "invalid_form"
    assert "U+0000" in body["message"]


@pytest.mark.parametrize("kind", ["application/json", FORM])
def test_a_body_of_either_kind_that_is_too_large_is_413(settings, kind):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = demand_error(client.post("/fail/post", "a" * 101, content_type=kind), 413)
    assert "100 bytes" in body["message"]


def test_a_form_with_too_many_fields_is_400(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    demand_error(client.post("/fail/post", "&".join(["a=1"] * 11), content_type=FORM), 400)


def test_files_where_none_are_taken_are_415():
    answer = client.post("/fail/post", {"a": "b"})
    assert demand_error(answer, 415)["error"] == "unsupported_media_type"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("nonsense", "multipart/form-data; boundary=x"),
        ("nonsense", "multipart/form-data"),
        ("--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
        ("--x\r\n", f"multipart/form-data; boundary={'x' * 300}"),
        ("--x--", "multipart/form-data; boundary=é"),
    ],
)
def test_a_broken_upload_is_no_fault_of_ours(body, kind):
    answer = client.generic("POST", "/upload", body, content_type=kind)
    assert answer.status_code in {200, 400, 415}
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    ["/fail/a%00b", "/users?limit=%00", "/nothing/%00", "/static/%00.css", "/%00", "/users?%00=1"],
)
def test_an_address_with_a_nul_is_400(path):
    assert "U+0000" in demand_error(client.get(path), 400)["message"]


@pytest.mark.parametrize(("path", "status"), [("/nothing/", 404), ("/users?limit=", 400)])
def test_an_endless_address_is_told_in_a_short_body(path, status):
    answer = client.get(path + "a" * 10_000)
    demand_error(answer, status)
    assert len(answer.content) < 1000


def test_an_upload_that_is_too_large_is_413_wherever_it_goes(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    kind = "multipart/form-data; boundary=x"
    for path in ("/upload", "/nothing", "/page"):
        demand_error(client.generic("POST", path, b"a" * 101, content_type=kind), 413)


def over_asgi(*chunks: bytes, **scope) -> tuple[int, dict, bytes]:
    """Return the status, headers and body of the answer to a request of this ASGI scope."""
    usual = {"type": "http", "method": "GET", "path": "/fail/missing", "query_string": b""}

    async def ask():
        asked = ApplicationCommunicator(application, {**usual, "headers": [], **scope})
        for chunk in chunks:
            await asked.send_input({"type": "http.request", "body": chunk, "more_body": True})
        await asked.send_input({"type": "http.request", "body": b"", "more_body": False})
        start, body = await asked.receive_output(5), await asked.receive_output(5)
        await asked.wait()
        return start["status"], dict(start["headers"]), body["body"]

    return async_to_sync(ask)()


def test_a_query_that_django_cannot_read_is_refused_like_any_other():
    status, headers, body = over_asgi(query_string=b"a=\xff\xfe")
    assert (status, headers[b"Content-Type"]) == (400, b"application/json")
    assert json.loads(body)["error"] == "validation_error"


def test_a_body_in_chunks_is_read_whole_unless_it_is_too_large(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    scope = {"method": "POST", "path": "/fail/post"}
    scope["headers"] = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    status, _, body = over_asgi(b'{"size": 1,', b' "tasks": []}', **scope)
    assert (status, json.loads(body)) == (200, {"size": 1, "tasks": []})
    status, _, body = over_asgi(*[b"a" * 60] * 50, **scope)
    assert (status, json.loads(body)["error"]) == (413, "payload_too_large")
