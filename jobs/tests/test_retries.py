"""A run that failed is tried again only as long as the job would do the same by now."""

import pytest

from jobs.models import Run
from jobs.tests.api import Api
from jobs.tests.syncs import Sync

pytestmark = pytest.mark.django_db(transaction=True)
CHANGED = "The job has changed since this run; start a new run"


@pytest.fixture
def sync(transactional_db, files):
    """A job that replaces one stream, and has never run."""
    return Sync(Api("ada", door="olake"), files).make(Sync.full())


def failed(sync):
    """Start a run that does not find its source, which is there again afterwards."""
    shop, away = sync.files / "shop.duckdb", sync.files / "away"
    shop.rename(away)
    run = sync.run()
    away.rename(shop)
    assert run.status == "failed"
    return run


def retry(sync, run):
    answer = sync.api("post", f"/runs/{run.uuid}/retry")
    return answer.status_code, answer.json().get("message")


def test_an_unchanged_job_is_tried_again(sync):
    run = failed(sync)
    sync.change(Sync.full(), name="Renamed")
    assert retry(sync, run)[0] == 200
    assert (sync.finish(run).status, sync.rows()) == ("succeeded", 10)


@pytest.mark.parametrize(
    "said",
    [
        {"sync_mode": "incremental", "cursor_field": "version", "primary_key": ["id"]},
        {"destination_table": "second"},
        {"schema_policy": "freeze"},
        {"columns": ["id"]},
    ],
)
def test_what_the_job_does_otherwise_by_now_is_not_tried_again(sync, said):
    run = failed(sync)
    sync.change(Sync.full(**said))
    assert retry(sync, run) == (409, CHANGED)
    assert Run.objects.get().status == "failed"
    sync.change(Sync.full())
    assert retry(sync, run)[0] == 200


def test_a_stream_that_is_gone_is_not_tried_again(sync):
    run = failed(sync)
    sync.change(Sync.full("kinds"))
    assert retry(sync, run) == (409, CHANGED)


def test_a_clear_is_tried_again_where_its_table_is_still_the_jobs(sync):
    sync.run()
    clear = sync.start("/clear", {})
    assert sync.api("post", f"/runs/{clear.uuid}/cancel").status_code == 200
    sync.change(Sync.full(destination_table="second"))
    assert retry(sync, clear) == (409, CHANGED)
    sync.change(Sync.full())
    assert retry(sync, clear)[0] == 200
    assert (sync.finish(clear).status, sync.rows()) == ("succeeded", 0)


def test_an_old_wish_is_not_carried_out_after_a_newer_one(sync):
    sync.change(Sync.incremental())
    sync.run()
    sync.call("delete", "/streams/state?stream=main.orders")
    run = failed(sync)
    sync.call("put", "/streams/state?stream=main.orders", {"state": None})
    sync.run()
    assert sync.rows() == 20
    assert retry(sync, run)[0] == 200
    again = sync.finish(run)
    assert (again.status, sync.rows()) == ("failed", 20)
    assert "newer wish than this run knows" in again.error_message
    # A new run knows it.
    assert (sync.run().status, sync.rows()) == ("succeeded", 20)
