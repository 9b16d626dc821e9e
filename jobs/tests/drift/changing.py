"""A SQLite source whose table changes between the runs of a sync job."""

import sqlite3

from jobs.models import Part, Run
from jobs.tests.rows import work

FIRST = ("id INTEGER, small DECIMAL_TEXT(4,1), name TEXT", (1, "1.0", "a"), (2, "2.0", "b"))
CHANGES = {
    "new": ("id INTEGER, small DECIMAL_TEXT(4,1), name TEXT, note TEXT", (3, "3.0", "c", "hello")),
    "dropped": ("id INTEGER, small DECIMAL_TEXT(4,1)", (3, "3.0")),
    "renamed": ("id INTEGER, small DECIMAL_TEXT(4,1), title TEXT", (3, "3.0", "c")),
    "widened": ("id INTEGER, small DECIMAL_TEXT(9,1), name TEXT", (3, "3.0", "c")),
    "changed": ("id INTEGER, small DECIMAL_TEXT(4,1), name BLOB", (3, "3.0", b"c")),
}
TOLD = {
    "new": [("note", "new")],
    "dropped": [("name", "dropped")],
    "renamed": [("title", "new"), ("name", "dropped")],
    "widened": [("small", "widened")],
    "changed": [("name", "changed")],
}
ACTIONS = {"new": "left_out", "dropped": "kept", "widened": "cast", "changed": "refused"}


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


def changes_of(told):
    """Return what the history tells of the columns of the one stream, shortly."""
    (stream,) = told["streams"]
    return [(one["column"], one["change"], one["action"]) for one in stream["schema_changes"]]
