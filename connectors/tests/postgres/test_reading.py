"""Reading PostgreSQL: tables, views, queries, increments, one snapshot, and what breaks."""

import threading
import time

import polars as pl
import pytest

from connectors.configuration import validate
from connectors.errors import ConfigError, DataError, TransientError

# Long enough for several ranges of pages.
MANY = 400_000


@pytest.fixture
def many(sql):
    """A table of 400,000 rows that is read in several ranges by several sessions."""
    sql.execute(
        "CREATE TABLE many AS SELECT n AS id, repeat('x', 60) AS filler "
        f"FROM generate_series(1, {MANY}) n"
    )
    sql.execute("ANALYZE many")


def test_a_big_table_is_read_in_ranges_without_losing_or_doubling_a_row(system, many):
    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"table": "many"}))
        assert found.rows == MANY
        assert found.size > 30_000_000
        ids = found.frame.select("id").collect(engine="streaming")["id"]
    assert ids.len() == ids.n_unique() == MANY
    assert ids.cast(pl.Int64).sum() == MANY * (MANY + 1) // 2


def test_all_sessions_see_the_database_at_one_moment(system, sql, many):
    moved = []

    def move(batch):
        if not moved:
            moved.append(sql.execute("UPDATE many SET id = -id"))
            sql.execute("INSERT INTO many SELECT * FROM many")
        return batch

    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"table": "many"}))
        ids = found.frame.map_batches(move, streamable=True).collect(engine="streaming")["id"]
    assert (ids.len(), ids.min(), ids.max()) == (MANY, 1, MANY)


def test_partitions_and_heirs_are_read_through_their_table(system, sql):
    sql.execute("CREATE TABLE p (id int, at date) PARTITION BY RANGE (at)")
    for year in (2024, 2025):
        sql.execute(
            f"CREATE TABLE p_{year} PARTITION OF p "
            f"FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
        )
    sql.execute(
        "INSERT INTO p SELECT n, date '2024-01-01' + n % 700 FROM generate_series(1, 300000) n"
    )
    sql.execute("CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent)")
    sql.execute("INSERT INTO parent SELECT generate_series(1, 10)")
    sql.execute("INSERT INTO child SELECT generate_series(11, 400000)")
    assert sorted(system.read(table="p")["id"]) == list(range(1, 300_001))
    assert sorted(system.read(table="parent")["id"]) == list(range(1, 400_001))
    assert {"p", "parent", "child"} <= set(system.discover())
    assert "p_2024" not in system.discover()


def test_views_and_materialized_views_are_read(system, sql, many):
    sql.execute("CREATE VIEW v AS SELECT id FROM many WHERE id <= 3")
    sql.execute("CREATE MATERIALIZED VIEW m AS SELECT * FROM v")
    for name in ("v", "m"):
        assert sorted(system.read(table=name)["id"]) == [1, 2, 3]
        assert name in system.discover()


def test_an_empty_table_keeps_its_columns(system, sql):
    sql.execute("CREATE TABLE t (a int, b numeric(5,2)[], c jsonb)")
    found = system.read(table="t")
    assert (found.columns, found.height) == (["a", "b", "c"], 0)


def test_only_the_columns_that_are_needed_are_read(system, sql):
    sql.execute("CREATE TABLE t AS SELECT 1 AS a, 'NaN'::numeric(5,2) AS b, 3 AS c")
    assert system.read(table="t", columns=["c", "a"]).row(0) == (3, 1)
    with system.opened() as connector:
        frame = connector.scan(validate(connector.ReadOptions, {"table": "t"})).frame
        assert frame.select("a").collect().row(0) == (1,)
        assert frame.filter(pl.col("c") == 3).select("a").collect().height == 1
    with pytest.raises(ConfigError, match="no column 'd'; known: a, b, c"):
        system.read(table="t", columns=["d"])


def test_a_query_may_be_anything_that_selects(system, sql):
    sql.execute("CREATE TABLE t AS SELECT generate_series(1, 3) AS id")
    assert system.read(
        query="WITH x AS (SELECT * FROM t) SELECT id, 'a' || id AS \"A b\" FROM x "
        "ORDER BY id DESC; -- done"
    ).rows() == [(3, "a3"), (2, "a2"), (1, "a1")]
    assert system.read(query="VALUES (1, '%s{}')").rows() == [(1, "%s{}")]
    assert system.read(query='SELECT 1 AS a, 2 AS "A"').rows() == [(1, 2)]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("DELETE FROM t RETURNING *", "syntax error"),
        ("SELECT 1; DROP TABLE t", "syntax error|multiple commands"),
        ("SELECT 1) AS q; DROP TABLE t; SELECT * FROM (SELECT 1", "multiple commands"),
        ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", "top level"),
        ("SELECT nextval('counter')", "read-only"),
        ("SELECT no_such_column FROM t", "no_such_column"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT 1 AS a, 2 AS a", "'a'"),
    ],
)
def test_a_query_that_does_more_than_read_is_refused(system, sql, query, reason):
    sql.execute("CREATE TABLE t AS SELECT 1 AS id; CREATE SEQUENCE counter")
    with pytest.raises(ConfigError, match=reason):
        system.read(query=query)
    assert sql.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_an_error_in_the_middle_of_a_query_is_told(system):
    with pytest.raises(DataError, match="division by zero"):
        system.read(query="SELECT 1 / (100000 - n) AS x FROM generate_series(1, 200000) n")


def test_a_table_that_is_not_there_is_told_with_those_that_are(system, sql):
    sql.execute('CREATE TABLE "Orders" (id int)')
    with pytest.raises(ConfigError, match=r"no table or view public.orders; there are: public.Ord"):
        system.read(table="orders")


def test_discover_tells_keys_and_cursors(system, sql):
    sql.execute("CREATE SCHEMA sales")
    sql.execute(
        "CREATE TABLE sales.orders (b int, a int, at timestamptz, price numeric, note text, "
        "PRIMARY KEY (a, b))"
    )
    found = system.discover()["orders"]
    assert (found.namespace, found.key) == ("sales", ("a", "b"))
    assert found.cursors == ("b", "a", "at")
    assert found.options == {"table": "sales.orders"}


def test_a_thousand_tables_are_discovered_with_two_statements(system, sql, settings):
    for at in range(1000):
        sql.execute(f"CREATE TABLE t{at} (id int PRIMARY KEY, name text)")
    with system.opened() as connector:
        began = time.perf_counter()
        assert len(connector.discover()) == 1000
        assert time.perf_counter() - began < 30


def test_an_increment_reads_what_came_since(system, sql):
    sql.execute("CREATE TABLE t (id int, at timestamptz, name text)")
    sql.execute(
        "INSERT INTO t VALUES (1, '2026-01-01', 'a'), (2, '2026-01-02', 'b'), (3, NULL, 'c')"
    )
    options = {"table": "t", "cursor": "at", "columns": ["id"]}
    first, state = system.read_on(None, **options)
    assert sorted(first["id"]) == [1, 2, 3]
    assert first.columns == ["id"]
    again, state = system.read_on(state, **options)
    assert again.height == 0
    sql.execute("INSERT INTO t VALUES (4, '2026-01-02', 'd'), (5, '2026-01-03', 'e')")
    more, state = system.read_on(state, **options)
    assert sorted(more["id"]) == [4, 5]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("int", ["-5", "3", "20"]),
        ("numeric(10,2)", ["-0.50", "3.10", "20.00"]),
        ("date", ["2024-01-31", "2024-02-29", "2026-01-01"]),
        ("timestamp", ["2024-01-01 00:00:00.000001", "2024-01-01 00:00:00.000002", "2025-01-01"]),
        ("text", ["B", "a", "é'\\%s"]),
        ("char(3)", ["B", "a", "é"]),
    ],
)
def test_a_cursor_of_each_type_goes_on_where_it_was(system, sql, kind, values):
    sql.execute(f"CREATE TABLE t (c {kind}); CREATE INDEX ON t (c)")
    state, seen = None, []
    for value in values:
        sql.execute("INSERT INTO t VALUES (%s)", (value,))
        found, state = system.read_on(state, table="t", cursor="c")
        seen.append(found.height)
    assert seen == [1, 1, 1]


def test_a_cursor_that_does_not_sort_as_in_the_database_is_refused(system, sql):
    sql.execute("CREATE TABLE t (n numeric, b boolean)")
    for column in ("n", "b"):
        with pytest.raises(ConfigError, match="cannot be a cursor"):
            system.read(table="t", cursor=column)
    with pytest.raises(ConfigError, match="no column 'x'"):
        system.read(table="t", cursor="x")


def test_a_read_whose_session_is_ended_may_be_tried_again(system, sql, many):
    ended = []

    def end_session(batch):
        if not ended:
            ended.extend(
                sql.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'millrace' AND datname = current_database()"
                ).fetchall()
            )
        return batch

    with system.opened() as connector:
        found = connector.scan(
            validate(
                connector.ReadOptions, {"query": "SELECT * FROM many a, generate_series(1, 20)"}
            )
        )
        with pytest.raises(TransientError):
            found.frame.map_batches(end_session, streamable=True).collect(engine="streaming")


def test_a_read_can_be_interrupted_while_the_server_thinks(system, sql):
    query = "SELECT count(*) AS n FROM generate_series(1, 10000) a, generate_series(1, 10000000) b"
    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"query": query}))

        def interrupt_when_it_runs():
            running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%generate_series%' AND state = 'active' AND datname = current_database()"
            while sql.execute(running).fetchone() is None:
                pass
            began.append(time.perf_counter())
            connector.interrupt()

        began = []
        thread = threading.Thread(target=interrupt_when_it_runs)
        thread.start()
        with pytest.raises(Exception, match=r"ended|terminating"):
            found.frame.collect(engine="streaming")
        assert time.perf_counter() - began[0] < 30
        thread.join()


def test_a_preview_of_a_few_rows_ends_the_reading(system, sql, many):
    with system.opened() as connector:
        found = connector.scan(validate(connector.ReadOptions, {"table": "many"}))
        assert found.frame.head(5).collect(engine="streaming").height == 5
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'millrace' AND datname = current_database() AND state <> 'idle'"
    assert sql.execute(left).fetchone() == (0,)
