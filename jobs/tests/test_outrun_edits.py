"""Rows merge only into rows that are unique by the same key, however an edit was outrun."""

import pytest

from connectors.models import Connection
from jobs.models import Checkpoint
from jobs.tests.api import Api
from jobs.tests.syncs import Sync

pytestmark = pytest.mark.django_db(transaction=True)
# Each row is of a newer version than the same one of `orders`.
NEWER = "SELECT range::BIGINT AS id, range % 3 AS kind, range + 100 AS version FROM range({})"
BY_ID, BY_BOTH = {"primary_key": ["id"]}, {"primary_key": ["id", "kind"]}


@pytest.fixture
def sync(transactional_db, files):
    """A job that appends one stream, before its first run."""
    return Sync(Api("ada", door="olake"), files).make(Sync.incremental())


def wanted():
    """Return what is wished of the one stream; None where nothing is known of it."""
    found = Checkpoint.objects.first()
    return found and found.wanted and found.wanted["action"]


def test_a_table_that_was_appended_to_before_is_not_merged_into(sync):
    sync.run()
    merged = Sync.incremental(destination_table="second", **BY_ID)
    edit = sync.call("post", "/plan", sync.sent(merged))[1]["data"][0]
    assert "or goes on from where it is if the stream was loaded into it before" in edit["text"]
    sync.change(merged)
    sync.run()
    sync.change(Sync.incremental(**BY_ID))
    sync.orders(8, sql=NEWER)
    failed = sync.run()
    assert (failed.status, sync.rows()) == ("failed", 10)
    assert "key: nothing → id" in failed.error_message
    assert sync.call("post", "/streams/reset?stream=main.orders", {})[0] == 200
    assert (sync.run().rows, sync.rows()) == (8, 8)
    assert (sync.run().status, sync.rows()) == ("succeeded", 8)


def test_a_key_that_comes_while_the_first_run_goes_reloads(sync):
    first = sync.start()
    sync.change(Sync.incremental(**BY_ID))
    assert wanted() == "reload"
    assert (sync.finish(first).rows, wanted()) == (10, "reload")
    sync.orders(8, sql=NEWER)
    assert (sync.run().rows, sync.rows(), wanted()) == (8, 8, None)


def test_an_edit_that_is_taken_back_while_its_run_goes_reloads_once_more(sync):
    sync.change(Sync.incremental(**BY_ID))
    sync.run()
    sync.change(Sync.incremental(**BY_BOTH))
    going = sync.start()
    sync.change(Sync.incremental(**BY_ID))
    sync.finish(going)
    assert (going.status, wanted()) == ("succeeded", "reload")
    sync.orders(8, sql=NEWER)
    assert (sync.run().rows, sync.rows(), wanted()) == (8, 8, None)


def test_a_run_that_waited_refuses_what_the_one_before_has_left(sync):
    first = sync.start()
    sync.change(Sync.incremental(**BY_ID))
    Checkpoint.objects.all().delete()
    second = sync.start()
    sync.finish(first)
    assert "key: nothing → id" in sync.finish(second).error_message


def test_an_edit_during_a_run_that_changes_nothing_wishes_nothing(sync):
    first = sync.start()
    sync.change(name="Renamed")
    assert (wanted(), sync.finish(first).rows) == (None, 10)
    assert (sync.run().rows, sync.rows()) == (0, 10)


def test_full_loads_that_were_appended_are_replaced_by_the_first_that_merges(sync):
    sync.change(Sync.full(write_mode="append"))
    sync.run()
    sync.run()
    assert sync.rows() == 20
    merged = Sync.incremental(**BY_ID)
    edit = sync.call("post", "/plan", sync.sent(merged))[1]["data"][0]
    assert (edit["action"], edit["is_destructive"]) == ("reload", True)
    sync.change(merged)
    assert (sync.run().rows, sync.rows()) == (10, 10)


def test_a_destination_that_was_elsewhere_meanwhile_is_not_merged_into(sync):
    sync.run()
    at = Connection.objects.filter(pk=sync.copy)
    at.update(settings={"db_path": "elsewhere.duckdb"})
    sync.change(Sync.incremental(**BY_ID))
    sync.run()
    at.update(settings={"db_path": "copy.duckdb"})
    failed = sync.run()
    assert (failed.status, sync.rows()) == ("failed", 10)
    assert "key: nothing → id" in failed.error_message


def test_a_run_that_waits_behind_a_clear_loads_everything(sync):
    sync.run()
    sync.call("delete", "/streams/state?stream=main.orders")
    sync.run()
    clear, load = sync.start("/clear", {}), sync.start()
    sync.finish(clear)
    assert (sync.finish(load).status, sync.rows()) == ("succeeded", 10)
