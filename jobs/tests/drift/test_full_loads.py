"""A source's columns change between two full loads: what each policy does, on real systems."""

from decimal import Decimal

import pytest

from jobs.models import Checkpoint, Part
from jobs.tests.drift.changing import (
    ACTIONS,
    CHANGES,
    FIRST,
    TOLD,
    changes_of,
    log_of,
    make_job,
    remake,
    run,
    things,
)

pytestmark = pytest.mark.django_db(transaction=True)

EVOLVED = {"new": "added", "dropped": "removed", "widened": "widened", "changed": "taken"}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("policy", ["ignore", "notify", "freeze", "evolve"])
@pytest.mark.parametrize("ends_of", ["duckdb", "parquet", "postgres"], indirect=True)
def test_a_full_refresh_follows_its_policy(ada, shop, ends_of, policy, change):
    ends, held = ends_of
    job = make_job(ada, ends, things(), schema_policy=policy)
    assert changes_of(run(ada, job)) == []
    before = held()
    remake(shop, *CHANGES[change])
    told = run(ada, job)
    expected = EVOLVED if policy == "evolve" else ACTIONS
    if policy == "freeze":
        expected = dict.fromkeys(ACTIONS, "refused")
    assert changes_of(told) == [(name, what, expected[what]) for name, what in TOLD[change]]
    (stream,) = told["streams"]
    is_refused = policy == "freeze" or (policy != "evolve" and change == "changed")
    assert told["status"] == ("failed" if is_refused else "success"), stream["error"]
    lines = log_of(ada, job, told)
    if is_refused:
        assert held() == before
        assert TOLD[change][0][0] in stream["error"]
        assert "schema_policy" in stream["error"]
        return
    (row,) = held()
    if policy == "evolve":
        assert list(row) == [part.split()[0] for part in CHANGES[change][0].split(", ")]
        sent = CHANGES[change][1]
        assert list(row.values()) == [sent[0], Decimal("3.0"), *sent[2:]]
    else:
        assert list(row) == ["id", "small", "name"]
        assert row["name"] == ("c" if change in ("new", "widened") else None)
    level = "warning" if policy == "notify" else "info"
    assert [kind for kind, text in lines if "changed" in text] == [level]


@pytest.mark.parametrize("policy", ["ignore", "notify"])
def test_what_is_left_out_is_told_at_each_run(ada, shop, make_ends, policy):
    ends, _ = make_ends("duckdb")
    job = make_job(ada, ends, things(schema_policy=policy))
    run(ada, job)
    remake(shop, *CHANGES["new"])
    assert changes_of(run(ada, job)) == changes_of(run(ada, job)) == [("note", "new", "left_out")]


def test_a_stream_that_freezes_leaves_the_others_alone_and_says_what_to_do(ada, shop, make_ends):
    ends, held = make_ends("duckdb")
    remake(shop, "id INTEGER", (1,), table="others")
    others = {"stream": {"name": "others", "sync_mode": "full_refresh"}}
    job = make_job(ada, ends, things(schema_policy="freeze"), others)
    run(ada, job)
    remake(shop, *CHANGES["renamed"])
    told = run(ada, job)
    assert told["status"] == "partial"
    frozen, other = told["streams"]
    assert (frozen["status"], other["status"]) == ("failed", "success")
    assert "'title' (String) is new; 'name' (String) is gone" in frozen["error"]
    assert "renamed at its source" in frozen["error"]
    assert "schema_policy to evolve" in frozen["error"]
    assert frozen["rows_read"] == 0
    assert [row["name"] for row in held()] == ["a", "b"]
    remake(shop, *FIRST)
    assert run(ada, job)["status"] == "success"


def test_a_stream_says_otherwise_than_its_job_and_old_words_are_known(ada, shop, make_ends):
    ends, held = make_ends("duckdb")
    job = make_job(ada, ends, things(schema_policy="propagate"), schema_policy="pause")
    run(ada, job)
    remake(shop, *CHANGES["new"])
    assert changes_of(run(ada, job)) == [("note", "new", "added")]
    assert held()[0]["note"] == "hello"


def test_chosen_columns_alone_are_looked_at_and_one_that_is_gone_fails(ada, shop, make_ends):
    ends, held = make_ends("duckdb")
    chosen = things(columns=["id", "name"], schema_policy="freeze")
    job = make_job(ada, ends, chosen)
    run(ada, job)
    remake(shop, *CHANGES["new"])
    assert changes_of(run(ada, job)) == []
    assert held() == [{"id": 3, "name": "c"}]
    remake(shop, *CHANGES["renamed"])
    (stream,) = run(ada, job)["streams"]
    assert stream["status"] == "failed"
    assert "There is no column 'name'; known: id, small, title" in stream["error"]
    assert "selected_columns" in stream["error"]


def test_another_choice_of_columns_is_no_change_of_the_source(ada, shop, make_ends):
    ends, held = make_ends("duckdb")
    job = make_job(ada, ends, things(columns=["id"]), schema_policy="freeze")
    run(ada, job)
    config = {"streams": [things()], "settings": {"schema_policy": "freeze"}}
    ada("put", f"/jobs/{job}", {"config": config, "name": "Drift", **ends, "frequency": ""})
    told = run(ada, job)
    assert (told["status"], changes_of(told)) == ("success", [])
    assert list(held()[0]) == ["id", "small", "name"]


def test_a_key_or_cursor_column_that_is_gone_is_named(ada, shop, make_ends):
    ends, _ = make_ends("duckdb")
    merged = things(write_mode="upsert", primary_key=["name"])
    job = make_job(ada, ends, merged)
    run(ada, job)
    remake(shop, *CHANGES["dropped"])
    (stream,) = run(ada, job)["streams"]
    assert "The key column 'name' of things does not exist any more" in stream["error"]
    keyed = things(sync_mode="incremental", cursor_field="id", destination_table="more")
    job = make_job(ada, ends, keyed, name="More")
    run(ada, job)
    remake(shop, "small INTEGER, name TEXT", (1, "a"))
    (stream,) = run(ada, job)["streams"]
    assert "The cursor column of things cannot be used: There is no column 'id'" in stream["error"]


def test_a_checkpoint_keeps_the_columns_and_a_crash_before_it_loses_nothing(ada, shop, make_ends):
    ends, held = make_ends("duckdb")
    job = make_job(ada, ends, things(schema_policy="notify"))
    run(ada, job)
    (kept,) = Checkpoint.objects.all()
    small = "Decimal(precision=4, scale=1)"
    assert kept.columns == {"id": "Int64", "small": small, "name": "String"}
    Checkpoint.objects.all().delete()
    remake(shop, *CHANGES["new"])
    assert changes_of(run(ada, job)) == [("note", "new", "left_out")]
    assert len(held()) == 1
    assert Checkpoint.objects.get().columns == kept.columns


def test_a_table_that_is_gone_fails_alone_and_its_copy_stays(ada, shop, make_ends):
    ends, held = make_ends("duckdb")
    remake(shop, "id INTEGER", (1,), table="others")
    others = {"stream": {"name": "others", "sync_mode": "full_refresh"}}
    job = make_job(ada, ends, things(), others)
    run(ada, job)
    remake(shop, None)
    told = run(ada, job)
    assert told["status"] == "partial"
    assert "things does not exist any more" in told["streams"][0]["error"]
    assert "known: others" in told["streams"][0]["error"]
    assert told["streams"][1]["status"] == "success"
    assert len(held()) == 2


def test_a_table_that_never_was_is_not_said_to_be_gone(ada, shop, make_ends):
    ends, _ = make_ends("duckdb")
    job = make_job(ada, ends, {"stream": {"name": "nothing"}})
    (stream,) = run(ada, job)["streams"]
    assert "There is no table 'nothing'" in stream["error"]
    assert "any more" not in stream["error"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"schema_policy": "sometimes"}, "config.settings.schema_policy"),
        ({"new_streams": "perhaps"}, "config.settings.new_streams"),
        ({"checksums": "maybe"}, "config.settings.checksums"),
        (5, "config.settings must be an object"),
    ],
)
def test_settings_that_mean_nothing_are_refused(ada, make_ends, settings, told):
    ends, _ = make_ends("duckdb")
    config = {"streams": [things()], "settings": settings}
    answer = ada("post", "/jobs", {"name": "x", **ends, "frequency": "", "config": config})
    assert answer.status_code == 400
    assert told in answer.json()["message"]


def test_a_bad_policy_of_a_stream_is_refused_by_its_name(ada, make_ends):
    ends, _ = make_ends("duckdb")
    config = {"streams": [things(schema_policy="sometimes")]}
    answer = ada("post", "/jobs", {"name": "x", **ends, "frequency": "", "config": config})
    assert answer.status_code == 400
    assert "things" in answer.json()["message"]
    assert "schema_policy" in answer.json()["message"]
    assert not Part.objects.exists()
