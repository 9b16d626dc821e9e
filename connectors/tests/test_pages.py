"""Each connector has a page in the docs, which names all of its fields; its examples are run."""

import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.base import Destination, Source
from connectors.configuration import split
from connectors.http import parse_networks
from connectors.tests.loads import System, access_to
from connectors.tests.postgres.conftest import settings_of
from tests.servers.http import HttpServer, Reply

PAGES = Path(__file__).parents[2] / "docs/connectors"
ROWS = pl.DataFrame({"id": [1, 2], "note": ["a", "b"], "more": [1, 2]})
# What an example keeps and what it changes, by how it writes.
AFTER = {"upsert": [(1, "new"), (2, "b")], "replace": [(1, "new")]}
AFTER["append"] = [(1, "a"), (1, "new"), (2, "b")]


def page(name):
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def examples(name):
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page(name), re.DOTALL)]


@pytest.mark.parametrize("name", registry.names())
def test_a_page_names_every_field_of_its_connector(name):
    plugin, text = registry.connector(name), page(name)
    models = [getattr(plugin, side, None) for side in ("Settings", "ReadOptions", "WriteOptions")]
    fields = {field for model in models if model for field in model.model_fields}
    told = {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", code)}
    assert fields - told == set()
    assert examples(name)


@pytest.fixture
def elsewhere(request):
    """What an example's settings must be here, by connector: nobody's server is called db."""

    def settings(name):
        return settings_of(request.getfixturevalue("postgres_url")) if name == "postgres" else {}

    return settings


@pytest.mark.parametrize(
    "name", ["arrow", "csv", "delta", "duckdb", "iceberg", "json", "parquet", "postgres", "sqlite"]
)
def test_the_examples_of_a_page_work(name, tmp_path, elsewhere):
    written, read = (one | elsewhere(name) for one in examples(name))
    plugin = registry.connector(name)
    assert issubclass(plugin, Source)
    assert issubclass(plugin, Destination)
    there, back = split(written, "destination"), split(read, "source")
    system = System(plugin, access_to(tmp_path), **(there.settings or {}))
    system.load(ROWS, **there.options)
    changed = ROWS.head(1).with_columns(note=pl.lit("new"))
    system.load(changed, **there.options)
    assert back.settings == there.settings
    found = system.read(**back.options).select("id", "note")
    assert found.sort("id", "note").rows() == AFTER[there.options["mode"]]


def test_the_example_of_the_api_page_works(tmp_path):
    """An API answers two pages of records to whoever brings the token."""

    def answer(request):
        if request.headers.get("authorization") != "Bearer a-token":
            return Reply(status=401)
        records = {"1": [{"id": 1}], "2": [{"id": 2}]}.get(request.params.get("page", "1"), [])
        return Reply(json.dumps({"data": records}).encode())

    with HttpServer() as server:
        server.routes["/v1/orders"] = answer
        (read,) = examples("api")
        there = split(read | {"url": server.url + "/v1"}, "source")
        allowed = replace(access_to(tmp_path), networks=parse_networks(["127.0.0.0/8"]))
        found = System(registry.connector("api"), allowed, **there.settings).read(**there.options)
    assert found["id"].to_list() == [1, 2]
