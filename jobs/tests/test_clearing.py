"""Clearing: a run of its own that empties what a job has loaded, and forgets how far it was read."""

import pytest

from accounts.models import AuditEvent
from jobs import lifecycle
from jobs.models import Checkpoint, Part, Run
from jobs.tests.api import Api
from jobs.tests.rows import make_table, work
from jobs.tests.syncs import Sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sync(transactional_db, files):
    """A job of two streams that have been loaded."""
    ready = Sync(Api("ada", door="olake"), files)
    make_table(files / "shop.duckdb", "kinds", "SELECT range AS kind FROM range(3)")
    ready.make(Sync.incremental(), Sync.full("kinds"))
    assert ready.run().status == "succeeded"
    return ready


def test_a_clear_empties_the_tables_and_the_next_run_loads_everything_anew(sync):
    done = sync.run("/clear", {})
    assert (done.status, done.kind, done.rows) == ("succeeded", "clear", 0)
    assert (sync.rows(), sync.rows(table="kinds")) == (0, 0)
    assert sync.rows("string_agg(column_name, ',')", "information_schema.columns") != ""
    rows = sync.call("get", "/streams")[1]["data"]
    assert [row["state"] for row in rows] == [None, None]
    assert sync.run().rows == 13
    assert (sync.rows(), sync.rows(table="kinds")) == (10, 3)
    assert sync.run().rows == 3


def test_a_clear_stands_in_history_with_a_result_for_each_stream(sync):
    sync.run("/clear/", {})
    told = sync.call("get", "/history")[1]["data"][0]
    assert (told["kind"], told["trigger"], told["status"]) == ("clear", "manual", "success")
    assert [(one["stream"], one["rows_written"]) for one in told["streams"]] == [
        ("main.orders", 0),
        ("main.kinds", 0),
    ]
    job = sync.api("get", f"/jobs/{sync.job}").json()
    assert job["last_sync_state"]["last_run_type"] == "clear"
    event = AuditEvent.objects.filter(action="run.started").latest("id")
    assert (event.data["kind"], event.data["streams"]) == ("clear", ["main.kinds", "main.orders"])


def test_some_streams_can_be_cleared_alone(sync):
    assert sync.call("post", "/clear", {"streams": ["main.none"]})[0] == 404
    sync.run("/clear", {"streams": ["main.orders"]})
    assert (sync.rows(), sync.rows(table="kinds")) == (0, 3)


def test_a_clear_waits_its_turn_and_can_be_cancelled(sync):
    first = sync.api("post", f"/jobs/{sync.job}/run").json()
    clear = sync.api("post", f"/jobs/{sync.job}/clear", {}).json()
    assert Run.objects.get(uuid=clear["run_id"]).status == "created"
    assert sync.api("post", f"/runs/{clear['run_id']}/cancel").status_code == 200
    work(Part.objects.filter(run__uuid=first["run_id"]).values_list("pk", flat=True))
    assert (sync.rows(), sync.rows(table="kinds")) == (10, 3)
    assert Run.objects.get(uuid=clear["run_id"]).status == "cancelled"
    # And the job goes on as if nothing had been asked.
    assert sync.run().rows == 3


def test_a_clear_outranks_what_was_wished_before(sync):
    state = {"state": {"column": "version", "value": "7"}}
    sync.call("put", "/streams/state?stream=main.orders", state)
    sync.run("/clear", {"streams": ["main.orders"]})
    assert Checkpoint.objects.get(stream__endswith="orders").wanted is None
    assert sync.run().rows == 13


def test_a_clear_that_was_noted_by_nobody_is_not_repeated(sync):
    """The worker died between the commit and its note; the next attempt finds the marker."""
    started = sync.api("post", f"/jobs/{sync.job}/clear", {}).json()
    run = Run.objects.get(uuid=started["run_id"])
    parts = list(run.parts.values_list("pk", flat=True))
    work(parts)
    Part.objects.filter(run=run).update(status="failed")
    Run.objects.filter(pk=run.pk).update(status="failed")
    work(lifecycle.revive(run.pk))
    run.refresh_from_db()
    assert (run.status, sync.rows()) == ("succeeded", 0)
    assert "Already committed by an earlier attempt" in sync.lines(run)


def test_a_stream_that_was_never_loaded_has_nothing_to_empty(sync, files):
    make_table(files / "copy.duckdb", "strange", "SELECT 1 AS id")
    sync.change(Sync.incremental(destination_table="strange"))
    done = sync.run("/clear", {})
    assert done.status == "succeeded"
    assert "There is nothing to empty" in sync.lines(done)
    assert sync.rows(table="strange") == 1
