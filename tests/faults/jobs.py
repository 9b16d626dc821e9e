"""Jobs of both kinds on a running platform, one for each destination of the registry."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from config.launching import MANAGE, Platform
from tests.contract.subjects import Subject, subject

TABLE = "events"
# Made in the database: no API lets a job be tried so often.
MAKE_SYNC_JOB = """
import json, os
from accounts.models import Project
from accounts.services import local_user
from connectors import sealing
from connectors.configuration import split
from connectors.models import Connection
from jobs.models import Job, Kind
order = json.loads(os.environ["ORDER"])
project = Project.objects.personal_of(local_user())
def connect(name, config, role):
    parsed = split({"type": name, **config}, role)
    stored = sealing.seal({"type": name, **config}, role)
    settings = {key: stored[key] for key in parsed.settings}
    return Connection.objects.create(project=project, name=order["name"] + role, connector=name, settings=settings)
job = Job.objects.create(
    project=project, kind=Kind.SYNC, name=order["name"], schedule="", max_attempts=200,
    source=connect("sqlite", order["source"], "source"),
    destination=connect(order["connector"], order["target"], "destination"),
    config={"streams": [{"stream": "events", "mode": "incremental", "cursor": "id",
                         "read": {"table": "events"}, "write": order["write"]}]},
)
print(job.uuid)
"""


@dataclass(frozen=True)
class Moving:
    """A job and the target that it fills."""

    job: str
    target: Subject
    is_incremental: bool


def environment_of(platform: Platform) -> dict[str, str]:
    """Return the environment that the platform itself runs in."""
    pairs = Path(f"/proc/{platform.process.pid}/environ").read_bytes().split(b"\0")
    return dict(pair.decode().split("=", 1) for pair in pairs if pair)


def task_job(
    http: httpx2.Client, source: Path, name: str, folder: Path, request: pytest.FixtureRequest
) -> Moving:
    """Create a task job that replaces its target with all events."""
    target = _target(name, folder, request)
    task = {
        "extractor_config": {"type": "sqlite", "path": str(source), "table": TABLE},
        "loader_config": {"type": name, **target.config},
    }
    body = {"job_name": f"{name} task", "schedule": "@manual", "is_active": True, "tasks": [task]}
    created = http.post("/jobs", json={**body, "max_attempts": 200})
    assert created.status_code == 200, created.text
    return Moving(created.json()["job_id"], target, is_incremental=False)


def sync_job(
    platform: Platform, source: Path, name: str, folder: Path, request: pytest.FixtureRequest
) -> Moving:
    """Create a sync job that appends what is new since its last run."""
    target = _target(name, folder, request)
    if "table" not in target.config:
        # A stream is a table below the connection's folder.
        target.config = {"path": str(folder), "table": TABLE}
    write: dict[str, Any] = {k: v for k, v in target.options().items() if k != "mode"}
    order = {
        "name": f"{name} sync",
        "source": {"path": str(source), "table": TABLE},
        "connector": name,
        "target": target.config,
        "write": write,
    }
    shell = subprocess.run(
        [sys.executable, MANAGE, "shell", "--no-imports", "-c", MAKE_SYNC_JOB],
        env={**environment_of(platform), "ORDER": json.dumps(order), "PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert shell.returncode == 0, shell.stderr
    return Moving(shell.stdout.strip().splitlines()[-1], target, is_incremental=True)


def _target(name: str, folder: Path, request: pytest.FixtureRequest) -> Subject:
    folder.mkdir()
    target = subject(name, folder, request)
    if "table" in target.config:
        # Two jobs may share a database; each has a table of its own.
        target.config["table"] = folder.name
    return target
