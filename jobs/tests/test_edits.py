"""What an edit of a job does to its streams: told by plan, done by PUT, and no more than that."""

import pytest

from connectors import registry
from connectors.models import Connection
from jobs.edits import Deed, Side, judged
from jobs.models import Checkpoint
from jobs.tests.api import Api
from jobs.tests.rows import make_table
from jobs.tests.syncs import Sync

READS = {"connector": "duckdb", "path": "a.duckdb", "table": "t", "cursor": "id"}
WRITES = {"origin": "connection:1", "table": "t", "mode": "append", "key": []}
MERGES = {"mode": "upsert", "key": ["id"]}
X, Y = {"column": "x"}, {"column": "y"}


def verdict(was=None, now=None, *, writes=None, rewrites=None, evolves=True):
    """Judge a change of what is read (None takes a name away) and of how it is written."""

    def changed(base, changes):
        return {k: v for k, v in (base | (changes or {})).items() if v is not None}

    before = Side.of(changed(READS, was), changed(WRITES, writes))
    after = Side.of(changed(READS, now), changed(changed(WRITES, writes), rewrites))
    return judged(before, after, evolves=evolves)


@pytest.mark.parametrize(
    ("was", "now", "action"),
    [
        ({}, {}, Deed.KEEP),
        ({}, {"path": "b.duckdb"}, Deed.RELOAD),
        ({}, {"table": "u"}, Deed.RELOAD),
        ({}, {"cursor": "version"}, Deed.RELOAD),
        ({}, {"second_cursor": "version"}, Deed.RELOAD),
        ({"columns": ["id"]}, {"columns": ["id", "note"]}, Deed.BACKFILL),
        ({"columns": ["id"]}, {}, Deed.BACKFILL),
        ({"columns": ["id", "note"]}, {"columns": ["id"]}, Deed.KEEP),
        ({}, {"columns": ["id"]}, Deed.KEEP),
        ({}, {"filter": X}, Deed.KEEP),
        ({"filter": X}, {"filter": {"all": [X, Y]}}, Deed.KEEP),
        ({"filter": {"all": [X, Y]}}, {"filter": X}, Deed.RELOAD),
        ({"filter": X}, {"filter": Y}, Deed.RELOAD),
        ({"filter": X}, {"filter": {"any": [X, Y]}}, Deed.RELOAD),
        ({"filter": X}, {}, Deed.RELOAD),
        ({"cursor": None}, {"cursor": None}, Deed.KEEP),
    ],
)
def test_each_change_of_what_is_read_has_its_deed(was, now, action):
    found = verdict(was, now)
    assert found.action == action
    # Rows are only taken away where that is said, and where they are merged they are not.
    assert found.is_destructive == (action in (Deed.RELOAD, Deed.BACKFILL))
    merged = verdict(was, now, writes=MERGES)
    assert merged.action == action
    is_other_source = bool({"path", "table"} & set(now))
    assert merged.is_destructive == is_other_source


@pytest.mark.parametrize(
    ("writes", "rewrites", "action"),
    [
        ({}, {"table": "u"}, Deed.START),
        ({}, {"origin": "connection:2"}, Deed.START),
        ({}, MERGES, Deed.RELOAD),
        (MERGES, {"key": ["id", "kind"]}, Deed.RELOAD),
        (MERGES, {"mode": "append"}, Deed.KEEP),
        ({}, {"mode": "replace"}, Deed.KEEP),
    ],
)
def test_each_change_of_how_it_is_written_has_its_deed(writes, rewrites, action):
    assert verdict(writes=writes, rewrites=rewrites).action == action


def test_rows_of_full_loads_that_were_appended_are_not_merged_into():
    full = {"cursor": None}
    assert verdict(full, {"cursor": "id"}, rewrites=MERGES).wish.action == "reload"
    assert verdict(full, full, rewrites=MERGES).wish.action == "reload"
    # Those that were replaced are unique by any key: the engine begins anew by itself.
    replaced = {"mode": "replace"}
    assert verdict(full, {"cursor": "id"}, writes=replaced, rewrites=MERGES).wish is None


def test_a_column_that_a_destination_cannot_add_is_swapped_in():
    joined = ({"columns": ["id"]}, {"columns": ["id", "note"]})
    assert verdict(*joined, writes=MERGES).wish.action == "continue"
    assert verdict(*joined, writes=MERGES).columns == ("note",)
    assert verdict(*joined, writes=MERGES, evolves=False).wish.action == "reload"


def test_what_was_never_loaded_starts_and_what_was_emptied_too():
    now = Side.of(READS, WRITES)
    assert judged(None, now, evolves=True).action == Deed.START
    assert judged(Side.of({}, WRITES), now, evolves=True).action == Deed.START


@pytest.fixture
def sync(transactional_db, files):
    """A job that has appended one stream."""
    ready = Sync(Api("ada", door="olake"), files).make(Sync.incremental())
    ready.run()
    return ready


def point_elsewhere(sync):
    """Let the source read another database, with four orders."""
    sync.orders(4, shop="other")
    Connection.objects.filter(pk=sync.source).update(settings={"db_path": "other.duckdb"})


def planned(sync, *streams, **changes):
    code, answer = sync.call("post", "/plan", sync.sent(*streams, **changes))
    assert code == 200, answer
    return answer["data"]


@pytest.mark.django_db(transaction=True)
class TestAJob:
    """The same on a job that runs."""

    def test_a_plan_changes_nothing_and_the_put_does_what_it_says(self, sync):
        chosen = Sync.incremental(cursor_field="id")
        (edit,) = planned(sync, chosen)
        assert (edit["action"], edit["is_destructive"], edit["rows"]) == ("reload", True, 10)
        assert edit["reasons"] == ["cursor: version → id"]
        assert Checkpoint.objects.get().wanted is None
        sync.orders(6)
        sync.change(chosen)
        assert sync.call("get", "/streams")[1]["data"][0]["wanted"]["action"] == "reload"
        assert (sync.run().rows, sync.rows()) == (6, 6)
        assert (sync.run().rows, sync.rows()) == (0, 6)

    def test_an_edit_that_is_taken_back_takes_its_wish_along(self, sync):
        sync.change(Sync.incremental(cursor_field="id"))
        sync.change(Sync.incremental())
        assert Checkpoint.objects.get().wanted is None
        assert (sync.run().rows, sync.rows()) == (0, 10)

    def test_the_same_edit_twice_is_one_wish(self, sync):
        sync.change(Sync.incremental(cursor_field="id"))
        epoch = Checkpoint.objects.get().epoch
        sync.change(Sync.incremental(cursor_field="id"), name="Renamed")
        assert Checkpoint.objects.get().epoch == epoch

    def test_a_column_joins_without_a_row_that_goes(self, sync, files):
        merged = {"primary_key": ["id"], "destination_table": "merged"}
        sync.change(Sync.incremental(columns=["id", "version"], **merged))
        sync.run()
        make_table(
            files / "shop.duckdb",
            "orders",
            "SELECT range::BIGINT AS id, range % 3 AS kind, range AS version FROM range(5, 12)",
        )
        wider = Sync.incremental(columns=["id", "kind", "version"], **merged)
        (edit,) = planned(sync, wider)
        # Rows are kept that are gone at the source where the destination can add the column.
        can_add = registry.destination("duckdb").evolves
        assert (edit["action"], edit["columns"]) == ("backfill", ["kind"])
        assert edit["is_destructive"] is not can_add
        sync.change(wider)
        assert sync.run().rows == 7
        assert sync.rows(table="merged") == (12 if can_add else 7)
        assert sync.rows("count(kind)", table="merged") == 7
        assert sync.run().rows == 0

    def test_a_column_joins_an_appended_stream_by_a_swap(self, sync):
        sync.change(Sync.incremental(columns=["id", "version"], destination_table="few"))
        sync.run()
        wider = Sync.incremental(columns=["id", "kind", "version"], destination_table="few")
        assert planned(sync, wider)[0]["action"] == "backfill"
        sync.change(wider)
        assert sync.run().rows == 10
        assert (sync.rows(table="few"), sync.rows("count(kind)", table="few")) == (10, 10)

    @pytest.mark.parametrize("key", [[], ["id"]])
    def test_a_column_that_leaves_stays_in_the_table_and_rows_go_on(self, sync, key):
        said = {"primary_key": key, "destination_table": "less"}
        sync.change(Sync.incremental(columns=["id", "kind", "version"], **said))
        sync.run()
        less = Sync.incremental(columns=["id", "version"], **said)
        (edit,) = planned(sync, less)
        assert (edit["action"], edit["is_destructive"]) == ("keep", False)
        sync.change(less)
        sync.orders(12)
        done = sync.run()
        # Merged by its key, the row of the last value may come again.
        rows = 3 if key else 2
        assert (done.status, done.rows, done.error_message) == ("succeeded", rows, "")
        assert sync.rows(table="less") == 12
        assert sync.rows("count(kind)", table="less") == 10

    def test_a_narrower_filter_goes_on_and_a_wider_one_begins_anew(self, sync):
        narrow = Sync.incremental(filter={"column": "id", "operator": ">=", "value": 3})
        assert planned(sync, narrow)[0]["action"] == "keep"
        sync.change(narrow)
        sync.orders(12)
        assert (sync.run().rows, sync.rows()) == (2, 12)
        assert planned(sync)[0]["action"] == "reload"
        sync.change()
        assert (sync.run().rows, sync.rows()) == (12, 12)

    def test_streams_come_and_go(self, sync, files):
        make_table(files / "shop.duckdb", "kinds", "SELECT range AS kind FROM range(3)")
        edits = planned(sync, Sync.full("kinds"))
        assert [(edit["stream"], edit["action"]) for edit in edits] == [
            ("main.kinds", "start"),
            ("main.orders", "leave"),
        ]
        sync.change(Sync.full("kinds"))
        sync.run()
        sync.orders(11)
        assert planned(sync, Sync.incremental())[0]["action"] == "keep"
        sync.change(Sync.incremental())
        assert (sync.run().rows, sync.rows()) == (1, 11)

    def test_another_table_is_filled_from_the_beginning_and_the_old_one_stays(self, sync):
        chosen = Sync.incremental(destination_table="second")
        (edit,) = planned(sync, chosen)
        assert (edit["action"], edit["is_destructive"]) == ("start", False)
        sync.change(chosen)
        assert sync.run().rows == 10
        assert (sync.rows(), sync.rows(table="second")) == (10, 10)

    def test_an_edit_of_the_source_itself_is_left_to_a_person(self, sync):
        assert planned(sync)[0]["action"] == "keep"
        point_elsewhere(sync)
        code, answer = sync.call("post", "/plan", {})
        (edit,) = answer["data"]
        assert (code, edit["action"], answer["is_destructive"]) == (200, "fail", False)
        assert edit["reasons"] == ["path: shop.duckdb → other.duckdb"]
        assert "The next run will fail" in edit["text"]
        assert "Save the job" in edit["text"]
        renamed = sync.api("put", f"/jobs/{sync.job}", {"name": "Renamed"})
        assert (renamed.status_code, Checkpoint.objects.get().wanted) == (200, None)
        assert sync.run().status == "failed"
        assert sync.rows() == 10

    def test_whoever_saves_the_job_confirms_an_edit_of_its_source(self, sync):
        point_elsewhere(sync)
        (edit,) = planned(sync)
        assert (edit["action"], edit["is_destructive"]) == ("reload", True)
        sync.change()
        # What is wished now is what an empty plan tells, and what the run does.
        assert sync.call("post", "/plan", {})[1]["data"][0]["action"] == "reload"
        assert (sync.run().rows, sync.rows()) == (4, 4)
        assert sync.call("post", "/plan", {})[1]["data"][0]["action"] == "keep"

    def test_to_save_the_job_does_not_outrank_who_kept_its_state(self, sync):
        point_elsewhere(sync)
        sync.call("put", "/streams/state?stream=main.orders", {"keep": True})
        assert planned(sync)[0]["action"] == "keep"
        sync.change()
        assert Checkpoint.objects.get().wanted["action"] == "keep"

    def test_an_unchanged_job_can_be_saved_where_its_rows_cannot_be_replaced(self, sync):
        second = sync.sent(Sync.incremental(), name="Second")
        assert sync.api("post", "/jobs", second).status_code == 201
        point_elsewhere(sync)
        assert planned(sync)[0]["action"] == "fail"
        sync.change(name="Renamed")
        assert Checkpoint.objects.get().wanted is None

    @pytest.mark.parametrize(("key", "told"), [([], "added once more"), (["id"], "merged")])
    def test_a_state_that_was_set_to_nothing_is_told(self, sync, key, told):
        sync.change(Sync.incremental(primary_key=key))
        sync.run()
        sync.call("put", "/streams/state?stream=main.orders", {"state": None})
        (edit,) = sync.call("post", "/plan", {})[1]["data"]
        assert told in edit["text"]
        assert (edit["action"], edit["is_destructive"]) == ("start", False)

    def test_what_a_person_asked_for_stays_and_is_told(self, sync):
        sync.call("delete", "/streams/state?stream=main.orders")
        (edit,) = planned(sync)
        assert (edit["action"], edit["is_destructive"]) == ("reload", True)
        sync.change(name="Renamed")
        assert Checkpoint.objects.get().wanted["is_edit"] is False

    def test_rows_of_another_job_are_not_replaced_by_an_edit(self, sync):
        second = sync.sent(Sync.incremental(), name="Second")
        assert sync.api("post", "/jobs", second).status_code == 201
        chosen = Sync.incremental(cursor_field="id")
        assert "Job 'Second' loads into the same table" in planned(sync, chosen)[0]["refused"]
        refused = sync.api("put", f"/jobs/{sync.job}", sync.sent(chosen))
        assert refused.status_code == 409
        assert Checkpoint.objects.get().wanted is None

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            ({"config": {"streams": [{}]}}, "config.streams.0 needs a name"),
            ({"source_id": 123456}, "There is no source with this number"),
        ],
    )
    def test_what_put_would_refuse_is_refused(self, sync, sent, told):
        code, answer = sync.call("post", "/plan", sent)
        assert code == 400
        assert told in answer["message"]
