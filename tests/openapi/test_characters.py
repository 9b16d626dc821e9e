"""Texts that no database holds or no reader survives are refused, wherever they stand."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.services import register
from accounts.tests.tokens import token_of
from config.api.document import document
from config.api.schema.finishing import operations

pytestmark = pytest.mark.django_db
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
OPERATIONS = dict(operations(document()))
WITH_JSON, WITH_FORM = (
    [
        endpoint
        for endpoint, operation in OPERATIONS.items()
        if kind in operation.get("requestBody", {}).get("content", {})
    ]
    for kind in (JSON, FORM)
)
WITH_QUERY = [
    endpoint
    for endpoint, operation in OPERATIONS.items()
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", []))
]
BAD_JSON = [
    rb'{"name": "a\u0000b"}',
    rb'{"a\u0000b": "name"}',
    rb'{"name": "\ud83d"}',
    b'{"name": "\xff"}',
    b'{"name": 1e400}',
    b'{"name": ' + b"9" * 5000 + b"}",
    b"[" * 200 + b"]" * 200,
]


@pytest.fixture
def client():
    token = token_of(register(username="ada", password="correct horse"))
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


def send(client, endpoint, *, query="", **more):
    method, _, path = endpoint.partition(" ")
    address = re.sub(r"{\w+}", "1", path) + query
    return client.generic(method, address, **more)


@pytest.mark.parametrize("endpoint", WITH_JSON)
def test_a_json_body_that_cannot_be_kept_is_refused(client, endpoint):
    # An id of nothing may be looked up first.
    expected = {400, 404} if "{" in endpoint else {400}
    for body in BAD_JSON:
        answer = send(client, endpoint, data=body, content_type=JSON)
        assert answer.status_code in expected, (body[:40], answer.content)


@pytest.mark.parametrize("endpoint", WITH_FORM)
def test_a_form_with_a_null_character_is_refused(client, endpoint):
    schema = OPERATIONS[endpoint]["requestBody"]["content"][FORM]["schema"]
    name = schema["$ref"].rpartition("/")[2]
    for field in document()["components"]["schemas"][name]["properties"]:
        fields = urlencode({field: "correct\0horse"})
        answer = send(client, endpoint, data=fields, content_type=FORM)
        assert answer.status_code == 400, field


@pytest.mark.parametrize("endpoint", WITH_QUERY)
def test_a_null_character_in_a_query_is_no_fault_of_ours(client, endpoint):
    for parameter in OPERATIONS[endpoint]["parameters"]:
        if parameter["in"] == "query":
            answer = send(client, endpoint, query=f"?{parameter['name']}=%00")
            assert answer.status_code in {400, 404}, parameter["name"]


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in OPERATIONS if "{" in endpoint])
@pytest.mark.parametrize(
    "id", ["%00", "%ED%A0%80", "9" * 30, "-1", "1.5", "%F0%9F%98%80", "x" * 999]
)
def test_an_odd_id_is_refused(client, endpoint, id):
    method, _, path = endpoint.partition(" ")
    answer = client.generic(method, re.sub(r"{\w+}", id, path))
    assert answer.status_code in {400, 404}
