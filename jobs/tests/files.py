"""File jobs in this process: files that are put where an upload would, and workers that run."""

from pathlib import Path
from typing import Any

from config.objects import object_store
from jobs.models import FileJob
from jobs.tests.rows import work

PEOPLE = "name,city,age\nAlice,New York,30\nBob,London,25\nCharlie,New York,35\n"
FILTER = {"type": "filter", "params": {"column": "city", "operator": "eq", "value": "New York"}}


def new_file_job(**changes: Any) -> dict[str, Any]:
    """Return what a client sends for a new job, as the contract's walk-through has it."""
    body = {
        "file_name": "sample_data.csv",
        "original_file_size_bytes": 10240,
        "processing_steps": [FILTER],
    }
    return body | changes


def lies_at(key: str) -> Path:
    """Return where the embedded store keeps an object."""
    return Path(object_store().location(key)["path"])


def upload(job: FileJob, content: str | bytes) -> None:
    """Put a job's file where an upload would."""
    path = lies_at(job.input_key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def made(api: Any, **changes: Any) -> FileJob:
    """Make a file job over the API."""
    answer = api("post", "/api/v1/jobs", new_file_job(**changes))
    assert answer.status_code == 201, answer.json()
    return FileJob.objects.get(uuid=answer.json()["id"])


def mark(api: Any, job: FileJob) -> Any:
    """Say that a job's file is there; returns the answer."""
    path = f"/api/v1/jobs/{job.uuid}/mark-uploaded"
    return api("post", path, {"object_key": job.input_key})


def done(api: Any, content: str | bytes, **changes: Any) -> dict[str, Any]:
    """Make a job, send its file, be the worker; returns what the API tells of it then."""
    job = made(api, **changes)
    upload(job, content)
    answer = mark(api, job)
    assert answer.status_code == 200, answer.json()
    job.refresh_from_db()
    work(job.run.parts.values_list("pk", flat=True))
    return api("get", f"/api/v1/jobs/{job.uuid}").json()
