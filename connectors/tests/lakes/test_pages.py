"""The examples of the docs are run as they stand."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.base import Destination, Source
from connectors.configuration import split
from connectors.tests.loads import System, access_to

PAGES = Path(__file__).parents[3] / "docs/connectors"
ROWS = pl.DataFrame({"id": [1, 2], "note": ["a", "b"], "more": [1, 2]})


@pytest.mark.parametrize("name", ["delta", "iceberg"])
def test_the_examples_of_a_page_work(name, tmp_path):
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    written, read = [
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    ]
    plugin = registry.connector(name)
    assert issubclass(plugin, Source)
    assert issubclass(plugin, Destination)
    there, back = split(written, "destination"), split(read, "source")
    system = System(plugin, access_to(tmp_path), **(there.settings or {}))
    system.load(ROWS, **there.options)
    changed = ROWS.head(1).with_columns(note=pl.lit("new"))
    system.load(changed, **there.options)
    assert back.settings == there.settings
    assert system.read(**back.options).sort("id").rows() == [(1, "new"), (2, "b")]
