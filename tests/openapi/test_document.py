"""The OpenAPI document is whole: every route is in it, with all that a reader needs."""

import json
import re
from collections import Counter

import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft4Validator

from config.api.document import FILE, document, text
from config.api.schema.contracts import SENTENCES
from config.api.schema.finishing import operations
from tests.openapi.things import MAKERS

# For people: pages, and what those pages are made of.
PAGES = ("admin", "app/", "docs", "redoc", "openapi.json", "static")
OPERATIONS = dict(operations(document()))
each_operation = pytest.mark.parametrize("endpoint", OPERATIONS)


def routes(patterns, before=""):
    """Yield every path of the platform as OpenAPI writes it, without a slash at its end."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, path)
        elif not path.startswith(PAGES):
            yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path).rstrip("/")


def resolved(schema):
    """Return a schema without references, and with null where it may be, as JSON Schema says it."""
    if isinstance(schema, list):
        return [resolved(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        found = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return resolved(found)
    plain = {key: resolved(value) for key, value in schema.items()}
    # A column of a table has a property of this name, which is no word of OpenAPI.
    if plain.get("nullable") is not True:
        return plain
    return {"anyOf": [{**plain, "nullable": False}, {"type": "null"}]}


def bodies(operation):
    """Yield what is sent and what is answered: its name, its schema, its examples."""
    holders = {"request": operation.get("requestBody", {})}
    holders |= {
        status: response
        for status, response in operation["responses"].items()
        if status.startswith("2")
    }
    for name, holder in holders.items():
        for kind, media in holder.get("content", {}).items():
            # A page is its own example.
            if kind == "text/html":
                continue
            shown = [example["value"] for example in media.get("examples", {}).values()]
            yield f"{name} {kind}", media["schema"], shown


def test_the_committed_document_is_what_the_code_says():
    assert FILE.read_bytes() == text(), "renew it: make openapi"


def test_the_served_document_is_the_committed_one():
    answer = Client().get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content == FILE.read_bytes()


def test_the_document_is_made_without_a_guess(capsys):
    GENERATOR_STATS.reset()
    validate_schema(SchemaGenerator().get_schema(public=True))
    assert not GENERATOR_STATS
    assert capsys.readouterr().err == ""


def test_every_route_is_in_the_document():
    assert set(routes(get_resolver().url_patterns)) == set(document()["paths"])


def test_operation_ids_are_readable_and_unique():
    ids = Counter(operation["operationId"] for operation in OPERATIONS.values())
    assert [name for name, times in ids.items() if times > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", name)] == []


@each_operation
def test_an_operation_says_what_it_is_for(endpoint):
    operation = OPERATIONS[endpoint]
    assert set(operation["tags"]) <= set(SENTENCES)
    assert operation["tags"]
    assert 10 <= len(operation["summary"]) <= 100
    assert operation["description"]
    assert all(parameter.get("schema") for parameter in operation.get("parameters", []))


@each_operation
def test_an_operation_allows_no_answer_that_it_does_not_name(endpoint):
    responses = OPERATIONS[endpoint]["responses"]
    assert "default" not in responses
    assert any(status.startswith(("2", "3")) for status in responses)


@each_operation
def test_every_body_is_shown_by_an_example(endpoint):
    without = [name for name, _, shown in bodies(OPERATIONS[endpoint]) if not shown]
    assert without == []


@each_operation
def test_an_example_fits_its_schema(endpoint):
    for name, schema, shown in bodies(OPERATIONS[endpoint]):
        for example in shown:
            faults = Draft4Validator(resolved(schema)).iter_errors(example)
            assert [fault.message for fault in faults] == [], name


@each_operation
def test_schemathesis_finds_what_a_path_names(endpoint):
    assert set(re.findall(r"{(\w+)}", endpoint)) <= set(MAKERS)


def test_every_reference_leads_somewhere():
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(document())):
        assert resolved({"$ref": reference})
