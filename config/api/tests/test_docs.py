"""The documentation: there for everybody, whole, and from this server alone."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

PAGES = ["/docs", "/redoc", "/docs/", "/redoc/"]
ADDRESS = re.compile(
    r"""(?:src|href|spec-url|action)=["']([^"']+)["']|url\(([^)]+)\)|["'](https?:[^"']+)"""
)


def addresses(text: str) -> set[str]:
    return {next(filter(None, found)) for found in ADDRESS.findall(text)}


@pytest.fixture
def served(settings):
    # As `make serve` does it: straight from the packages, without a collectstatic.
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True
    return Client()


@pytest.mark.parametrize("path", [*PAGES, "/openapi.json"])
def test_the_methods_of_a_page_are_told(served, path):
    answer = served.options(path)
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_no_other_host(served, path):
    page = served.get(path)
    assert page.status_code == 200
    found = addresses(page.content.decode())
    assert found
    assert {urlsplit(address).netloc for address in found} == {""}


@pytest.mark.parametrize("path", PAGES)
def test_every_file_that_a_page_names_is_served(served, path):
    for address in addresses(served.get(path).content.decode()):
        answer = served.get(address)
        assert answer.status_code == 200, address
        assert len(answer.getvalue()) > 100


@pytest.mark.parametrize("path", PAGES)
def test_the_browser_is_told_to_ask_nobody_else(served, path):
    policy = served.get(path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "http" not in policy


def test_swagger_does_not_ask_its_validator_about_our_schema(served):
    assert '"validatorUrl": null' in served.get("/docs").content.decode()


@pytest.fixture
def schema():
    answer = Client().get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def test_the_schema_has_each_path_once_and_by_its_contract(schema):
    assert schema["paths"]["/auth/login"]["post"]["tags"] == ["orc-rust-ator"]
    assert not [path for path in schema["paths"] if path.endswith("/")]


def test_every_error_has_the_one_body(schema):
    for response in schema["components"]["responses"].values():
        body = response["content"]["application/json"]["schema"]
        assert body == {"$ref": "#/components/schemas/Error"}
    error = schema["components"]["schemas"]["Error"]
    assert {"error", "message", "detail"} <= error["properties"].keys()
