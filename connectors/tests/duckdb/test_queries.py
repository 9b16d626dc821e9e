"""Queries: one SELECT on this file, and nothing else."""

import threading

import pytest

from connectors.errors import ConfigError, DataError, TransientError
from connectors.tests.duckdb.database import PEOPLE, run_sql


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE t",
        "SELECT 1; DROP TABLE t",
        "SELECT 1) AS q; DROP TABLE t; --",
        "INSERT INTO t VALUES (1, 'x') RETURNING id",
        "COPY t TO 'out.csv'",
        "SET threads = 1",
        "ATTACH 'b.duckdb'",
        "INSTALL httpfs",
        "PRAGMA database_list",
        "SELEC 1",
        "-- nothing",
    ],
)
def test_queries_that_are_not_one_select_are_refused(system, query):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError):
        system.read(query=query)
    assert system.read(table="t").height == 3


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('a.duckdb')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM 'http://127.0.0.1:1/x.parquet'",
        "SELECT nextval('numbers')",
    ],
)
def test_queries_reach_the_file_and_nothing_else_and_change_nothing(system, query):
    run_sql(system, "CREATE SEQUENCE numbers")
    with pytest.raises((ConfigError, TransientError, DataError)):
        system.read(query=query)
    # In a process that also writes, the file is open for writing.
    with system.opened() as writer:
        writer.committed(writer.target(writer.WriteOptions(table="t"), "s"))
        with pytest.raises((ConfigError, TransientError, DataError)):
            system.read(query=query)
    assert run_sql(system, "SELECT nextval('numbers')") == [(1,)]


def test_a_query_may_begin_in_many_ways(system):
    system.load(PEOPLE, table="t")
    for query in (
        "FROM t",
        "WITH a AS (FROM t) SELECT * FROM a; -- done",
        "VALUES (1), (2), (3)",
        "SELECT id FROM t UNION ALL SELECT 1 LIMIT 3;",
    ):
        assert system.read(query=query).height == 3


def test_rows_that_cannot_be_computed_are_an_error_of_the_data(system):
    system.load(PEOPLE, table="t")
    with pytest.raises(DataError, match="Could not convert"):
        system.read(query="SELECT CAST(name AS INTEGER) AS x FROM t")


def test_an_interrupted_read_ends(system):
    with system.opened() as connector:
        system.load(PEOPLE, table="t")
        endless = "SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b"
        frame = connector.scan(connector.ReadOptions(query=endless)).frame
        timer = threading.Timer(0.5, connector.interrupt)
        timer.start()
        with pytest.raises(TransientError, match=r"[Ii]nterrupt"):
            frame.collect(engine="streaming")
        timer.join()
