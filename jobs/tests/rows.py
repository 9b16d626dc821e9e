"""Jobs over real DuckDB files, and workers that run them in this process."""

import uuid

import duckdb

from connectors import sealing
from jobs import lifecycle, running
from jobs.compiling import compile_job
from jobs.models import Job, Kind, Trigger


def make_table(path, table, sql):
    """Store the rows of a query in a DuckDB file."""
    with duckdb.connect(path) as db:
        db.execute(f"CREATE OR REPLACE TABLE {table} AS {sql}")


def rows_of(path, sql):
    """Return the rows of a query."""
    with duckdb.connect(path, read_only=True) as db:
        return db.execute(sql).fetchall()


def task(source, destination, *, table="numbers", into="numbers", **loader):
    """Return a task that copies a table from one DuckDB file to another."""
    extractor = {"type": "duckdb", "db_path": str(source), "table": table}
    load = {"type": "duckdb", "db_path": str(destination), "table": into, **loader}
    return {
        "task_id": str(uuid.uuid4()),
        "extractor_config": sealing.seal(extractor, "source"),
        "loader_config": sealing.seal(load, "destination"),
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }


def task_job(project, *tasks, **fields):
    """Store a task job."""
    return Job.objects.create(
        project=project, kind=Kind.TASKS, name="Copy", config={"tasks": list(tasks)}, **fields
    )


def open_job(job, *, max_attempts=3):
    """Queue a run of a job; returns it and the ids of its queued parts."""
    return lifecycle.open_run(
        project=job.project,
        plan=compile_job(job),
        job=job,
        trigger=Trigger.MANUAL,
        by=None,
        max_attempts=max_attempts,
    )


def never():
    raise AssertionError("no process had to end")


def work(part_ids, *, end_process=never):
    """Be the worker: run the parts and those that follow until none is left."""
    waiting = list(part_ids)
    while waiting:
        waiting += running.run_part(waiting.pop(0), end_process=end_process)
