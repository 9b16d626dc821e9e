"""A child that waits for work is killed; its successor takes the next run."""

import os
import signal

import httpx2
import pytest

from tests.faults.runs import finish, start

pytestmark = pytest.mark.slow


def test_a_killed_idle_child_does_not_stop_the_work(platform):
    source = platform.data_dir / "files" / "two.csv"
    source.parent.mkdir(exist_ok=True)
    source.write_text("id,name\n1,Ada\n2,Grace\n")
    task = {
        "extractor_config": {"type": "csv", "path": "two.csv"},
        "loader_config": {"type": "parquet", "path": "two.parquet"},
    }
    body = {"job_name": "two", "schedule": "@manual", "is_active": True, "tasks": [task]}
    with httpx2.Client(base_url=platform.url, timeout=60) as http:
        job = http.post("/jobs", json=body).raise_for_status().json()["job_id"]
        for _ in range(3):
            for pid in platform.worker_children():
                os.kill(pid, signal.SIGKILL)
            finish(http, platform, start(http, [job]))
