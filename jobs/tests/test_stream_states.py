"""The state of a stream: seen, set, kept and reset by the API, and what the next run makes of it."""

from urllib.parse import quote

import duckdb
import pytest

from accounts.models import AuditEvent
from connectors.models import Connection
from jobs.models import Checkpoint, Run
from jobs.tests.api import Api
from jobs.tests.syncs import Sync

pytestmark = pytest.mark.django_db(transaction=True)
STATE = "/streams/state?stream=main.orders"
RESET = "/streams/reset?stream=main.orders"


@pytest.fixture
def sync(transactional_db, files):
    """A job that appends the increments of one stream, before its first run."""
    return Sync(Api("ada", door="olake"), files).make(Sync.incremental())


def test_a_stream_tells_how_far_it_is_and_what_its_last_run_did(sync):
    code, before = sync.call("get", "/streams")
    assert (code, len(before["data"])) == (200, 1)
    assert before["data"][0]["state"] is None
    assert before["data"][0]["last_result"] is None
    done = sync.run()
    (row,) = sync.call("get", "/streams/")[1]["data"]
    assert row["state"]["value"] == "9"
    assert row["reads"] == {
        "connector": "duckdb",
        "path": "shop.duckdb",
        "table": "main.orders",
        "cursor": "version",
    }
    result = row["last_result"]
    assert (result["rows_read"], result["rows_written"], result["rows_rejected"]) == (10, 10, 0)
    assert (result["error"], result["status"]) == ("", "success")
    assert result["bytes"] > 0
    assert row["last_run"]["id"] == done.pk
    log = sync.call("get", f"/task/{done.pk}")[1]["data"]
    (told,) = [line["message"] for line in log if "rows read" in line["message"]]
    assert told == f"10 rows read, 10 written, 0 rejected, {result['bytes']} bytes"
    assert row["loaded_at"]
    assert sync.call("get", STATE) == (200, row)
    uuid = Run.objects.get(pk=done.pk).job.uuid
    assert sync.api("get", f"/jobs/{uuid}/streams/state/?stream=main.orders").json() == row


def test_a_state_that_is_set_is_where_the_next_run_begins_and_no_other(sync):
    sync.run()
    code, row = sync.call("put", STATE, {"state": {"column": "version", "value": "7"}})
    assert code == 200
    assert row["wanted"] == {
        "action": "continue",
        "state": {"column": "version", "value": "7"},
        "is_edit": False,
    }
    done = sync.run()
    assert (done.rows, sync.rows()) == (3, 13)
    assert "The state was set: read from there on" in sync.lines(done)
    again = sync.run()
    assert (again.rows, sync.rows()) == (0, 13)
    row = sync.call("get", STATE)[1]
    assert (row["wanted"], row["state"]["value"]) == (None, "9")


def test_a_reset_with_reload_replaces_the_rows_once(sync):
    sync.run()
    sync.orders(4)
    assert sync.call("delete", STATE)[0] == 200
    done = sync.run()
    assert (done.rows, sync.rows()) == (4, 4)
    assert any("A reload was asked for" in line for line in sync.lines(done))
    assert (sync.run().rows, sync.rows()) == (0, 4)


def test_a_reset_without_reload_adds_everything_again(sync):
    sync.run()
    code, answer = sync.call(
        "post", "/streams/reset", {"streams": ["main.orders"], "reload": False}
    )
    assert (code, answer["data"][0]["wanted"]["action"]) == (200, "continue")
    assert (sync.run().rows, sync.rows()) == (10, 20)
    sync.call("put", STATE, {"state": None})
    assert (sync.run().rows, sync.rows()) == (10, 30)


def test_a_wish_waits_until_no_run_goes_on(sync):
    sync.run()
    sync.api("post", f"/jobs/{sync.job}/run")
    for method, path, body in (
        ("put", STATE, {"state": None}),
        ("delete", STATE, None),
        ("post", RESET, {}),
    ):
        code, answer = sync.call(method, path, body)
        assert code == 409
        assert "wait for its end, or cancel it" in answer["message"]
    assert Checkpoint.objects.get().wanted is None


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"state": "7"}, "state must be an object"),
        ({"state": {"column": "id", "value": "7"}}, "column must be 'version'"),
        ({"state": {"column": "version"}}, "value is missing"),
        ({"state": {"column": "version", "value": 7}}, "value must be a text"),
        ({"state": {"column": "version", "value": "7", "digests": "!"}}, "digests must be"),
        ({"state": {"column": "version", "value": "7", "rows": -1}}, "rows must be"),
        ({"keep": "yes"}, "must be a boolean"),
    ],
)
def test_a_wrong_state_is_refused_with_what_is_right(sync, sent, told):
    code, answer = sync.call("put", STATE, sent)
    assert code == 400
    assert told in answer["message"]
    assert not Checkpoint.objects.exists()


def test_wrong_names_are_told_apart(sync):
    assert sync.call("get", "/streams/state")[0] == 400
    assert sync.call("get", "/streams/state?stream=main.none")[0] == 404
    code, answer = sync.call("put", "/streams/state?stream=main.none", {"state": None})
    assert (code, answer["message"]) == (
        404,
        "The job has no stream 'main.none'; it has: main.orders",
    )
    assert sync.call("post", "/streams/reset", {"streams": []})[0] == 400


def test_a_name_may_hold_any_character(sync, files):
    name = 'a/b?c&d.e "f" ü%20'
    path = files / "odd.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as db:
        db.execute(f'CREATE TABLE "{name.replace(chr(34), chr(34) * 2)}" AS SELECT 1 AS id')
    sync.source = sync.connect("odd")
    sync.change(Sync.incremental(name, cursor_field="id", destination_table="odd"))
    assert sync.run().rows == 1
    code, row = sync.call("get", f"/streams/state?stream={quote('main.' + name, safe='')}")
    assert (code, row["stream"], row["state"]["value"]) == (200, f"main.{name}", "1")


def test_a_stream_that_is_replaced_by_each_load_keeps_no_state(sync):
    sync.change(Sync.full())
    code, answer = sync.call("put", STATE, {"state": {"column": "version", "value": "7"}})
    assert code == 400
    assert "keeps no state" in answer["message"]


def test_another_database_behind_the_source_stops_the_stream_and_tells_the_ways_out(sync):
    sync.run()
    sync.orders(12, shop="other")
    Connection.objects.filter(pk=sync.source).update(settings={"db_path": "other.duckdb"})
    failed = sync.run()
    assert failed.status == "failed"
    assert "path: shop.duckdb → other.duckdb" in failed.error_message
    assert "PUT /jobs/" in failed.error_message
    assert sync.rows() == 10
    assert sync.call("put", STATE, {"keep": True})[0] == 200
    assert (sync.run().rows, sync.rows()) == (2, 12)
    assert (sync.run().rows, sync.rows()) == (0, 12)


def test_the_other_way_out_is_a_reload(sync):
    sync.run()
    sync.orders(3, shop="other")
    Connection.objects.filter(pk=sync.source).update(settings={"db_path": "other.duckdb"})
    assert sync.run().status == "failed"
    assert sync.call("post", RESET, {})[0] == 200
    assert (sync.run().rows, sync.rows()) == (3, 3)


def test_the_first_increment_after_a_full_refresh_doubles_nothing(sync):
    sync.change(Sync.full())
    sync.run()
    Checkpoint.objects.update(wanted=None)
    sync.change(Sync.incremental())
    sync.orders(12)
    assert (sync.run().rows, sync.rows()) == (12, 12)
    sync.orders(13)
    assert (sync.run().rows, sync.rows()) == (1, 13)


def test_what_others_load_into_the_same_table_is_not_replaced_by_a_reload(sync):
    sync.run()
    other = sync.sent(Sync.incremental(), name="Second")
    assert sync.api("post", "/jobs", other).status_code == 201
    for path, body in ((RESET, {}), ("/clear", {})):
        code, answer = sync.call("post", path, body)
        assert code == 409
        assert "Job 'Second' loads into the same table" in answer["message"]


def test_who_reads_may_not_change_and_every_wish_is_written_down(sync):
    sync.run()
    sync.call("put", STATE, {"state": None})
    sync.call("put", STATE, {"keep": True})
    sync.call("delete", STATE)
    events = AuditEvent.objects.filter(action__startswith="stream.").order_by("id")
    assert [(event.action, event.data) for event in events] == [
        ("stream.state_set", {"streams": ["main.orders"]}),
        ("stream.kept", {"streams": ["main.orders"]}),
        ("stream.reload_asked", {"streams": ["main.orders"]}),
    ]
    bob = Api("bob", door="olake")
    assert bob("get", f"/jobs/{sync.job}/streams").status_code == 404


def test_a_stream_that_left_the_job_is_still_told(sync):
    sync.run()
    sync.change(Sync.incremental("kinds"))
    rows = sync.call("get", "/streams?limit=5")[1]["data"]
    assert [(row["stream"], row["is_selected"]) for row in rows] == [
        ("main.kinds", True),
        ("main.orders", False),
    ]


def test_columns_that_do_not_fit_tell_the_route_that_loads_anew(sync):
    sync.run()
    sync.orders(12, sql="SELECT range AS id, 'x' AS kind, range AS version FROM range({})")
    failed = sync.run()
    assert failed.status == "failed"
    assert "'kind'" in failed.error_message
    path = f"/jobs/{Run.objects.get(pk=failed.pk).job.uuid}/streams/reset?stream=main.orders"
    assert f"POST {path}" in failed.error_message
    assert sync.api("post", path, {}).status_code == 200
    assert (sync.run().rows, sync.rows("max(kind)")) == (12, "x")


def test_only_what_was_there_does_not_exist_any_more(sync):
    sync.change(Sync.incremental(source_defined_primary_key=["key"]))
    first = sync.run()
    assert "key column 'key' of main.orders does not exist; there are: id" in first.error_message
    sync.change(Sync.incremental("gone"))
    assert "any more" not in sync.run().error_message
