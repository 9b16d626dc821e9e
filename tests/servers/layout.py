"""The processes that docker-compose.yml runs, with its own commands, without Docker."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.servers.processes import Kept, free_port, keep, wait_until

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
# What the image has for these names.
PROGRAMS = {
    "python": [sys.executable],
    "granian": [str(Path(sys.executable).with_name("granian"))],
}


@dataclass(frozen=True)
class Service:
    """A service of the file that runs: where it answers, and what keeps it."""

    port: int
    kept: Kept

    @property
    def url(self) -> str:
        """Where it answers HTTP."""
        return f"http://127.0.0.1:{self.port}"


def command(name: str, *, port: int) -> list[str | Path]:
    """Return a service's command line as the file has it, but for where it listens."""
    text = COMPOSE["services"][name]["command"]
    program, *words = shlex.split(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    changed = {"0.0.0.0": "127.0.0.1", "8000": str(port)}
    places = [
        str(ROOT / word) if word == "manage.py" else changed.get(word, word) for word in words
    ]
    return [*PROGRAMS[program], *places]


@contextmanager
def running_service(name: str, environment: Mapping[str, str]) -> Iterator[Service]:
    """Run a service of the file that answers HTTP, until the block ends."""
    port = free_port()
    own = COMPOSE["services"][name].get("environment", {})
    pool = {key: str(value) for key, value in own.items() if key == "DATABASE_POOL"}
    variables = {**environment, **pool, "PORT": str(port), "PYTHONPATH": str(ROOT)}
    pairs = [f"{key}={value}" for key, value in variables.items()]
    folder = Path(tempfile.mkdtemp(prefix=f"millrace-{name}-"))
    service = Service(port, keep(["env", *pairs, *command(name, port=port)], folder=folder))
    try:
        wait_until(
            lambda: urllib.request.urlopen(f"{service.url}/health", timeout=5).close(),
            server=service.kept,
        )
        yield service
    finally:
        service.kept.end()


def prepared(environment: Mapping[str, str]) -> None:
    """Run what the file runs before everything else."""
    script = COMPOSE["services"]["migrate"]["command"]
    words = script.replace("python ", f"{shlex.quote(sys.executable)} ")
    subprocess.run(shlex.split(words), cwd=ROOT, env={**os.environ, **environment}, check=True)
