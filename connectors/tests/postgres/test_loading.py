"""Loads into PostgreSQL: modes, markers, names, what hangs on a table, and what breaks."""

import threading
import uuid

import polars as pl
import psycopg
import pytest

from connectors.errors import Cancelled, ConfigError, DataError, LeaseLost, TransientError
from tests.idling import wait_until_idle

OLD = pl.DataFrame({"id": [1, 2], "name": ["one", "two"]})
NEW = pl.DataFrame({"id": [2, 3], "name": ["TWO", None]})
WEIRD = 'we"ird; DROP TABLE x; -- %s {} é'
STAGED = "SELECT relname FROM pg_class WHERE relname LIKE '\\_millrace\\_%' AND relkind = 'r' AND relname <> '_millrace_commits'"


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        ("append", [[1, "one"], [2, "TWO"], [2, "two"], [3, None]]),
        ("replace", [[2, "TWO"], [3, None]]),
        ("upsert", [[1, "one"], [2, "TWO"], [3, None]]),
    ],
)
def test_a_mode_does_to_the_old_rows_what_it_says(system, rows_of, mode, rows):
    key = {"key": ["id"]} if mode == "upsert" else {}
    system.load(OLD, table="t", mode=mode, **key)
    system.load(NEW, table="t", mode=mode, **key)
    assert rows_of('SELECT * FROM t ORDER BY id, name COLLATE "C"') == rows
    assert rows_of(STAGED) == []


def test_error_refuses_a_table_that_exists_but_not_its_own_second_attempt(system, rows_of):
    run = str(uuid.uuid4())
    system.load(OLD, table="t", mode="error", run=run)
    system.load(OLD, table="t", mode="error", run=run, fence=2)
    with pytest.raises(ConfigError, match="exists already"):
        system.load(NEW, table="t", mode="error")
    assert rows_of("SELECT count(*) FROM t") == [[2]]


def test_the_last_row_of_a_key_wins_also_across_batches(system, rows_of):
    rows = pl.DataFrame({"id": [0] * 300_000, "n": range(300_000)})
    system.load(rows, table="t", mode="upsert", key=["id"])
    assert rows_of("SELECT id, n FROM t") == [[0, 299_999]]
    system.load(rows.reverse(), table="t", mode="upsert", key=["id"])
    assert rows_of("SELECT id, n FROM t") == [[0, 0]]


def test_upsert_keeps_columns_that_the_rows_do_not_bring(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id bigint PRIMARY KEY, name text, note text DEFAULT 'new')")
    sql.execute("INSERT INTO t VALUES (2, 'two', 'kept')")
    system.load(NEW, table="t", mode="upsert", key=["id"])
    assert rows_of("SELECT * FROM t ORDER BY id") == [[2, "TWO", "kept"], [3, None, "new"]]


def test_upsert_by_a_key_without_values_is_refused(system, rows_of):
    rows = pl.DataFrame({"id": [1, None], "name": ["a", "b"]})
    with pytest.raises(DataError, match="no value in the key id"):
        system.load(rows, table="t", mode="upsert", key=["id"])
    assert rows_of("SELECT to_regclass('t')::text") == [[None]]


def test_a_row_that_breaks_a_constraint_leaves_the_table_as_it_was(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id bigint UNIQUE, name varchar(3))")
    sql.execute("INSERT INTO t VALUES (2, 'two')")
    with pytest.raises(DataError, match="duplicate key"):
        system.load(NEW, table="t", mode="append")
    with pytest.raises(DataError, match="too long"):
        system.load(pl.DataFrame({"id": [5], "name": ["four"]}), table="t", mode="append")
    assert rows_of("SELECT * FROM t") == [[2, "two"]]


def test_the_marker_is_stored_with_the_rows_and_a_double_delivery_changes_nothing(system, rows_of):
    run, state = str(uuid.uuid4()), {"extract": {"value": "é"}}
    for fence in (4, 5):
        commit = system.load(OLD, table="t", mode="append", run=run, fence=fence, state=state)
        assert commit.rows == 2
    marker = system.marker(table="t", mode="append")
    assert (marker.run, marker.fence, marker.state, marker.rows) == (run, 4, state, 2)
    assert rows_of("SELECT count(*) FROM t") == [[2]]
    assert rows_of(STAGED) == []
    assert "_millrace_commits" not in system.discover()


def test_a_worker_that_was_thought_dead_cannot_commit(system, rows_of):
    system.load(OLD, table="t", mode="append", fence=7)
    with pytest.raises(LeaseLost):
        system.load(NEW, table="t", mode="append", fence=6)
    with pytest.raises(LeaseLost):
        system.load(NEW, table="t", mode="append", fence=6, stream="other/1")
    assert rows_of("SELECT count(*) FROM t") == [[2]]
    assert rows_of(STAGED) == []


def test_a_marker_of_a_table_that_is_gone_is_void(system, sql):
    system.load(OLD, table="t", mode="append", state={"a": 1})
    sql.execute("DROP TABLE t")
    assert system.marker(table="t", mode="append") is None


def test_what_dead_attempts_left_is_dropped_and_what_later_ones_stage_is_not(system, sql, rows_of):
    for fence in (9, 1):
        with system.opened() as connector:
            connector.begin(*_begun(connector, fence))
    assert len(rows_of(STAGED)) == 2
    system.load(NEW, table="t", mode="append", fence=2)
    assert [name.rpartition("_")[2] for [name] in rows_of(STAGED)] == ["9"]


def _begun(connector, fence):
    from connectors.base import RunKey
    from connectors.configuration import validate

    target = connector.target(validate(connector.WriteOptions, {"table": "t"}), "job/1")
    return target, OLD.schema, RunKey(str(uuid.uuid4()), "p", fence)


def test_an_empty_load_makes_a_table_with_its_columns(system):
    system.load(OLD.clear(), table="t", mode="replace")
    found = system.read(table="t")
    assert found.schema == OLD.schema
    assert found.height == 0


def test_names_are_quoted_everywhere(system, sql, rows_of):
    rows = pl.DataFrame({WEIRD: [1, 2], "ID": [1, 2], "id": [3, 4], "ä.b": ["x", None]})
    name = '"' + WEIRD.replace('"', '""') + '"'
    options = {"table": name, "schema": WEIRD, "key": ["ID", WEIRD]}
    for mode in ("replace", "append", "upsert", "replace"):
        system.load(rows, mode=mode, **options)
    found = system.read(table=name, schema=WEIRD)
    assert found.equals(rows)
    assert system.discover()[WEIRD].namespace == WEIRD
    assert system.read(**system.discover()[WEIRD].options).equals(rows)
    assert system.marker(table=name, schema=WEIRD).stream == "job/1"


def test_schemas_and_tables_that_differ_in_case_only_are_told_apart(system, sql, rows_of):
    for name in ("Sales", "sales"):
        system.load(OLD.head(1), table="T", schema=name, mode="replace")
        system.load(NEW, table="t", schema=name, mode="replace")
    assert rows_of('SELECT count(*) FROM "Sales"."T"') == [[1]]
    assert rows_of('SELECT count(*) FROM sales."t"') == [[2]]


def test_a_name_that_the_server_would_cut_off_is_refused(system):
    with pytest.raises(ConfigError, match="longer than 63 bytes"):
        system.load(OLD, table="é" * 32, mode="replace")
    with pytest.raises(ConfigError, match="longer than 63 bytes"):
        system.load(pl.DataFrame({"x" * 64: [1]}), table="t", mode="replace")
    system.load(OLD, table="x" * 63, mode="replace")
    system.load(NEW, table="x" * 63, mode="append")


def test_many_columns_are_written_and_read(system):
    rows = pl.DataFrame({f"column_{at}": [at % 2 == 0] for at in range(1600)})
    system.load(rows, table="t", mode="replace")
    assert system.read(table="t").equals(rows)
    with pytest.raises(DataError, match="1600 columns"):
        system.load(rows.with_columns(one_more=pl.lit(1)), table="u", mode="replace")


def test_a_view_is_not_written(system, sql):
    sql.execute("CREATE VIEW v AS SELECT 1 AS id")
    with pytest.raises(ConfigError, match="v is a view"):
        system.load(OLD, table="v", mode="append")


def test_readers_see_the_old_rows_until_the_commit(system, rows_of):
    system.load(OLD, table="t", mode="replace")
    seen = []
    system.load(
        NEW,
        table="t",
        mode="replace",
        before_commit=lambda: seen.extend(rows_of("SELECT id FROM t ORDER BY id")),
    )
    assert seen == [[1], [2]]


def test_a_server_that_ends_our_session_in_the_middle_leaves_the_old_rows(system, sql, rows_of):
    system.load(OLD, table="t", mode="replace")

    ended = []

    def end_session(batch):
        while batch["id"][0] > 1_000_000 and not ended:
            ended.extend(
                rows_of(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query LIKE 'COPY % FROM STDIN%'"
                )
            )
        return batch

    rows = pl.LazyFrame({"id": range(4_000_000)}).with_columns(name=pl.lit("new"))
    broken = rows.map_batches(end_session, streamable=True)
    with pytest.raises(TransientError):
        system.load(broken, table="t", mode="replace")
    assert rows_of("SELECT * FROM t ORDER BY id") == [[1, "one"], [2, "two"]]
    assert rows_of(STAGED) == []


@pytest.fixture
def waiting(system, rows_of):
    """A connector and its staging, whose rows the server has and which waits for more of them."""
    system.load(OLD, table="t", mode="replace")
    with system.opened() as connector:
        staging = connector.begin(*_begun(connector, 3))
        rows = pl.LazyFrame({"id": range(200_000)}).with_columns(name=pl.lit("new"))
        pl.collect_all([connector.sink(staging, rows, "p")])
        wait_until_idle()
        yield connector, staging
    assert rows_of("SELECT count(*) FROM t") == [[2]]


@pytest.mark.timeout(60)
def test_a_load_that_waits_for_rows_can_be_given_up(waiting):
    connector, staging = waiting
    connector.abort(staging)
    with pytest.raises(Cancelled):
        connector.count(staging)


@pytest.mark.timeout(60)
def test_a_server_that_ends_our_session_after_the_last_rows_is_told(waiting, sql):
    connector, staging = waiting
    sql.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE 'COPY % FROM STDIN%'"
    )
    with pytest.raises(TransientError):
        connector.count(staging)


def test_a_write_can_be_interrupted(system, sql, rows_of):
    system.load(OLD, table="t", mode="replace")
    with system.opened() as connector:
        staging = connector.begin(*_begun(connector, 3))

        def interrupt(batch):
            if batch["id"][0] > 200_000 and not connector.stopping.is_set():
                thread = threading.Thread(target=connector.interrupt)
                thread.start()
                thread.join()
            return batch

        rows = pl.LazyFrame({"id": range(3_000_000)}).with_columns(name=pl.lit("new"))
        frame = rows.map_batches(interrupt, streamable=True)
        with pytest.raises(Exception, match=r"ended|terminating"):
            pl.collect_all([connector.sink(staging, frame, "p")])
        connector.abort(staging)
    assert rows_of("SELECT count(*) FROM t") == [[2]]


def test_a_user_without_rights_is_told_so(system, settings, sql, postgres_url):
    role = f"guest_{uuid.uuid4().hex[:8]}"
    sql.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'guest'")
    sql.execute("CREATE TABLE t (id bigint, name text)")
    try:
        system.settings |= {"username": role, "password": "guest"}
        with pytest.raises(ConfigError, match="permission denied"):
            system.load(OLD, table="t", mode="append")
        with pytest.raises(ConfigError, match="permission denied"):
            system.read(table="t")
        assert "t" not in system.discover()
    finally:
        sql.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_commit_that_waits_too_long_may_be_tried_again(
    system, postgres_url, rows_of, monkeypatch
):
    monkeypatch.setattr("connectors.sql.postgres.loading._LOCK_SECONDS", 1)
    system.load(OLD, table="t", mode="replace")
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT * FROM t")
        with pytest.raises(TransientError, match="lock timeout"):
            system.load(NEW, table="t", mode="replace")
    assert rows_of("SELECT count(*) FROM t") == [[2]]
