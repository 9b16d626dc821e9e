"""Parts that really run, from DuckDB to DuckDB, on both of our databases."""

import logging

import pytest
from django.conf import settings
from django.utils import timezone

from connectors.models import Connection
from jobs import lifecycle, running
from jobs.models import Checkpoint, Job, Kind, Part, Run, StepRun, TargetLease
from jobs.running import scratch
from jobs.tests.rows import make_table, open_job, rows_of, task, task_job, work

pytestmark = pytest.mark.usefixtures("database")


def test_a_task_job_moves_its_rows_and_tells_what_it_did(project, files, numbers):
    job = task_job(project, task(numbers, files / "out.duckdb"))
    run, parts = open_job(job)
    work(parts)
    run.refresh_from_db()
    assert (run.status, run.error_message, run.rows) == ("succeeded", "", 1000)
    assert run.bytes == 8000
    assert rows_of(files / "out.duckdb", "SELECT count(*), sum(n) FROM numbers") == [(1000, 499500)]
    part = run.parts.get()
    assert part.memory_peak > 10_000_000
    (commit,) = part.result["commits"].values()
    assert commit["rows"] == 1000
    assert [(step.kind, step.rows_in, step.rows_out) for step in StepRun.objects.all()] == [
        ("extract", 0, 1000),
        ("load", 1000, 1000),
    ]
    assert not list((settings.DATA_DIR / "scratch").iterdir())
    assert TargetLease.objects.get().holder is None


def test_tasks_run_in_order_and_the_first_failure_ends_the_run(project, files, numbers):
    job = task_job(
        project,
        task(numbers, files / "out.duckdb", into="first"),
        task(numbers, files / "out.duckdb", table="missing", into="second"),
        task(numbers, files / "out.duckdb", into="third"),
    )
    run, parts = open_job(job)
    work(parts)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "config_error")
    assert run.error_message.startswith("Task 2: ")
    assert "missing" in run.error_message
    assert rows_of(files / "out.duckdb", "SELECT count(*) FROM first") == [(1000,)]
    assert [part.status for part in run.parts.order_by("position")] == [
        "succeeded",
        "failed",
        "cancelled",
    ]


def test_a_loader_replaces_unless_it_says_otherwise(project, files, numbers):
    job = task_job(
        project,
        task(numbers, files / "out.duckdb", into="replaced"),
        task(numbers, files / "out.duckdb", into="appended", mode="append"),
    )
    for _ in range(2):
        work(open_job(job)[1])
    assert rows_of(files / "out.duckdb", "SELECT count(*) FROM replaced") == [(1000,)]
    assert rows_of(files / "out.duckdb", "SELECT count(*) FROM appended") == [(2000,)]


def test_a_second_delivery_does_nothing(project, files, numbers):
    job = task_job(project, task(numbers, files / "out.duckdb", mode="append"))
    _, parts = open_job(job)
    work(parts)
    work(parts)
    assert rows_of(files / "out.duckdb", "SELECT count(*) FROM numbers") == [(1000,)]


def sync_job(project, source, destination, streams):
    ends = {
        role: Connection.objects.create(
            project=project,
            name=role,
            connector="duckdb",
            role=role,
            settings={"db_path": str(path)},
        )
        for role, path in {"source": source, "destination": destination}.items()
    }
    return Job.objects.create(
        project=project, kind=Kind.SYNC, name="Sync", config={"streams": streams}, **ends
    )


def test_a_sync_job_goes_on_where_its_target_is(project, files, numbers):
    stream = {
        "stream": "numbers",
        "mode": "incremental",
        "cursor": "n",
        "read": {"table": "numbers"},
    }
    job = sync_job(project, numbers, files / "out.duckdb", [stream])
    work(open_job(job)[1])
    make_table(numbers, "numbers", "SELECT range AS n FROM range(1005)")
    run, parts = open_job(job)
    work(parts)
    run.refresh_from_db()
    assert (run.status, run.error_message, run.rows) == ("succeeded", "", 5)
    assert rows_of(files / "out.duckdb", "SELECT count(*) FROM numbers") == [(1005,)]
    checkpoint = Checkpoint.objects.get()
    assert checkpoint.stream == f"{job.uuid}/numbers"
    assert checkpoint.run == run
    assert checkpoint.state["read"]["numbers:extract"]["value"] == "1004"


def test_one_stream_that_fails_leaves_the_others_alone(project, files, numbers):
    streams = [
        {"stream": name, "mode": "full_refresh", "read": {"table": name}}
        for name in ("numbers", "missing")
    ]
    run, parts = open_job(sync_job(project, numbers, files / "out.duckdb", streams))
    work(parts)
    run.refresh_from_db()
    assert (run.status, run.rows) == ("partial", 1000)
    assert run.error_message.startswith("missing: ")


def test_a_target_that_another_run_writes_is_waited_for(project, files, numbers):
    job = task_job(project, task(numbers, files / "out.duckdb"))
    _, (first,) = open_job(job)
    run, (second,) = open_job(job)
    holder = lifecycle.claim_part(first, host="elsewhere", pid=1)
    place = f"duckdb:{files / 'out.duckdb'}#main.numbers"
    lifecycle.claim_target(holder, place)
    work([second])
    part = Part.objects.get(pk=second)
    assert (part.status, part.attempt, part.waits) == ("queued", 1, 1)
    assert "is being written by run" in run.events.latest("seq").message
    lifecycle.end_part(holder, lifecycle.Ending())
    Part.objects.update(next_try_at=timezone.now())
    work([second])
    run.refresh_from_db()
    assert run.status == "succeeded"


def test_what_is_our_bug_is_logged_and_not_told(project, files, numbers, caplog):
    job = task_job(project, task(numbers, files / "out.duckdb"))
    run, parts = open_job(job)
    # A plan of another version, say: its origin means nothing any more.
    plan = run.plan
    plan["parts"][0]["steps"][0]["origin"] = "elsewhere:1"
    Run.objects.update(plan=plan)
    with caplog.at_level(logging.ERROR):
        work(parts)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "internal_error")
    assert run.error_message == "Internal error"
    assert "Traceback" in caplog.text
    assert "KeyError" in caplog.text


def test_the_scratch_of_the_dead_is_removed_and_that_of_the_living_kept(open_run):
    _, (part_id,) = open_run()
    part = lifecycle.claim_part(part_id, host="here", pid=1)
    with scratch.scratch_of(part) as mine:
        (mine.parent / "11111111-1111-4111-8111-111111111111").mkdir()
        assert running.clean() == 1
        assert [path.name for path in mine.parent.iterdir()] == [str(part.lease_token)]
    assert not mine.exists()
