"""A SQLite source whose table changes between the runs of a sync job."""

import sqlite3

from jobs.models import Part, Run
from jobs.tests.rows import work


def remake(path, columns, *rows, table="things"):
    """Store a table anew, as `id BIGINT, name TEXT` says; without columns it is taken away."""
    with sqlite3.connect(path) as db:
        db.execute(f"DROP TABLE IF EXISTS {table}")
        if columns:
            db.execute(f"CREATE TABLE {table} ({columns})")
            for row in rows:
                db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    db.close()


def make_job(ada, ends, *streams, name="Drift", **settings):
    """Store a sync job of these streams; returns its number."""
    config = {"streams": list(streams), "settings": settings}
    sent = {"name": name, **ends, "frequency": "", "config": config}
    answer = ada("post", "/jobs", sent)
    assert answer.status_code == 201, answer.json()
    return answer.json()["job_id"]


def things(**said):
    """Return the stream of the table, as a job describes it."""
    return {"stream": {"name": "things", "sync_mode": "full_refresh", **said}}


def run(ada, job):
    """Start a job by the API and be its worker; returns the run as its history tells it."""
    started = ada("post", f"/jobs/{job}/run")
    assert started.status_code == 200, started.json()
    found = Run.objects.get(uuid=started.json()["run_id"])
    work(Part.objects.filter(run=found).values_list("pk", flat=True))
    (told,) = [
        one for one in ada("get", f"/jobs/{job}/history").json()["data"] if one["id"] == found.pk
    ]
    return told


def log_of(ada, job, told):
    """Return the lines of a run's log, as (level, message)."""
    lines = ada("get", f"/jobs/{job}/task/{told['id']}").json()["data"]
    return [(line["state"], line["message"]) for line in lines]
