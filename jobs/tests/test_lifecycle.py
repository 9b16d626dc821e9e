"""The life of runs and parts, on SQLite and on PostgreSQL."""

from datetime import timedelta

from django.utils import timezone

from jobs import lifecycle
from jobs.lifecycle import Ending, Line
from jobs.lifecycle.claiming import Hold, look
from jobs.models import Part, Run, RunEvent, StepRun
from jobs.tests.racing import at_once, claim, expire


def messages(run):
    return list(run.events.values_list("seq", "message"))


def test_one_of_many_workers_gets_a_part(open_run):
    run, (part_id,) = open_run()
    claims = at_once(8, lambda number: claim(part_id))
    assert sum(part is not None for part in claims) == 1
    run.refresh_from_db()
    assert (run.status, run.parts.get().status) == ("running", "running")
    assert run.started_at is not None


def test_a_run_that_is_done_tells_its_totals(open_run):
    run, (part_id,) = open_run()
    part = claim(part_id)
    steps = [StepRun(step="1:load", kind="load", rows_in=10, rows_out=10)]
    assert lifecycle.end_part(part, Ending(steps=steps, fields={"rows": 10, "bytes": 80})) == []
    run.refresh_from_db()
    assert (run.status, run.rows, run.bytes) == ("succeeded", 10, 80)
    assert run.finished_at >= run.started_at >= run.queued_at
    assert run.parts.get().lease_token is None
    assert part.steps.get().rows_out == 10


def test_a_result_is_kept_once(open_run):
    run, (part_id,) = open_run()
    part = claim(part_id)
    tokens = [Part.objects.get() for _ in range(4)]
    at_once(4, lambda number: lifecycle.end_part(tokens[number], Ending(lines=[Line("Done")])))
    assert [message for _, message in messages(run)].count("Done") == 1
    assert part.run_id == run.pk


def test_parts_in_order_follow_one_another(open_run):
    run, first = open_run(parts=2)
    second = lifecycle.end_part(claim(first[0]), Ending(fields={"rows": 1}))
    assert len(first) == len(second) == 1
    assert first != second
    lifecycle.end_part(claim(second[0]), Ending(fields={"rows": 2}))
    run.refresh_from_db()
    assert (run.status, run.rows) == ("succeeded", 3)


def test_the_first_failure_ends_a_run_in_order(open_run):
    run, (part_id,) = open_run(parts=3)
    part = claim(part_id)
    assert lifecycle.fail_part(part, Ending(), code="data_error", message="Bad \x00 row") == []
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "data_error")
    assert run.error_message == "Task 1: Bad \\0 row"
    statuses = run.parts.order_by("position").values_list("status", flat=True)
    assert list(statuses) == ["failed", "cancelled", "cancelled"]


def test_streams_fail_each_for_itself(open_run):
    run, ids = open_run(parts=2, is_ordered=False)
    lifecycle.fail_part(claim(ids[0]), Ending(), code="config_error", message="No such table")
    lifecycle.end_part(claim(ids[1]), Ending(fields={"rows": 4}))
    run.refresh_from_db()
    assert (run.status, run.rows) == ("partial", 4)


def test_a_transient_error_is_tried_again_later_and_not_for_ever(open_run):
    run, (part_id,) = open_run(max_attempts=2)
    failing = {"code": "transient_error", "message": "The server is away"}
    lifecycle.retry_part(claim(part_id), Ending(), **failing, pause=3600)
    part = Part.objects.get()
    assert (part.status, part.attempt) == ("queued", 2)
    assert claim(part_id) is None
    run.refresh_from_db()
    assert run.status == "running"
    Part.objects.update(next_try_at=timezone.now())
    lifecycle.retry_part(claim(part_id), Ending(), **failing)
    run.refresh_from_db()
    assert (run.status, run.error_message) == ("failed", "The server is away")


def test_waiting_for_a_place_costs_no_attempt(open_run):
    _, (part_id,) = open_run(max_attempts=1)
    lifecycle.retry_part(claim(part_id), Ending(), code="busy", message="Busy", is_wait=True)
    part = Part.objects.get()
    assert (part.status, part.attempt, part.waits) == ("queued", 1, 1)
    assert part.next_try_at - timezone.now() < timedelta(seconds=1)


def test_a_queued_run_is_cancelled_at_once(open_run):
    run, (part_id,) = open_run(parts=2)
    assert lifecycle.cancel(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error_message) == ("cancelled", "The run was cancelled")
    assert claim(part_id) is None
    assert not lifecycle.cancel(run.pk)


def test_a_running_part_hears_of_the_cancel(open_run):
    run, (part_id,) = open_run(parts=2)
    part = claim(part_id)
    assert lifecycle.cancel(run.pk)
    assert lifecycle.cancel(run.pk)
    run.refresh_from_db()
    assert run.status == "cancelling"
    assert look(part) is Hold.CANCELLED
    lifecycle.cancel_part(part, Ending())
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert [event.message for event in run.events.filter(level="warning")] == [
        "The run is being cancelled",
        "Task 1 was stopped",
    ]


def test_a_cancel_that_comes_after_the_commit_changes_nothing(open_run):
    run, (part_id,) = open_run()
    part = claim(part_id)
    lifecycle.cancel(run.pk)
    lifecycle.end_part(part, Ending(fields={"rows": 3}))
    run.refresh_from_db()
    assert (run.status, run.rows) == ("succeeded", 3)


def test_a_run_whose_worker_died_can_be_cancelled(open_run):
    run, (part_id,) = open_run()
    part = claim(part_id)
    lifecycle.cancel(run.pk)
    expire(part)
    (lost,) = lifecycle.find_lost(timezone.now())
    lifecycle.retry_part(lost, Ending(), code="worker_lost", message="Lost", pause=0)
    run.refresh_from_db()
    assert run.status == "cancelled"


def test_claim_and_cancel_at_once_never_leave_a_run_half_way(open_run):
    for _ in range(5):
        run, (part_id,) = open_run(parts=2)

        def race(number, run=run, part_id=part_id):
            return lifecycle.cancel(run.pk) if number else claim(part_id)

        part, _ = at_once(2, race)
        run.refresh_from_db()
        assert run.status == ("cancelled" if part is None else "cancelling")


def test_a_person_tries_again_what_failed(open_run):
    run, (part_id,) = open_run(parts=2)
    (second,) = lifecycle.end_part(claim(part_id), Ending(fields={"rows": 1}))
    assert lifecycle.revive(run.pk) is None
    lifecycle.fail_part(claim(second), Ending(), code="config_error", message="No such table")
    assert lifecycle.revive(run.pk) == [second]
    run.refresh_from_db()
    assert (run.status, run.attempt, run.error_message) == ("queued", 2, "")
    lifecycle.end_part(claim(second), Ending(fields={"rows": 2}))
    run.refresh_from_db()
    assert (run.status, run.rows) == ("succeeded", 3)


def test_events_are_numbered_without_a_gap_by_many_writers(open_run):
    run, _ = open_run()

    def write(number):
        for turn in range(5):
            with lifecycle.changing(run.pk) as held:
                lifecycle.append(held, [Line(f"{number}.{turn}"), Line("and")])

    at_once(6, write)
    seqs = list(RunEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 62))
    assert Run.objects.get().last_seq == 61


def test_progress_is_told_twice_a_second_at_most(open_run):
    run, (part_id,) = open_run()
    part = claim(part_id)

    def show(rows):
        with lifecycle.changing(run.pk) as held:
            return lifecycle.show_progress(held, part, rows=rows, size=rows * 8, data={})

    assert show(1)
    # No time passes on a clock that is ahead.
    Run.objects.update(progress_at=timezone.now() + timedelta(minutes=5))
    assert [show(2), show(3)] == [False, False]
    Run.objects.update(progress_at=timezone.now() - timedelta(seconds=0.6))
    assert show(4)
    run.refresh_from_db()
    assert (run.rows, run.bytes, run.events.filter(kind="progress").count()) == (4, 32, 2)
