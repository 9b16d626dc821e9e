"""The examples of the contracts: found by endpoint and side, word for word."""

import pytest

from config.api.examples import PREFIXES, example, filled, parsed, printed


@pytest.mark.parametrize(
    ("contract", "endpoint", "side", "body"),
    [
        ("olake", "POST /login", "request", {"email": "string", "password": "string"}),
        ("olake", "404", "response", {"error": "string", "message": "Resource not found"}),
        (
            "orc-rust-ator",
            "POST /auth/login",
            "response",
            {"token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."},
        ),
        (
            "karyaksham",
            "POST /auth/login",
            "request",
            {"username": "user@example.com", "password": "securepassword123"},
        ),
        (
            "etl-builder",
            "POST /api/v1/auth/login",
            "request",
            {"username": "your_username", "password": "your_password"},
        ),
        (
            "data-modelling",
            "PUT /api/v1/workspaces/{workspace_id}",
            "request",
            {"name": "string", "type": "personal"},
        ),
    ],
)
def test_an_example_is_what_the_contract_prints(contract, endpoint, side, body):
    assert example(contract, endpoint, side) == body


def test_comments_and_bare_types_are_read():
    job = example("orc-rust-ator", "POST /jobs", "request")
    assert (job["schedule"], job["description"], job["is_active"]) == (
        "string",
        "string",
        "boolean",
    )
    assert job["tasks"] == [{"extractor_config": {}, "loader_config": {}}]


def test_a_name_of_a_parameter_does_not_matter():
    named = example("olake", "PUT /sources/:id", "request")
    assert named == example("olake", "PUT /sources/{source_id}", "request")


def test_what_a_contract_does_not_print_is_an_error():
    with pytest.raises(KeyError):
        example("orc-rust-ator", "GET /jobs", "response")


def test_types_become_values():
    user = filled(example("olake", "GET /auth/check", "response"))
    assert user == {
        "authenticated": True,
        "user": {"id": 1, "email": "user@example.com", "name": "string"},
    }


def test_a_json_schema_in_an_example_keeps_its_types():
    schema = example("etl-builder", "GET /modules/{type}/{name}/schema", "response")
    assert filled(schema) == schema
    assert schema["schema"]["type"] == "object"


@pytest.mark.parametrize("contract", PREFIXES)
def test_every_body_of_a_contract_is_read(contract):
    bodies = [parsed(text) for text in printed(contract).values()]
    assert len(bodies) >= 4
    assert all(isinstance(body, (dict, list)) and body for body in bodies)
