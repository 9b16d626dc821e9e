"""The connector that CONTRIBUTING.md shows is written into one file, and the suites take it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(".*", "data", "demo-data", "node_modules", "__pycache__")


def test_the_connector_of_the_guide_is_found_and_passes_the_contract_suite(tmp_path):
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    tree = tmp_path / "millrace"
    shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
    (tree / "connectors" / "library" / "lines.py").write_text(code)
    suite = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "tests/contract",
        "-k",
        "lines",
    ]
    done = subprocess.run(suite, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"[1-9]\d* passed", done.stdout)


def test_the_connector_of_the_guide_reads_a_file(tmp_path):
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "lines_connector.py").write_text(code)
    (tmp_path / "notes.txt").write_text("one\n\nthree 🚀\n")
    script = (
        "import sys; from pathlib import Path; from lines_connector import Lines, LinesSettings;"
        "from tests.contract.subjects import access_to;"
        "source = Lines(LinesSettings(path='notes.txt'), access_to(Path(sys.argv[1])));"
        "print(source.scan(Lines.ReadOptions()).frame.collect()['line'].to_list())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "['one', '', 'three 🚀']\n", done.stderr
