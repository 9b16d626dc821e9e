"""The step `sql`: what it does, and that it sees its input and nothing else."""

from pathlib import Path

import duckdb
import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest

from connectors.errors import ConfigError
from connectors.shaping.vetting import FUNCTIONS
from connectors.tests.steps.frames import run
from connectors.transformers.sql import Sql, SqlConfig

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", None, "c"], "n": [10, 20, 30]})


def rows(query):
    return run("sql", {"query": query}, ROWS).rows()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT id, n * 2 AS m FROM input WHERE name IS NOT NULL", [(1, 20), (3, 60)]),
        ("from self select sum(n)", [(60,)]),
        ("SELECT input.id FROM INPUT ORDER BY id DESC LIMIT 1", [(3,)]),
        ("WITH big AS (SELECT * FROM input WHERE n > 10) SELECT count(*) FROM big", [(2,)]),
        ("SELECT a.id FROM input a JOIN self b ON a.id = b.id + 1 ORDER BY 1", [(2,), (3,)]),
        ("SELECT id FROM input WHERE n = (SELECT max(n) FROM self)", [(3,)]),
        ("SELECT lag(n) OVER (ORDER BY id) FROM input", [(None,), (10,), (20,)]),
        ("SELECT id, x FROM input, unnest([7]) t(x) WHERE id = 1", [(1, 7)]),
        ("SELECT coalesce(name, 'none') || '!' FROM input WHERE id = 2", [("none!",)]),
        ("SELECT * EXCLUDE (name, n) FROM input QUALIFY row_number() OVER () < 2", [(1,)]),
        ("SELECT id FROM input EXCEPT SELECT 2 ORDER BY id", [(1,), (3,)]),
        ("SELECT list_transform([1, 2], lambda x: x + 1)", [([2, 3],)]),
        ("VALUES (1)", [(1,)]),
        (
            "WITH RECURSIVE t AS (SELECT 1 x UNION ALL SELECT x + 1 FROM t WHERE x < 3) FROM t",
            [(1,), (2,), (3,)],
        ),
    ],
)
def test_a_select_shapes_the_rows(query, expected):
    assert rows(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        'SELECT * FROM "https://example.org/x.parquet"',
        "SELECT * FROM glob('/*')",
        "SELECT * FROM input, read_csv('/etc/passwd')",
        "SELECT (SELECT content FROM read_text('/etc/passwd')) FROM input",
        "SELECT id FROM input WHERE EXISTS (FROM read_text('/etc/passwd'))",
        "SELECT id FROM input ORDER BY (SELECT count(*) FROM '/etc/passwd')",
        "SELECT id FROM input LIMIT (SELECT count(*) FROM '/etc/passwd')",
        "WITH x AS (FROM read_text('/etc/passwd')) SELECT * FROM x",
        "WITH x AS MATERIALIZED (FROM '/etc/passwd') SELECT 1",
        "SELECT 1 UNION ALL SELECT count(*) FROM '/etc/passwd'",
        "SELECT sum(n) FILTER (WHERE n > (SELECT count(*) FROM '/etc/passwd')) FROM input",
        "SELECT sum(n) OVER (ORDER BY (SELECT count(*) FROM '/etc/passwd')) FROM input",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('input')",
        "SELECT json_execute_serialized_sql('x')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM main.input",
        "SELECT * FROM pg_catalog.pg_class",
        "WITH sqlite_master AS (FROM sqlite_master) FROM sqlite_master",
        "SELECT (WITH pg_class AS (SELECT 1) SELECT 1), * FROM pg_class",
        "WITH a AS (FROM b), b AS (SELECT 1) FROM a",
        "WITH input AS (SELECT 1) FROM input",
        "SELECT getenv('HOME')",
        "SELECT current_setting('memory_limit')",
        "SELECT getvariable('x')",
        "SELECT current_user",
        "SELECT now()",
        "SELECT nextval('s')",
        "SELECT 'x'::inet",
        "SELECT name COLLATE de FROM input",
        "SELECT * FROM range(1000000000000)",
        "SELECT ?",
        "DESCRIBE input",
        "SUMMARIZE input",
        "SHOW TABLES",
        "PRAGMA version",
        "PRAGMA database_list",
        "COPY input TO '/tmp/stolen.csv'",
        "COPY (SELECT 1) TO '/tmp/stolen.csv'",
        "EXPORT DATABASE '/tmp/stolen'",
        "ATTACH '/etc/passwd' AS x",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '1TB'",
        "RESET memory_limit",
        "CREATE TABLE t AS FROM input",
        "DROP VIEW input",
        "INSERT INTO input VALUES (1)",
        "CALL pragma_version()",
        "EXPLAIN SELECT 1",
        "SELECT 1; SELECT 2",
        "SELECT 1; ATTACH '/tmp/x'",
        "SELECT 1 -- \n; COPY input TO '/tmp/stolen.csv'",
        "SELECT",
        "",
        "not sql",
    ],
)
def test_all_else_is_refused_already_when_it_is_saved(query):
    with pytest.raises(ValueError, match="query"):
        SqlConfig.model_validate({"query": query})
    assert not Path("/tmp/stolen.csv").exists()


@pytest.mark.parametrize(
    "deep",
    ["not " * 150 + "true", "1" + " + 1" * 500, "abs(" * 300 + "1" + ")" * 300, "[" * 2000],
)
def test_what_is_nested_too_deeply_is_refused(deep):
    with pytest.raises(ValueError, match=r"too deeply|depth limit|syntax error"):
        SqlConfig(query=f"SELECT {deep} FROM input")


def test_what_is_refused_is_named():
    with pytest.raises(ValueError, match="the function 'read_csv' in FROM is not possible"):
        SqlConfig(query="SELECT * FROM read_csv('/etc/passwd')")
    with pytest.raises(ValueError, match="There is no table 'orders'; there is: input"):
        SqlConfig(query="SELECT * FROM orders")
    with pytest.raises(ValueError, match="Only SELECT is possible"):
        SqlConfig(query="ATTACH 'x'")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT nme FROM input", "nme.*; the columns are: id, name, n"),
        ("SELECT id, id FROM input", "There is a column 'id' already"),
        ("SELECT name + 1 FROM input WHERE upper(id)", "the columns are: id, name, n"),
    ],
)
def test_what_does_not_go_with_the_columns_is_told(query, told):
    with pytest.raises(ConfigError, match=told):
        rows(query)


def test_two_steps_stand_on_one_another():
    first, second = (
        Sql(SqlConfig(query="SELECT n + 1 AS n FROM input")),
        Sql(SqlConfig(query="SELECT sum(n) AS s FROM input")),
    )
    with duckdb.connect() as connection:
        frame = nw.from_native(connection.from_arrow(ROWS))
        once = first.apply(frame)
        assert nw.to_native(second.apply(first.apply(once))).fetchall() == [(66,)]
        assert nw.to_native(once).fetchall() == [(11,), (21,), (31,)]


def test_rows_that_can_be_read_only_once_are_read_once():
    """An Arrow stream is used up by its first reader, and a join reads its input twice."""
    batches = ROWS.to_arrow().to_batches()
    reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
    step = Sql(SqlConfig(query="SELECT count(*) FROM input a JOIN self b USING (id)"))
    with duckdb.connect() as connection:
        made = step.apply(nw.from_native(connection.from_arrow(reader)))
        assert nw.to_native(made).fetchall() == [(3,)]


def test_the_functions_that_may_be_called_are_harmless():
    words = ("read", "write", "file", "glob", "parquet_", "setting", "env", "query", "attach")
    words += ("pragma", "pg_", "duckdb_", "current_", "variable", "nextval", "sleep", "extension")
    assert [name for name in FUNCTIONS if any(word in name for word in words)] == []
