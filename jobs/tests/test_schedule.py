"""What the clock does, at times that the tests name; nothing waits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.services import register
from jobs import lifecycle, schedule, services
from jobs.models import CatchUp, Job, Overlap, Part, Run, Trigger
from jobs.tests.rows import task, task_job

NINE = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def daily(project):
    """A job that starts at nine every day; its next start is the one of 20 November 2026."""

    def maker(**fields):
        given = {"schedule": "0 0 9 * * *", "dialect": "orc", "next_run_at": NINE} | fields
        return task_job(project, task("in.duckdb", "out.duckdb"), **given)

    return maker


def runs():
    return list(Run.objects.order_by("pk").values_list("status", "trigger"))


def test_a_job_starts_when_it_is_due_and_not_before(daily):
    job = daily()
    schedule.start_due_jobs(NINE - SECOND)
    assert runs() == []
    schedule.start_due_jobs(NINE)
    schedule.start_due_jobs(NINE + SECOND)
    assert runs() == [("queued", "scheduler")]
    job.refresh_from_db()
    assert job.next_run_at == NINE + DAY


@pytest.mark.parametrize("off", [{"is_active": False}, {"deleted_at": NINE}, {"next_run_at": None}])
def test_what_is_off_does_not_start(daily, off):
    daily(**off)
    schedule.start_due_jobs(NINE)
    assert runs() == []


def test_starts_that_were_missed_come_as_one_late_run(daily):
    job = daily()
    schedule.start_due_jobs(NINE + 3 * DAY + MINUTE)
    assert runs() == [("queued", "scheduler")]
    job.refresh_from_db()
    assert job.next_run_at == NINE + 4 * DAY


def test_starts_that_were_missed_do_not_come_where_catch_up_is_off(daily):
    job = daily(catch_up=CatchUp.NONE)
    schedule.start_due_jobs(NINE + 3 * DAY + 2 * MINUTE)
    assert runs() == []
    job.refresh_from_db()
    assert job.next_run_at == NINE + 4 * DAY
    schedule.start_due_jobs(NINE + 4 * DAY + 2 * SECOND)
    assert runs() == [("queued", "scheduler")]


def test_a_busy_job_skips_a_start(daily):
    job = daily(overlap=Overlap.SKIP)
    services.start_run(job=job)
    schedule.start_due_jobs(NINE)
    assert runs() == [("queued", "manual")]


def test_a_busy_job_lets_one_start_wait(daily):
    job = daily(overlap=Overlap.QUEUE)
    first = services.start_run(job=job)
    for day in range(3):
        schedule.start_due_jobs(NINE + day * DAY)
    assert runs() == [("queued", "manual"), ("created", "scheduler")]
    lifecycle.cancel(first.pk)
    schedule.promote_waiting_runs(NINE)
    assert runs() == [("cancelled", "manual"), ("queued", "scheduler")]


def test_a_start_that_cannot_be_is_told_as_a_failed_run(daily):
    job = daily()
    Job.objects.filter(pk=job.pk).update(config={"tasks": []})
    schedule.start_due_jobs(NINE)
    run = Run.objects.get()
    assert (run.status, run.error_message) == ("failed", "The job has no tasks")
    assert run.events.get().message == "The job has no tasks"


def test_two_clocks_start_a_job_once(daily):
    daily(overlap=Overlap.QUEUE)

    def clock(_):
        try:
            schedule.start_due_jobs(NINE)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clocks:
        list(clocks.map(clock, range(4)))
    assert runs() == [("queued", "scheduler")]


def test_a_part_whose_worker_died_is_queued_again_and_rung_for(open_run):
    run, (part_id,) = open_run()
    part = lifecycle.claim_part(part_id, host="here", pid=1)
    schedule.take_back_lost_parts(part.lease_expires_at)
    assert Part.objects.get().status == "running"
    schedule.take_back_lost_parts(part.lease_expires_at + SECOND)
    part = Part.objects.get()
    assert (part.status, part.attempt) == ("queued", 2)
    assert lifecycle.take_due_bells(timezone.now()) == [part_id]
    assert run.events.latest("seq").message == (
        "The worker was lost while it worked on this; tried again in 0.0 s (attempt 2 of 3)"
    )


def test_a_part_that_loses_every_worker_is_given_up(open_run):
    run, (part_id,) = open_run(max_attempts=2)
    for _ in range(2):
        part = lifecycle.claim_part(part_id, host="here", pid=1)
        schedule.take_back_lost_parts(part.lease_expires_at + SECOND)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "worker_lost")


def test_a_chore_that_fails_does_not_keep_the_others_from_being_done(daily, monkeypatch, caplog):
    def broken(_now):
        raise RuntimeError("broken")

    daily()
    monkeypatch.setattr(schedule, "CHORES", (broken, *schedule.CHORES))
    schedule.tick(NINE)
    assert runs() == [("queued", "scheduler")]
    assert "The clock could not do broken" in caplog.text


def test_a_deleted_job_promotes_nothing(daily):
    job = daily()
    services.start_run(job=job, by=register(username="bob", password="correct horse"))
    services.start_run(job=job, trigger=Trigger.MANUAL)
    services.delete_job(job=job, by=job.project.owner)
    schedule.tick(NINE)
    assert runs() == [("cancelled", "manual"), ("cancelled", "manual")]
