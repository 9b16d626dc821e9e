"""Reading MySQL: tables, views, queries, increments, one snapshot, and what breaks."""

import datetime as dt
import threading
import time
from contextlib import closing
from itertools import pairwise

import polars as pl
import pytest

from connectors.configuration import validate
from connectors.errors import ConfigError, DataError, TransientError
from connectors.sql.mysql import reading
from tests.servers.mysql import connect

# Enough for several ranges by several sessions.
MANY = 300_000


@pytest.fixture
def many(sql):
    """A table of 300,000 rows that is read in several ranges by several sessions."""
    sql(
        "CREATE TABLE many (id int PRIMARY KEY, filler varchar(60))",
        f"INSERT INTO many SELECT seq, repeat('x', 60) FROM seq_1_to_{MANY}",
        "ANALYZE TABLE many",
    )


@pytest.fixture
def selects(monkeypatch):
    """The SELECTs that readings send, and how many sessions they use."""
    seen = []
    real = reading.Reading._read

    def noted(self, session, cut):
        seen.append((session.thread_id(), cut))
        return real(self, session, cut)

    monkeypatch.setattr(reading.Reading, "_read", noted)
    return seen


def test_a_big_table_is_read_in_ranges_without_losing_or_doubling_a_row(system, many, selects):
    ids = system.read(table="many", columns=["id"])["id"]
    assert ids.len() == ids.n_unique() == MANY
    assert ids.cast(pl.Int64).sum() == MANY * (MANY + 1) // 2
    assert len({session for session, _ in selects}) == 2
    assert len({cut for _, cut in selects}) == 8


def test_all_sessions_see_the_table_at_one_moment(system, sql, many):
    moved, one_at_a_time = [], threading.Lock()

    def move(batch):
        with one_at_a_time:
            if not moved:
                moved.append(sql("UPDATE many SET id = -id"))
                sql(f"INSERT INTO many SELECT seq, 'new' FROM seq_1_to_{MANY}")
        return batch

    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"table": "many"}))
        ids = found.frame.map_batches(move, streamable=True).collect(engine="streaming")["id"]
    assert (ids.len(), ids.min(), ids.max()) == (MANY, 1, MANY)


def test_a_table_that_is_being_written_is_read_by_one_session(
    system, sql, many, selects, mysql_url
):

    with closing(connect(mysql_url, autocommit=False)) as writer, writer.cursor() as cursor:
        cursor.execute("DELETE FROM many WHERE id > 10")
        assert system.read(table="many").height == MANY
    assert len(selects) == 1


def test_a_user_who_may_not_lock_tables_reads_with_one_session(system, sql, many, selects):
    [[database]] = sql("SELECT database()")
    sql("CREATE USER reader IDENTIFIED BY 'reader'", f"GRANT SELECT ON {database}.* TO reader")
    try:
        system.settings |= {"username": "reader", "password": "reader"}
        assert system.read(table="many").height == MANY
        assert len(selects) == 1
    finally:
        sql("DROP USER reader")


def test_keys_at_the_ends_of_their_type_are_all_in_a_range(system, sql, monkeypatch, selects):
    monkeypatch.setattr("connectors.sql.mysql.scanning.MANY", 0)
    sql("CREATE TABLE u (id bigint unsigned PRIMARY KEY, n int)")
    sql("INSERT INTO u VALUES (0, 1), (9223372036854775808, 2), (18446744073709551615, 3)")
    sql("CREATE TABLE s (id bigint PRIMARY KEY)")
    sql("INSERT INTO s VALUES (-9223372036854775808), (0), (9223372036854775807)")
    sql("CREATE TABLE e (id bigint PRIMARY KEY)")
    assert sorted(system.read(table="u")["id"].to_list()) == [0, 2**63, 2**64 - 1]
    assert sorted(system.read(table="s")["id"].to_list()) == [-(2**63), 0, 2**63 - 1]
    assert len(selects) == 16
    assert system.read(table="e").schema == {"id": pl.Int64()}


def test_only_the_columns_and_rows_that_are_asked_for_come(system, many):
    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"table": "many"}))
        few = found.frame.filter(pl.col("id") <= 3).select("filler").collect(engine="streaming")
        assert few["filler"].to_list() == ["x" * 60] * 3
        assert found.frame.select(pl.len()).collect(engine="streaming").item() == MANY
        assert found.frame.head(5).collect(engine="streaming").height == 5


def test_views_and_queries_are_read(system, sql):
    sql("CREATE TABLE t (id int, name varchar(9))", "INSERT INTO t VALUES (1, 'a'), (2, NULL)")
    sql("CREATE VIEW v AS SELECT id * 2 AS twice FROM t")
    assert sorted(system.read(table="v")["twice"].to_list()) == [2, 4]
    query = "WITH x AS (SELECT * FROM t) SELECT count(*) AS n, 'a\"b' AS s, NULL AS z FROM x; # end"
    assert system.read(query=query).rows() == [(2, 'a"b', None)]
    assert system.read(query="SELECT 1 AS a WHERE false").schema == {"a": pl.Int32()}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"table": "nowhere"}, r"There is no table or view .*nowhere; there are: .*\.t"),
        ({"query": "SELECT nothing FROM t"}, "Unknown column 'nothing'"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "Duplicate column name 'a'"),
        ({"query": "DELETE FROM t"}, "syntax"),
        ({"query": "SELECT 1; DELETE FROM t"}, "syntax"),
        ({"table": "t", "columns": ["x"]}, "There is no column 'x'; known: id"),
    ],
)
def test_what_cannot_be_read_is_told_before_a_row(system, sql, options, said):
    sql("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
    with pytest.raises(ConfigError, match=said):
        system.read(**options)
    assert sql("SELECT count(*) FROM t") == [[1]]


def test_a_query_cannot_change_anything(system, sql):
    sql("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
    sql("CREATE FUNCTION sneak() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM t; RETURN 1; END")
    with pytest.raises(ConfigError, match="READ ONLY"):
        system.read(query="SELECT sneak() AS a")
    assert sql("SELECT count(*) FROM t") == [[1]]


def test_an_error_among_the_rows_ends_the_read(system, sql):
    sql("CREATE TABLE t (id int)", "INSERT INTO t SELECT seq FROM seq_1_to_100000")
    with pytest.raises(DataError, match="more than 1 row"):
        system.read(query="SELECT if(id > 90000, (SELECT id FROM t), id) AS a FROM t")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("int", ["1", "2", "2", "3"]),
        ("bigint unsigned", ["1", "2", "18446744073709551614", "18446744073709551615"]),
        ("decimal(30,10)", ["-1.5", "2.0000000001", "2.0000000002", "3"]),
        ("date", ["'2024-01-01'", "'2024-01-02'", "'2024-01-02'", "'2024-01-03'"]),
        ("datetime(6)", ["'2024-01-01 00:00:00.000001'", "'2024-01-01 00:00:00.000002'"] * 2),
        ("timestamp(6) null", ["'2024-01-01 00:00:00.000001'", "'2024-03-31 02:00:00.5'"] * 2),
        ("varchar(20)", ["'a'", "'a '", "'B'", "'é😀''\\\\'"]),
    ],
)
def test_an_increment_brings_what_came_since_and_nothing_twice(system, sql, kind, values):
    sql("SET time_zone = '+00:00'", f"CREATE TABLE t (id int, at {kind})")
    sql(*[f"INSERT INTO t VALUES ({number}, {value})" for number, value in enumerate(values)])
    rows, state = system.read_on(table="t", cursor="at")
    assert rows.height == 4
    again, state = system.read_on(state, table="t", cursor="at")
    assert again.height == 0
    highest = sql(
        "SELECT id FROM t ORDER BY CAST(CONVERT(at USING utf8mb4) AS BINARY) DESC LIMIT 1"
    )
    top = values[3] if "unsigned" in kind or "char" in kind else values[highest[0][0]]
    sql(f"INSERT INTO t VALUES (7, {top}), (8, NULL)")
    rows, state = system.read_on(state, table="t", cursor="at")
    assert sorted(rows["id"]) == [7, 8]


def test_tables_are_found_with_keys_and_cursors_and_ours_are_hidden(system, sql):
    sql(
        "CREATE TABLE t (a int, b varchar(9), c datetime, d decimal(5,2), PRIMARY KEY (b, a))",
        "CREATE TABLE _millrace_commits (id int)",
        "CREATE VIEW v AS SELECT a FROM t",
    )
    found = system.discover()
    assert sorted(found) == ["t", "v"]
    assert found["t"].key == ("b", "a")
    assert found["t"].cursors == ("a", "c")
    assert found["v"].schema == {"a": pl.Int32()}


@pytest.mark.slow
def test_a_thousand_tables_are_found_in_a_few_statements(system, sql):
    for number in range(1000):
        sql(f"CREATE TABLE t{number} (id int PRIMARY KEY, name varchar(9), at datetime)")
    began = time.perf_counter()
    assert len(system.discover()) == 1000
    assert time.perf_counter() - began < 30


def test_a_read_can_be_interrupted_and_leaves_nothing_running(system, sql):
    query = "SELECT a.seq, SLEEP(0.001) AS s FROM seq_1_to_1000000 a"
    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"query": query}))
        timer = threading.Timer(0.5, connector.interrupt)
        timer.start()
        began = time.perf_counter()
        with pytest.raises(Exception, match="ended"):
            found.frame.collect(engine="streaming")
        assert time.perf_counter() - began < 60
        timer.join()
    running = (
        "SELECT count(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(0.001)%' "
        "AND ID <> connection_id()"
    )
    deadline = time.monotonic() + 60
    while sql(running) != [[0]] and time.monotonic() < deadline:
        continue
    assert sql(running) == [[0]]


def test_a_server_that_ends_our_session_is_a_transient_error(system, sql):
    with system.opened() as connector:
        query = "SELECT seq, repeat('x', 1000) AS filler FROM seq_1_to_1000000"
        found = connector.scan(validate(connector.ReadOptions, {"query": query}))
        killed, one_at_a_time = [], threading.Lock()

        def kill(batch):
            with one_at_a_time:
                if not killed:
                    running = sql(
                        "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = database() "
                        "AND ID <> connection_id()"
                    )
                    killed.extend(sql(f"KILL CONNECTION {number}") for [number] in running)
            return batch

        with pytest.raises(TransientError):
            found.frame.map_batches(kill, streamable=True).collect(engine="streaming")


def test_other_threads_go_on_while_the_server_thinks(system):
    ticks, is_over = [], threading.Event()

    def tick():
        while not is_over.wait(0.01):
            ticks.append(time.perf_counter())

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        assert system.read(query="SELECT SLEEP(3) AS s").height == 1
    finally:
        is_over.set()
        thread.join()
    longest = max(later - earlier for earlier, later in pairwise(ticks))
    assert longest < 2.5


def test_the_size_of_a_table_is_known_beforehand(system, many):
    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"table": "many"}))
    assert MANY * 0.5 < found.rows < MANY * 2
    assert found.size > 10_000_000


def test_dates_of_a_state_come_back_exactly(system, sql):
    sql("CREATE TABLE t (at datetime(6))", "INSERT INTO t VALUES ('2024-01-01 10:00:00.123456')")
    _, state = system.read_on(table="t", cursor="at")
    sql("INSERT INTO t VALUES ('2024-01-01 10:00:00.123457')")
    rows, _ = system.read_on(state, table="t", cursor="at")
    assert rows["at"].to_list() == [dt.datetime(2024, 1, 1, 10, 0, 0, 123457)]
