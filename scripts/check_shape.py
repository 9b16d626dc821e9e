"""Checks what no linter knows: how long files and functions are, and what the core is made of.

Run by `make check`; it prints each fault with its place and exits with 1 if there is one.
"""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
# The core that knows no framework (docs/architecture.md): each that exists must be under contract.
CORE = (
    "connectors.base",
    "connectors.catalog",
    "connectors.columns",
    "connectors.configuration",
    "connectors.contracts",
    "connectors.errors",
    "connectors.files",
    "connectors.http",
    "connectors.library",
    "connectors.literals",
    "connectors.paths",
    "connectors.records",
    "connectors.registry",
    "connectors.secrets",
    "connectors.shaping",
    "connectors.sql",
    "connectors.transformers",
    "jobs.cron",
    "jobs.cron_fields",
    "jobs.engine",
    "jobs.plan",
    "jobs.selection",
    "jobs.walltime",
    "modelling.circles",
    "modelling.comparing",
    "modelling.exchange",
    "modelling.formats",
    "modelling.merging",
    "modelling.schema",
    "pipelines.graph",
)
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler"}


def main() -> int:
    """Print every fault; 1 if there is one."""
    faults = [*contract_faults()]
    for path in sources():
        faults += shape_faults(path)
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def sources() -> list[Path]:
    """Return every Python file that is under version control or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    paths = (Path(line) for line in sorted(set(listed.stdout.splitlines())))
    return [path for path in paths if path.exists() and "migrations" not in path.parts]


def shape_faults(path: Path) -> Iterator[str]:
    """Yield what is too long, or too vaguely named, in a file."""
    text = path.read_text()
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{path}:1: {lines} lines; split a file at {LONGEST_FILE}"
    if path.stem in VAGUE_NAMES or VAGUE_NAMES & set(path.parts[:-1]):
        yield f"{path}:1: the name does not say what is in it"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                name, limit = node.name, LONGEST_FUNCTION
                yield f"{path}:{node.lineno}: {name} has {length} lines; split a function at {limit}"


def contract_faults() -> Iterator[str]:
    """Yield the modules of the core that exist and that no import contract guards."""
    contracts = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    guarded = {
        module
        for contract in contracts
        if "django" in contract.get("forbidden_modules", [])
        for module in contract["source_modules"]
    }
    for module in CORE:
        path = Path(*module.split("."))
        exists = path.with_suffix(".py").exists() or (path / "__init__.py").exists()
        if exists and module not in guarded:
            yield f"pyproject.toml:1: {module} exists and is missing in the contract of the core"


if __name__ == "__main__":
    sys.exit(main())
