"""Queries: one harmless SELECT, and nothing else."""

import threading

import pytest

from connectors.errors import ConfigError, TransientError
from connectors.tests.sqlite.database import PEOPLE


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE t",
        "SELECT 1; DROP TABLE t",
        "SELECT 1) ; DROP TABLE t; --",
        "INSERT INTO t VALUES (1, 'x') RETURNING id",
        "WITH a AS (SELECT 1) DELETE FROM t",
        "ATTACH 'b.sqlite3' AS b",
        "PRAGMA user_version = 7",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_database_list",
        "SELECT fts3_tokenizer('x', x'00')",
        "SELEC 1",
        "SELECT ?",
        "-- nothing",
    ],
)
def test_queries_that_are_not_one_harmless_select_are_refused(system, query):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError):
        system.read(query=query)
    assert system.read(table="t").height == 3


def test_a_query_may_begin_in_many_ways(system):
    system.load(PEOPLE, table="t")
    for query in (
        "SELECT * FROM t",
        "WITH a AS (SELECT * FROM t) SELECT * FROM a; -- done",
        "VALUES (1), (2), (3)",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n",
    ):
        assert system.read(query=query).height == 3


def test_an_interrupted_read_ends(system):
    system.load(PEOPLE, table="t")
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    with system.opened() as connector:
        timer = threading.Timer(0.5, connector.interrupt)
        timer.start()
        with pytest.raises(TransientError, match="interrupted"):
            connector.scan(connector.ReadOptions(query=endless))
        timer.join()
