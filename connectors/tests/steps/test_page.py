"""docs/steps.md is what the plug-ins say, and its examples are run."""

import json
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from connectors import registry

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")
NAMES = registry.names("transformers")


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def script():
    """The script that writes the page, which is no module of a package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "scripts"))
        yield import_module("step_page")
        for name in ("step_page", "connector_pages"):
            sys.modules.pop(name, None)


def test_the_page_is_fresh(script):
    assert script.renewed() == PAGE


@pytest.mark.parametrize("name", NAMES)
def test_each_step_has_its_fields_and_an_example_that_is_so(name, script):
    text, plugin = section(name), registry.transformer(name)
    assert all(f"`{field}`" in text for field in plugin.Config.model_fields)
    (example,) = re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)
    step = json.loads(example)
    assert registry.transformer(step["type"]) is plugin
    rows = script.made(plugin, step["params"])
    shown = text.rpartition("```\n\n")[2].split("\n<!--")[0].strip().splitlines()
    assert len(shown) == rows.height + 2
    assert shown[0] == f"| {' | '.join(rows.columns)} |"
