"""Loading into MySQL: modes, markers, atomic swaps, what is refused and what breaks."""

import threading
import uuid
from contextlib import closing

import polars as pl
import pytest

from connectors.base import RunKey
from connectors.configuration import validate
from connectors.errors import Cancelled, ConfigError, DataError, LeaseLost, TransientError
from connectors.sql.mysql import moving
from tests.servers.mysql import connect

OLD = pl.DataFrame({"id": [1, 2], "name": ["one", "two"]})
NEW = pl.DataFrame({"id": [2, 3], "name": ["TWO", None]})
WEIRD = "we`ird; DROP TABLE x; -- %s {} é"
STAGED = (
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = database() "
    "AND TABLE_NAME LIKE '\\_millrace\\_%' AND TABLE_NAME <> '_millrace_commits'"
)


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        ("append", [[1, "one"], [2, "TWO"], [2, "two"], [3, None]]),
        ("replace", [[2, "TWO"], [3, None]]),
        ("upsert", [[1, "one"], [2, "TWO"], [3, None]]),
    ],
)
def test_a_mode_does_to_the_old_rows_what_it_says(system, sql, mode, rows):
    key = {"key": ["id"]} if mode == "upsert" else {}
    system.load(OLD, table="t", mode=mode, **key)
    system.load(NEW, table="t", mode=mode, **key)
    assert sql("SELECT * FROM t ORDER BY id, name") == rows
    assert sql(STAGED) == []


def test_error_refuses_a_table_that_exists_but_not_its_own_second_attempt(system, sql):
    run = str(uuid.uuid4())
    system.load(OLD, table="t", mode="error", run=run)
    system.load(OLD, table="t", mode="error", run=run, fence=2)
    with pytest.raises(ConfigError, match="exists already"):
        system.load(NEW, table="t", mode="error")
    assert sql("SELECT count(*) FROM t") == [[2]]


def test_the_last_row_of_a_key_wins_also_across_batches(system, sql):
    rows = pl.DataFrame({"id": [0] * 300_000, "n": range(300_000)})
    system.load(rows, table="t", mode="upsert", key=["id"])
    assert sql("SELECT id, n FROM t") == [[0, 299_999]]
    system.load(rows.reverse(), table="t", mode="upsert", key=["id"])
    assert sql("SELECT id, n FROM t") == [[0, 0]]


def test_a_table_that_upsert_makes_has_the_key_and_tells_all_texts_apart(system, sql):
    rows = pl.DataFrame({"k": ["a", "A", "á", "a ", ""], "part": [1, 1, 1, 1, 1], "n": range(5)})
    for _ in range(2):
        system.load(rows, table="t", mode="upsert", key=["k", "part"])
    assert system.read(table="t").sort("n").equals(rows)
    assert system.discover()["t"].key == ("k", "part")


def test_upsert_finds_keys_as_the_target_compares_them(system, sql):
    sql("CREATE TABLE t (k varchar(9) COLLATE utf8mb4_general_ci UNIQUE, n bigint)")
    sql("INSERT INTO t VALUES ('Ada', 1)")
    rows = pl.DataFrame({"k": ["ada", "ADA", "bob"], "n": [2, 3, 4]})
    system.load(rows, table="t", mode="upsert", key=["k"])
    assert sql("SELECT n FROM t ORDER BY n") == [[3], [4]]


def test_upsert_keeps_columns_that_the_rows_do_not_bring(system, sql):
    sql("CREATE TABLE t (id bigint PRIMARY KEY, name text, note varchar(9) DEFAULT 'new')")
    sql("INSERT INTO t VALUES (2, 'two', 'kept')")
    system.load(NEW, table="t", mode="upsert", key=["id"])
    assert sql("SELECT * FROM t ORDER BY id") == [[2, "TWO", "kept"], [3, None, "new"]]


def test_upsert_by_a_key_without_values_is_refused(system, sql):
    rows = pl.DataFrame({"id": [1, None], "name": ["a", "b"]})
    with pytest.raises(DataError, match="no value in the key id"):
        system.load(rows, table="t", mode="upsert", key=["id"])
    assert sql("SHOW TABLES LIKE 't'") == []


def test_a_row_that_breaks_a_constraint_leaves_the_table_as_it_was(system, sql):
    sql("CREATE TABLE t (id bigint UNIQUE, name varchar(9) UNIQUE)")
    sql("INSERT INTO t VALUES (2, 'two')")
    rows = pl.DataFrame({"id": [8, 9], "name": ["eight", "two"]})
    for fence, mode in enumerate(("append", "upsert"), 1):
        with pytest.raises(DataError, match="Duplicate entry"):
            system.load(rows, table="t", mode=mode, key=["id"], fence=fence)
    assert sql("SELECT * FROM t") == [[2, "two"]]
    assert sql(STAGED) == []


def test_the_marker_is_stored_with_the_rows_and_a_double_delivery_changes_nothing(system, sql):
    run, state = str(uuid.uuid4()), {"extract": {"value": "é"}}
    for fence in (4, 5):
        commit = system.load(OLD, table="t", mode="append", run=run, fence=fence, state=state)
        assert commit.rows == 2
    marker = system.marker(table="t", mode="append")
    assert (marker.run, marker.fence, marker.state, marker.rows) == (run, 4, state, 2)
    assert sql("SELECT count(*) FROM t") == [[2]]
    assert sql(STAGED) == []
    assert "_millrace_commits" not in system.discover()


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_a_worker_that_was_thought_dead_cannot_commit(system, sql, mode):
    system.load(OLD, table="t", mode=mode, fence=7)
    for stream in ("job/1", "other/1"):
        with pytest.raises(LeaseLost):
            system.load(NEW, table="t", mode=mode, fence=6, stream=stream)
    assert sql("SELECT count(*) FROM t") == [[2]]
    assert sql(STAGED) == []


def test_a_marker_of_a_table_that_is_gone_is_void(system, sql):
    system.load(OLD, table="t", mode="append", state={"a": 1})
    sql("DROP TABLE t")
    assert system.marker(table="t", mode="append") is None


def test_what_dead_attempts_left_is_dropped_and_what_later_ones_stage_is_not(system, sql):
    for fence in (9, 1):
        with system.opened() as connector:
            connector.begin(*_begun(connector, fence))
    assert len(sql(STAGED)) == 2
    system.load(NEW, table="t", mode="append", fence=2)
    assert [str(name).rpartition("_")[2] for [name] in sql(STAGED)] == ["9"]


def _begun(connector, fence):
    target = connector.target(validate(connector.WriteOptions, {"table": "t"}), "job/1")
    return target, OLD.schema, RunKey(str(uuid.uuid4()), "p", fence)


def test_an_empty_load_makes_a_table_with_its_columns(system):
    system.load(OLD.clear(), table="t", mode="replace")
    found = system.read(table="t")
    assert found.schema == OLD.schema
    assert found.height == 0


def test_names_are_quoted_everywhere(system, sql):
    rows = pl.DataFrame({WEIRD: [1, 2], "ID": [1, 2], 'ä."b': ["x", None]})
    name = f'"{WEIRD}"'
    schema = f"odd`%s {uuid.uuid4().hex[:8]}"
    options = {"table": name, "schema": schema, "key": ["ID", WEIRD]}
    try:
        for mode in ("replace", "append", "upsert", "replace"):
            system.load(rows, mode=mode, **options)
        assert system.read(table=name, schema=schema).equals(rows)
        system.settings["database"] = schema
        assert system.discover()[WEIRD].namespace == schema
        assert system.read(**system.discover()[WEIRD].options).equals(rows)
        assert system.marker(table=name, schema=schema).stream == "job/1"
    finally:
        sql(f"DROP DATABASE `{schema.replace('`', '``')}`")


@pytest.mark.parametrize("name", ["x" * 65, "😀", "ends "])
def test_a_name_that_the_server_refuses_is_refused_first(system, name):
    with pytest.raises(ConfigError, match="rename it"):
        system.load(pl.DataFrame({name: [1]}), table="t", mode="replace")
    with pytest.raises(ConfigError, match="one name here"):
        system.load(pl.DataFrame({"a": [1], "A": [1]}), table="t", mode="replace")


def test_a_view_and_a_table_without_transactions_are_not_written(system, sql):
    sql("CREATE VIEW v AS SELECT 1 AS id", "CREATE TABLE old (id bigint) ENGINE=Aria")
    with pytest.raises(ConfigError, match="v is a view"):
        system.load(OLD, table="v", mode="append")
    for mode in ("append", "replace"):
        with pytest.raises(ConfigError, match=r"kept by Aria.*ENGINE=InnoDB"):
            system.load(OLD.select("id"), table="old", mode=mode)


def test_a_server_that_ends_our_session_in_the_middle_leaves_the_old_rows(system, sql):
    system.load(OLD, table="t", mode="replace")
    ended, one_at_a_time = [], threading.Lock()

    def end_sessions(batch):
        with one_at_a_time:
            if batch["id"][0] > 500_000 and not ended:
                found = sql(
                    "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = database() "
                    "AND ID <> connection_id()"
                )
                ended.extend(sql(f"KILL CONNECTION {number}") for [number] in found)
        return batch

    rows = pl.LazyFrame({"id": range(1_500_000)}).with_columns(name=pl.lit("new"))
    with pytest.raises(TransientError):
        system.load(rows.map_batches(end_sessions, streamable=True), table="t", mode="replace")
    assert sql("SELECT * FROM t ORDER BY id") == [[1, "one"], [2, "two"]]
    system.load(NEW, table="t", mode="append", fence=2)
    assert sql(STAGED) == []


def test_a_write_can_be_interrupted(system, sql):
    system.load(OLD, table="t", mode="replace")
    with system.opened() as connector:
        staging = connector.begin(*_begun(connector, 3))

        def interrupt(batch):
            if batch["id"][0] > 200_000 and not connector.stopping.is_set():
                thread = threading.Thread(target=connector.interrupt)
                thread.start()
                thread.join()
            return batch

        rows = pl.LazyFrame({"id": range(2_000_000)}).with_columns(name=pl.lit("new"))
        frame = rows.map_batches(interrupt, streamable=True)
        with pytest.raises(Cancelled):
            pl.collect_all([connector.sink(staging, frame, "p")])
        connector.abort(staging)
    assert sql("SELECT count(*) FROM t") == [[2]]


def test_a_commit_that_waits_too_long_may_be_tried_again(system, mysql_url, sql, monkeypatch):
    monkeypatch.setattr(moving, "LOCK_SECONDS", 1)
    system.load(OLD, table="t", mode="replace")
    with closing(connect(mysql_url, autocommit=False)) as other, other.cursor() as cursor:
        cursor.execute("SELECT * FROM t")
        with pytest.raises(TransientError, match="Lock wait timeout"):
            system.load(NEW, table="t", mode="replace", fence=2)
    assert sql("SELECT count(*) FROM t") == [[2]]
    assert system.marker(table="t", mode="replace").fence == 1
