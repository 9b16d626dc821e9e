"""Attempts that are stopped: by a person, by another worker, because nothing moves."""

import threading

import pytest
from django.db import connection

from connectors.errors import LeaseLost
from jobs import lifecycle, running
from jobs.lifecycle.claiming import Hold
from jobs.models import Part, Run
from jobs.running import heartbeat
from jobs.tests.rows import make_table, open_job, rows_of, task, task_job, work

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def _quick_looks(monkeypatch):
    """Heartbeats that look around often."""
    monkeypatch.setattr(heartbeat, "LOOK_SECONDS", 0.02)


@pytest.mark.usefixtures("_quick_looks")
def test_a_cancel_stops_a_query_in_flight_and_leaves_the_target(project, files, numbers):
    make_table(files / "out.duckdb", "numbers", "SELECT 7 AS n")
    endless = {"query": "SELECT range AS n FROM range(100000000000)"}
    slow = task(numbers, files / "out.duckdb")
    slow["extractor_config"] = {"type": "duckdb", "db_path": str(numbers), **endless}
    run, (part,) = open_job(task_job(project, slow))
    worker = in_thread(lambda: work([part]))
    wait_for(lambda: Part.objects.get(pk=part).rows > 0)
    lifecycle.cancel(run.pk)
    worker.join(30)
    run.refresh_from_db()
    assert (run.status, run.error_message) == ("cancelled", "The run was cancelled")
    assert rows_of(files / "out.duckdb", "SELECT n FROM numbers") == [(7,)]
    progress = run.events.filter(kind="progress").latest("seq").data
    assert progress["steps"][f"{slow['task_id']}:load"]["rows"] > 0


@pytest.mark.usefixtures("_quick_looks")
def test_a_worker_whose_part_was_given_away_commits_nothing(project, files, numbers):
    slow = task(numbers, files / "out.duckdb")
    endless = {"query": "SELECT range AS n FROM range(100000000000)"}
    slow["extractor_config"] = {"type": "duckdb", "db_path": str(numbers), **endless}
    run, (part,) = open_job(task_job(project, slow))
    worker = in_thread(lambda: work([part]))
    wait_for(lambda: run.events.filter(kind="progress").exists())
    lost = Part.objects.get()
    lifecycle.retry_part(lost, lifecycle.Ending(), code="worker_lost", message="Lost", pause=3600)
    worker.join(30)
    part = Part.objects.get()
    assert (part.status, part.attempt) == ("queued", 2)
    assert rows_of(
        files / "out.duckdb", "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'numbers'"
    ) == [(0,)]


@pytest.fixture
def held(project, files, numbers):
    """An attempt at a part that was just claimed."""
    _, (part_id,) = open_job(task_job(project, task(numbers, files / "out.duckdb")))
    return running.host.DatabaseHost(lifecycle.claim_part(part_id, host="here", pid=1))


@pytest.mark.usefixtures("_quick_looks")
def test_a_call_that_no_interrupt_ends_costs_its_process(held, monkeypatch):
    monkeypatch.setattr(heartbeat, "GRACE_SECONDS", 0.05)
    ended = threading.Event()
    interrupted = threading.Event()

    def give_up(verdict):
        running.attempts._give_up(held, ended.set, verdict)

    run = Run.objects.get()
    with heartbeat.Heartbeat(held, interrupt=interrupted.set, give_up=give_up):
        lifecycle.cancel(run.pk)
        assert ended.wait(10)
    assert interrupted.is_set()
    run.refresh_from_db()
    assert run.status == "cancelled"


@pytest.mark.usefixtures("_quick_looks")
def test_a_source_that_stands_still_is_ended_and_tried_again(
    project, files, numbers, settings, caplog
):
    settings.STALL_SECONDS = 0.5
    still = task(numbers, files / "out.duckdb")
    nothing = {"query": "SELECT range AS n FROM range(100000000000) WHERE range < 0"}
    still["extractor_config"] = {"type": "duckdb", "db_path": str(numbers), **nothing}
    run, parts = open_job(task_job(project, still))
    work(parts)
    part = run.parts.get()
    assert (part.status, part.attempt) == ("queued", 2)
    assert run.events.latest("seq").message.startswith("Nothing moved for 0.5 s: ")
    assert "_stream" in caplog.text


@pytest.mark.usefixtures("_quick_looks")
def test_a_stall_that_no_interrupt_ends_costs_its_process_and_an_attempt(
    held, monkeypatch, settings
):
    monkeypatch.setattr(heartbeat, "GRACE_SECONDS", 0.05)
    settings.STALL_SECONDS = 0.05
    ended, never = threading.Event(), threading.Event()

    def give_up(verdict):
        running.attempts._give_up(held, ended.set, verdict)

    # Not even the interrupt comes back.
    with heartbeat.Heartbeat(held, interrupt=never.wait, give_up=give_up):
        assert ended.wait(10)
    never.set()
    part = Part.objects.get()
    assert (part.status, part.attempt) == ("queued", 2)


def test_what_moves_is_not_taken_for_a_stall(held, settings):
    settings.STALL_SECONDS = 0.2
    for _ in range(20):
        threading.Event().wait(0.02)
        held.pulse()
        assert held.look() is Hold.OURS


def test_a_lease_that_ran_out_is_not_taken_up_again(held):
    held._valid_until = 0
    with pytest.raises(LeaseLost):
        held.pulse()
    before = Part.objects.get().lease_expires_at
    assert held.renew() is Hold.LOST
    assert held.look() is Hold.LOST
    assert Part.objects.get().lease_expires_at == before


def in_thread(function):
    """Run a function beside the test, with a database connection of its own."""

    def call():
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def wait_for(condition, *, seconds=20.0):
    """Return when the condition holds; it is asked often."""
    gone = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        gone.wait(0.02)
    raise AssertionError("it did not come about in time")
